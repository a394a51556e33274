//! What a release of keepalived does not know.

use std::collections::HashMap;
use std::fmt;

use super::inspection::Inspection;
use super::lexical::line::Line;
use super::looks::known_lines;
use crate::conf::Node;
use crate::conf::keyword::{Inside, KEYWORDS, Keyword};
use crate::conf::written::Kind;
use crate::diag::{Diagnostic, Sources, Span, rule};

rule! {
    /// A word or a form of the language is younger than the keepalived that is to read it. Looked
    /// for only where `--target` names one.
    ///
    /// The older keepalived reports an unknown keyword and ignores the line, of a block its first
    /// line alone. A form it does not know, such as `${_ENV NAME}`, it reads as something else.
    ///
    /// ```text
    /// UDP_CHECK {
    /// ```
    ///
    /// Remedy: do without it, or update keepalived first. A word used several times is one finding.
    RULE: Warning silent "newer-than-target", "the keepalived that is to read this does not know it";
}

pub(super) const INSPECTION: Inspection = Inspection::of_target(&RULE);

/// A release of keepalived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release(pub u8, pub u8, pub u8);

impl Release {
    /// `None` for what is no release.
    fn named(name: &str) -> Option<Self> {
        let mut numbers = name.split('.').map(|number| number.parse().ok());
        let mut next = || numbers.next().flatten();
        Some(Self(next()?, next()?, next()?))
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// Finds what is newer than one release.
pub(super) struct Newer {
    target: Release,
    /// By what is new: its finding, and how often it occurs again.
    found: Vec<(Diagnostic, usize)>,
    known: HashMap<&'static str, usize>,
}

/// Forms of the text itself, and the release that brought each.
const FORMS: [(&str, Release); 4] = [
    ("~LST", Release(2, 1, 0)),
    ("${_HASH}", Release(2, 1, 4)),
    ("${_BANG}", Release(2, 1, 4)),
    ("${_ENV", Release(2, 4, 0)),
];
const INCLUDES: [&str; 5] = ["includer", "includem", "includew", "includeb", "includea"];

impl Newer {
    pub(super) fn than(target: Release) -> Self {
        let (found, known) = Default::default();
        Self {
            target,
            found,
            known,
        }
    }

    /// Looks at the known lines of an outermost block.
    pub(super) fn at_block(&mut self, node: Node<'_>) {
        for (known, line) in known_lines(node) {
            self.line(known, line);
        }
    }

    fn line(&mut self, known: &'static Keyword, node: Node<'_>) {
        if let Some(since) = known.since.and_then(Release::named) {
            self.seen(known.word, since, node.keyword().span);
        }
    }

    fn seen(&mut self, what: &'static str, since: Release, place: Span) {
        if since <= self.target {
            return;
        }
        if let Some(at) = self.known.get(what) {
            self.found[*at].1 += 1;
            return;
        }
        let text = format!("{what} came with {since}, after {}", self.target);
        self.known.insert(what, self.found.len());
        self.found.push((Diagnostic::new(&RULE, place, text), 0));
    }

    /// What was found in the blocks, and in the text of the files.
    pub(super) fn finish(mut self, sources: &Sources, found: &mut Vec<Diagnostic>) {
        for (source, text) in sources.texts() {
            let mut open = Open::default();
            for line in Line::all(text, source) {
                self.forms(&line, open.innermost());
                open.pass(&line);
            }
        }
        found.extend(self.found.into_iter().map(|(finding, more)| match more {
            0 => finding,
            1 => finding.note("once more below"),
            many => finding.note(format!("{many} times more")),
        }));
    }

    fn forms(&mut self, line: &Line<'_>, in_list: bool) {
        for (form, since) in FORMS {
            if let Some(at) = memchr::memmem::find(line.active, form.as_bytes()) {
                self.seen(form, since, line.span(at, form.len()));
            }
        }
        let first = line.bare().next();
        let Some((at, word)) = first.filter(|(_, word)| word.starts_with(b"include")) else {
            return;
        };
        if let Some(form) = INCLUDES.iter().find(|form| form.as_bytes() == word) {
            self.seen(form, Release(2, 2, 0), line.span(at, form.len()));
        } else if in_list && word == b"include" {
            let place = line.span(at, word.len());
            self.seen("include in a list", Release(2, 1, 4), place);
        }
    }
}

/// The blocks that are open at a line of a text.
#[derive(Default)]
struct Open<'t> {
    /// Of each, whether its lines are values and no keywords.
    lists: Vec<bool>,
    /// The word that a brace would belong to.
    last: &'t [u8],
}

impl<'t> Open<'t> {
    /// Whether the innermost is a list.
    fn innermost(&self) -> bool {
        self.lists.last() == Some(&true)
    }

    fn pass(&mut self, line: &Line<'t>) {
        let mut first = true;
        for token in line.words() {
            match token.kind {
                Kind::Open => {
                    self.lists.push(self.opens_list());
                    first = true;
                }
                Kind::Close => {
                    self.lists.pop();
                    first = true;
                }
                _ if std::mem::take(&mut first) => {
                    self.last = &line.active[token.start as usize..token.end as usize];
                }
                _ => {}
            }
        }
    }

    /// One word may mean a list within a block and another block outside all.
    fn opens_list(&self) -> bool {
        let outside = self.lists.is_empty();
        let lists = |known: &Keyword| matches!(known.inside, Inside::Values(_));
        let mut known = KEYWORDS.iter().copied().filter(|known| {
            known.word.as_bytes() == self.last && (known.block == "root") == outside
        });
        known.any(lists)
    }
}
