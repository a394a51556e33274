use std::collections::HashMap;

use super::facts::Facts;
use super::unchecked::Unchecked;
use crate::conf::Node;
use crate::diag::Span;

/// The lines of a configuration after expansion, kept for rules that look at several blocks.
#[derive(Clone, Debug, Default)]
pub(super) struct Outline {
    lines: Vec<Line>,
    kinds: HashMap<Box<str>, Kind>,
    /// The first script that a virtual server names, and where the virtual server stands.
    script: Option<(usize, Span)>,
    pub(super) unchecked: Unchecked,
    /// What is kept of the insides of virtual servers.
    pub(super) facts: Facts,
}

/// Where the outermost lines of one keyword stand, all and by their names.
#[derive(Clone, Debug, Default)]
struct Kind {
    all: Vec<usize>,
    named: HashMap<Box<str>, Vec<usize>>,
}

/// A line and the lines of its block.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// Never empty.
    words: Vec<Word>,
    pub(super) inner: Vec<Line>,
    /// Nothing of its block is left out for depending on the host.
    pub(super) whole: bool,
    /// A brace opens a block behind it.
    pub(super) opens: bool,
}

/// A word without its quotes, and the place it was written at.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub(super) text: Box<str>,
    /// Of the word as keepalived has it.
    pub(super) bytes: usize,
    pub(super) span: Span,
}

impl Outline {
    /// Takes an outermost line up, unless only the host knows what it says.
    pub(super) fn add(&mut self, node: Node<'_>) {
        if node.opaque() {
            return;
        }
        let at = self.lines.len();
        let line = if node.keyword().bytes == b"virtual_server" {
            // There may be very many: what rules look for in them they see while they are read.
            if self.script.is_none() {
                self.script = self.facts.script.map(|script| (at, script));
            }
            self.unchecked.add(node);
            Line::head(node)
        } else {
            Line::of(node)
        };
        let kind = match self.kinds.get_mut(line.keyword()) {
            Some(kind) => kind,
            None => self.kinds.entry(line.keyword().into()).or_default(),
        };
        kind.all.push(at);
        kind.named.entry(line.name().into()).or_default().push(at);
        self.lines.push(line);
    }

    /// The first script that a virtual server names, and the place of the virtual server among
    /// the outermost lines.
    pub(super) fn script(&self) -> Option<(usize, Span)> {
        self.script
    }

    /// All outermost lines, in their order; of virtual servers only what stands before the brace.
    pub(super) fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Outermost blocks that begin with `keyword`, in their order.
    pub(super) fn each(&self, keyword: &str) -> impl Iterator<Item = &Line> {
        self.each_at(keyword).map(|(_, line)| line)
    }

    /// The same, with their places in the order of the text.
    pub(super) fn each_at(&self, keyword: &str) -> impl Iterator<Item = (usize, &Line)> {
        let all = self.kinds.get(keyword).map_or(&[][..], |kind| &kind.all);
        all.iter().map(|at| (*at, &self.lines[*at]))
    }

    /// Outermost blocks that begin with `keyword` and `name`, with their places.
    pub(super) fn named(&self, keyword: &str, name: &str) -> impl Iterator<Item = (usize, &Line)> {
        let named = self
            .kinds
            .get(keyword)
            .and_then(|kind| kind.named.get(name));
        let named = named.map_or(&[][..], Vec::as_slice);
        named.iter().map(|at| (*at, &self.lines[*at]))
    }

    /// Lines of all `global_defs` that begin with `keyword`.
    pub(super) fn globals<'o>(&'o self, keyword: &str) -> impl Iterator<Item = &'o Line> {
        self.each("global_defs")
            .flat_map(move |block| block.each(keyword))
    }
}

impl Line {
    fn of(node: Node<'_>) -> Self {
        let inner = node.children().filter(|inner| !inner.opaque());
        Self {
            inner: inner.map(Self::of).collect(),
            ..Self::head(node)
        }
    }

    /// Without its block.
    fn head(node: Node<'_>) -> Self {
        let words = node.words().map(|word| Word {
            text: word.shown().into(),
            bytes: word.bytes.len(),
            span: word.span,
        });
        Self {
            words: words.collect(),
            inner: Vec::new(),
            whole: !node.children().any(Node::opaque),
            opens: node.open().is_some(),
        }
    }

    pub(super) fn keyword(&self) -> &str {
        &self.words[0].text
    }

    /// All words, the keyword first.
    pub(super) fn words(&self) -> &[Word] {
        &self.words
    }

    pub(super) fn arguments(&self) -> &[Word] {
        &self.words[1..]
    }

    /// The first word behind the keyword: of most blocks the name.
    pub(super) fn argument(&self) -> Option<&Word> {
        self.words.get(1)
    }

    pub(super) fn name(&self) -> &str {
        self.argument().map_or("", |word| &word.text)
    }

    /// Where its keyword stands.
    pub(super) fn place(&self) -> Span {
        self.words[0].span
    }

    /// Where its name stands, or its keyword.
    pub(super) fn named_place(&self) -> Span {
        self.argument().map_or(self.place(), |word| word.span)
    }

    /// Lines of its block that begin with `keyword`, in their order.
    pub(super) fn each<'l>(&'l self, keyword: &str) -> impl Iterator<Item = &'l Line> {
        self.inner
            .iter()
            .filter(move |line| line.keyword() == keyword)
    }

    pub(super) fn first(&self, keyword: &str) -> Option<&Line> {
        self.each(keyword).next()
    }

    pub(super) fn last(&self, keyword: &str) -> Option<&Line> {
        self.each(keyword).last()
    }

    /// Lines of all its blocks that begin with `keyword`.
    pub(super) fn within<'l>(&'l self, keyword: &str) -> impl Iterator<Item = &'l Line> {
        self.each(keyword).flat_map(|block| &block.inner)
    }
}
