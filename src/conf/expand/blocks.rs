use super::line::Line;
use crate::conf::braces;
use crate::conf::findings::Findings;
use crate::conf::keyword;
use crate::conf::rules;
use crate::conf::tree::{Entry, From, Node, Piece, Tree};
use crate::conf::written::{self, Kind};
use crate::diag::{Diagnostic, SourceId, Sources, Span};

/// Blocks within blocks, deeper than anybody means them.
const DEEPEST: usize = 32;

/// Who takes each outermost line with its block as soon as it is complete.
pub(in crate::conf) trait Sink {
    fn block(&mut self, node: Node<'_>, findings: &mut Findings);

    /// How many bytes of the text were read before and came to what they come to now; the sink has
    /// taken that up. The text begins an outermost line.
    fn again(&mut self, text: &[u8], at: Span, findings: &mut Findings) -> Option<usize>;

    /// The block just taken, of which there was nothing to say, is the whole of this text.
    fn whole(&mut self, text: &[u8], at: Span);
}

/// Lines and braces → one outermost block after another.
pub(super) struct Blocks<'a> {
    pub(super) sink: &'a mut dyn Sink,
    tree: Tree,
    root: Option<keyword::Kind>,
    open: Vec<Open>,
    /// The line just read, which a brace would belong to.
    last: Option<usize>,
    /// Outermost lines that went to the sink.
    pub(super) handed_on: usize,
}

/// A block that is still open.
#[derive(Clone, Copy)]
struct Open {
    brace: Span,
    /// Its line; `None` where no keyword stands before the brace, so that its inside is dropped.
    owner: Option<usize>,
    /// What may stand inside, where that is known.
    kind: Option<keyword::Kind>,
    /// What was there when it opened.
    nodes: usize,
    words: usize,
}

impl<'a> Blocks<'a> {
    pub(super) fn new(sink: &'a mut dyn Sink) -> Self {
        Self {
            sink,
            tree: Tree::default(),
            root: keyword::Kind::named("root"),
            open: Vec::new(),
            last: None,
            handed_on: 0,
        }
    }

    /// No block is open.
    pub(super) fn outermost(&self) -> bool {
        self.open.is_empty()
    }

    /// All that was read went to the sink.
    pub(super) fn idle(&self) -> bool {
        self.open.is_empty() && self.tree.nodes.is_empty()
    }

    /// Starts a line that begins with `keyword`; its words follow.
    pub(super) fn line(&mut self, keyword: &[u8], sources: &Sources, findings: &mut Findings) {
        let known = self.known(keyword);
        self.begin(known, sources, findings);
    }

    fn begin(
        &mut self,
        known: Option<&'static keyword::Keyword>,
        sources: &Sources,
        findings: &mut Findings,
    ) {
        if self.open.is_empty() {
            self.hand_on(sources, findings);
        }
        let index = self.tree.nodes.len();
        let small = |at| u32::try_from(at).unwrap_or(u32::MAX);
        self.tree.nodes.push(Entry {
            first_word: small(self.tree.words.len()),
            words: 0,
            end: small(index + 1),
            open: None,
            line: (0, 0),
            opaque: false,
            known,
        });
        self.last = Some(index);
    }

    /// The row of a keyword that stands here.
    fn known(&self, keyword: &[u8]) -> Option<&'static keyword::Keyword> {
        let kind = self.open.last().map_or(self.root, |open| open.kind);
        kind?.find(keyword)
    }

    /// A word of the line just started, as it is written.
    pub(super) fn word(&mut self, span: Span) {
        self.push(Piece {
            span,
            from: From::Written,
        });
    }

    fn push(&mut self, piece: Piece) {
        self.tree.words.push(piece);
        if let Some(node) = self.tree.nodes.last_mut() {
            node.words += 1;
        }
    }

    /// A whole line without braces, which may be made of several pieces.
    pub(super) fn made(&mut self, line: &Line, opaque: bool, to: (&mut Sources, &mut Findings)) {
        let (sources, findings) = to;
        if written::blanks(&line.text) == line.text.len() {
            return;
        }
        self.begin(None, sources, findings);
        let base = self.tree.expanded.len();
        let small = |at| u32::try_from(at).unwrap_or(u32::MAX);
        let mut lost = opaque;
        let mut known = None;
        let mut length = 0;
        for token in written::words(&line.text) {
            let (start, end) = (token.start as usize, token.end as usize);
            let span = line.span(start..end, sources);
            if token.kind == Kind::Unterminated {
                let text = "the quote is not closed on its line";
                findings.refuse(&rules::UNTERMINATED_QUOTE, span, text);
                lost = true;
                break;
            }
            let quote = usize::from(token.kind == Kind::Quoted);
            let word = start + quote..end - quote;
            if length == 0 {
                known = self.known(&line.text[word.clone()]);
            }
            self.push(Piece {
                span,
                from: From::Expanded(small(base + word.start), small(base + word.end)),
            });
            if std::str::from_utf8(&line.text[start..end]).is_err() {
                findings.warn(&rules::NOT_UTF8, span, "kept as it is");
            }
            length = end;
        }
        self.tree.expanded.extend_from_slice(&line.text);
        let first = written::blanks(&line.text);
        let Some(node) = self.tree.nodes.last_mut() else {
            return;
        };
        node.line = (small(base + first), small(base + length));
        node.opaque = lost;
        node.known = known.filter(|_| !lost);
        if node.words == 0 {
            // The line was nothing but an open quote.
            self.tree.nodes.pop();
            self.last = None;
        }
    }

    /// False where reading on makes no sense.
    pub(super) fn open(&mut self, brace: Span, sources: &Sources, findings: &mut Findings) -> bool {
        if self.open.len() >= DEEPEST {
            let text = format!("the {}th block within a block", self.open.len() + 1);
            let outer = self.open[0].brace;
            let finding = Diagnostic::new(&rules::TOO_DEEP, brace, text)
                .context(outer, "the outermost opens here");
            findings.report(finding.refuse());
            return false;
        }
        let owner = self.last.take();
        if let Some(owner) = owner {
            self.tree.nodes[owner].open = Some(brace);
        } else {
            if self.open.is_empty() {
                self.hand_on(sources, findings);
            }
            let text = "no keyword stands before it";
            let finding = Diagnostic::new(&rules::UNEXPECTED_BRACE, brace, text)
                .note("keepalived goes on with what is inside as if it stood outside");
            findings.report(finding.refuse());
        }
        self.open.push(Open {
            brace,
            owner,
            kind: owner.and_then(|owner| self.tree.nodes[owner].known?.opens()),
            nodes: self.tree.nodes.len(),
            words: self.tree.words.len(),
        });
        true
    }

    pub(super) fn close(&mut self, brace: Span, sources: &Sources, findings: &mut Findings) {
        self.last = None;
        if self.open.is_empty() {
            findings.refuse(&rules::UNBALANCED_BRACE, brace, braces::SURPLUS);
            return;
        }
        self.pop(sources, findings);
    }

    fn pop(&mut self, sources: &Sources, findings: &mut Findings) {
        let Some(open) = self.open.pop() else { return };
        if let Some(owner) = open.owner {
            let end = u32::try_from(self.tree.nodes.len()).unwrap_or(u32::MAX);
            self.tree.nodes[owner].end = end;
        } else {
            self.tree.nodes.truncate(open.nodes);
            self.tree.words.truncate(open.words);
        }
        if self.open.is_empty() {
            self.hand_on(sources, findings);
        }
    }

    /// Nothing more belongs to the outermost line.
    pub(super) fn hand_on(&mut self, sources: &Sources, findings: &mut Findings) {
        if let Some(root) = self.tree.root(sources) {
            self.sink.block(root, findings);
            self.handed_on += 1;
        }
        self.tree.clear();
        self.last = None;
    }

    /// The text is at its end, or reading was given up; then open blocks are no finding.
    pub(super) fn end(mut self, given_up: bool, sources: &Sources, findings: &mut Findings) {
        // One finding, at the innermost block that is open: the others follow from it.
        if let Some(open) = self.open.last().filter(|_| !given_up) {
            let text = match self.open.len() {
                1 => "this block is not closed".to_owned(),
                many => format!("this block and {} around it are not closed", many - 1),
            };
            let finding = Diagnostic::new(&rules::UNBALANCED_BRACE, open.brace, text)
                .note("the file may have been cut off; nothing of it is used")
                .note("keepalived would go on with what it has read so far");
            findings.report(finding.refuse());
        }
        while !self.open.is_empty() {
            self.pop(sources, findings);
        }
        self.hand_on(sources, findings);
    }
}

/// Words and braces of a line without quotes or anything to expand, straight from the file.
pub(super) fn plain_span(source: SourceId, start: usize, end: usize) -> Span {
    let small = |at| u32::try_from(at).unwrap_or(u32::MAX);
    Span {
        source,
        start: small(start),
        end: small(end),
    }
}
