//! Texts → blocks: comments go, conditional lines are decided, sequences and parameters become
//! text, includes are read. Every word keeps the place it was written at.
//!
//! A line with nothing to expand, as almost every line is, goes straight from the bytes of its
//! file into the tree (`plain`); any other becomes a [`Line`] that knows where each piece is from.

mod blocks;
mod definition;
mod include;
mod line;
mod parameters;
mod reference;
mod repeat;
mod sequence;
mod statement;
mod watch;
mod whole;

use std::collections::{BTreeSet, HashSet};

pub(super) use blocks::Sink;

use super::files::Files;
use super::findings::Findings;
use super::options::Options;
use super::rules;
use super::written;
use crate::diag::{Diagnostic, Rule, SourceId, Sources, Span};
use blocks::{Blocks, plain_span};
use definition::{Definition, Definitions};
use line::Line;
use watch::{Asks, Watch};
use whole::Whole;

/// Bytes of a line beyond what anybody writes.
const LONGEST_LINE: usize = 65_536;

/// What reading gave, beside the blocks that went to the sink.
pub(super) struct Expanded {
    pub(super) sources: Sources,
    pub(super) findings: Findings,
    /// Ids that conditional lines are compared with, as far as they are text.
    pub(super) ids: BTreeSet<String>,
}

/// Reads `path` and all it includes.
///
/// Never fails: what cannot be read or understood is a finding beside `findings`, and the rest goes to
/// the sink.
pub(super) fn read(
    files: &dyn Files,
    path: &str,
    options: &Options<'_>,
    findings: Findings,
    sink: &mut dyn Sink,
) -> Expanded {
    let mut reader = Reader {
        files,
        options,
        to: Expanded {
            sources: Sources::default(),
            findings,
            ids: BTreeSet::new(),
        },
        blocks: Blocks::new(sink),
        definitions: Definitions::default(),
        defining: None,
        chain: Vec::new(),
        files_read: 0,
        includes: 0,
        expanded: 0,
        random: 0x9e37_79b9_7f4a_7c15,
        elsewhere: HashSet::new(),
        stopped: false,
    };
    reader.first(path);
    let Reader {
        mut to,
        blocks,
        stopped,
        ..
    } = reader;
    blocks.end(stopped, &to.sources, &mut to.findings);
    to
}

struct Reader<'a> {
    files: &'a dyn Files,
    options: &'a Options<'a>,
    to: Expanded,
    blocks: Blocks<'a>,
    definitions: Definitions,
    /// A definition whose last line is still to come: its name and its lines so far.
    defining: Option<(Vec<u8>, Vec<Line>)>,
    /// Paths of the files being read, outermost first.
    chain: Vec<String>,
    files_read: usize,
    /// Include lines, so far.
    includes: usize,
    /// Bytes that expansions made.
    expanded: usize,
    random: u64,
    /// Parameters that are defined on other hosts, by conditional lines that this load passes over.
    elsewhere: HashSet<Vec<u8>>,
    /// Reading on makes no sense.
    stopped: bool,
}

impl Reader<'_> {
    fn stop(&mut self, rule: &'static Rule, span: Span, text: impl Into<String>) {
        if !self.stopped {
            self.to.findings.refuse(rule, span, text);
        }
        self.stopped = true;
    }

    /// Reads a file's text, line by line.
    fn text(&mut self, source: SourceId) {
        let bytes = self.to.sources.get(source).bytes.clone();
        let mut watch = Watch::new(&bytes);
        let utf8 = std::str::from_utf8(&bytes).is_ok();
        let mut start = self.byte_order_mark(source, &bytes);
        let mut whole = Whole::default();
        while start < bytes.len() && !self.stopped {
            if utf8
                && self.defining.is_none()
                && let Some(length) = self.begin_whole(&bytes, source, start, &mut whole)
            {
                start += length;
                continue;
            }
            let end = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |at| start + at);
            let mut line = &bytes[start..end];
            while let [shorter @ .., b'\r'] = line {
                line = shorter;
            }
            if line.len() > LONGEST_LINE {
                let span = plain_span(source, start, start + 80);
                let finding = Diagnostic::new(&rules::LINE_TOO_LONG, span, "this one").note(
                    "keepalived cuts lines at 1023 bytes and takes the rest for another line",
                );
                self.to.findings.report(finding.refuse());
                self.stopped = true;
            } else {
                let asks = watch.line(start, end);
                if asks == Asks::Expansion {
                    whole.lost();
                }
                if self.defining.is_some() || asks != Asks::Nothing || !utf8 {
                    self.physical(line, source, start);
                } else {
                    self.plain(line, source, start);
                }
            }
            start = bytes.len().min(end + 1);
            self.end_whole(&bytes, source, start, &mut whole);
            self.stopped |= self.to.findings.full();
        }
        self.define();
    }

    /// Where the text begins behind a byte order mark, which is a finding.
    fn byte_order_mark(&mut self, source: SourceId, bytes: &[u8]) -> usize {
        if !bytes.starts_with(b"\xef\xbb\xbf") {
            return 0;
        }
        let span = plain_span(source, 0, 3);
        let finding = Diagnostic::new(&rules::BYTE_ORDER_MARK, span, "before the first word")
            .note("keepalived takes it for part of the word and does not know the keyword")
            .help("save the file as UTF-8 without a byte order mark");
        self.to.findings.report(finding.refuse());
        3
    }

    /// A line with nothing in it that could need expansion or a closer look.
    fn plain(&mut self, line: &[u8], source: SourceId, start: usize) {
        let mut at = 0;
        let mut in_line = false;
        loop {
            at += written::blanks(&line[at..]);
            let Some(first) = line.get(at) else { return };
            let span = |end: usize| plain_span(source, start + at, start + end);
            let to = &mut self.to;
            match first {
                b'{' => {
                    if !self
                        .blocks
                        .open(span(at + 1), &to.sources, &mut to.findings)
                    {
                        self.stopped = true;
                        return;
                    }
                    at += 1;
                    in_line = false;
                }
                b'}' => {
                    self.blocks
                        .close(span(at + 1), &to.sources, &mut to.findings);
                    at += 1;
                    in_line = false;
                }
                b'#' | b'!' => return,
                _ => {
                    let includes = !in_line && *first == b'i';
                    if includes && written::include(&line[at..]).is_some() {
                        self.physical(&line[at..], source, start + at);
                        return;
                    }
                    let end = at + written::plain_word(&line[at..]);
                    if !in_line {
                        self.blocks
                            .line(&line[at..end], &to.sources, &mut to.findings);
                        in_line = true;
                    }
                    self.blocks
                        .word(plain_span(source, start + at, start + end));
                    at = end;
                }
            }
        }
    }

    /// A line of a file, looked at closely.
    fn physical(&mut self, text: &[u8], source: SourceId, start: usize) {
        let small = u32::try_from(start).unwrap_or(u32::MAX);
        let text = match memchr::memchr(0, text) {
            None => text,
            Some(at) => {
                self.nul(plain_span(source, start + at, start + at + 1));
                &text[..at]
            }
        };
        let mut line = Line::written(text, source, small);
        if let Some((_, lines)) = &mut self.defining {
            if text.is_empty() {
                self.define();
                return;
            }
            line.strip(true);
            if line.text.is_empty() {
                return;
            }
            let (value, continues) = definition::without_continuation(line);
            if !value.text.is_empty() {
                lines.push(value);
            }
            if !continues {
                self.define();
            }
            return;
        }
        let defines = line.text.iter().find(|byte| !written::blank(**byte)) == Some(&b'$');
        line.strip(defines);
        self.statement(line, 0);
    }

    /// One finding for all bytes of value 0: where there is one there are often thousands.
    fn nul(&mut self, span: Span) {
        let known = self
            .to
            .findings
            .list
            .iter()
            .any(|finding| finding.rule == &rules::NUL_BYTE);
        if !known {
            self.to.findings.refuse(&rules::NUL_BYTE, span, "here");
        }
    }

    /// The open definition is complete.
    fn define(&mut self) {
        let Some((name, lines)) = self.defining.take() else {
            return;
        };
        let definition = if lines.is_empty() {
            Definition::Text(Line::default().into())
        } else {
            Definition::Lines(lines.into())
        };
        self.definitions.set(&name, definition);
    }
}
