use crate::conf::written::{self, Kind, Token};
use crate::diag::{SourceId, Span, Text};

/// A line of a file as it is written, before anything is expanded.
#[derive(Clone, Copy)]
pub(in crate::lint) struct Line<'t> {
    text: &'t Text,
    source: SourceId,
    /// Of the whole line in its file.
    start: usize,
    /// The whole line without its end.
    pub(super) whole: &'t [u8],
    /// Without comment and the blanks behind it; empty where nothing else stands there.
    pub(in crate::lint) active: &'t [u8],
    /// It belongs to a definition, in which a backslash at the end means something.
    pub(super) defines: bool,
}

impl<'t> Line<'t> {
    /// Every line of a text.
    pub(in crate::lint) fn all(text: &'t Text, source: SourceId) -> impl Iterator<Item = Self> {
        let mut start = 0;
        let mut defines = false;
        std::iter::from_fn(move || {
            let rest = text.bytes.get(start..).filter(|rest| !rest.is_empty())?;
            let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            let line = Self::at(text, source, start, &rest[..length], defines);
            start += length + 1;
            let continues = line.defines && line.whole.trim_ascii_end().ends_with(b"\\");
            defines = continues && !line.whole.is_empty();
            Some(line)
        })
    }

    fn at(text: &'t Text, source: SourceId, start: usize, bytes: &'t [u8], defining: bool) -> Self {
        let mut whole = bytes;
        while let [shorter @ .., b'\r'] = whole {
            whole = shorter;
        }
        let mut active = &whole[..written::comment_start(whole)];
        while let [shorter @ .., last] = active
            && written::blank(*last)
        {
            active = shorter;
        }
        let first = active.iter().find(|byte| !written::blank(**byte));
        Self {
            text,
            source,
            start,
            whole,
            active,
            defines: defining || matches!(first, Some(b'$' | b'@')) && active.contains(&b'='),
        }
    }

    /// The byte of its file at which it starts.
    pub(in crate::lint) fn start(&self) -> usize {
        self.start
    }

    /// Words and braces, comments aside.
    pub(in crate::lint) fn words(&self) -> impl Iterator<Item = Token> + use<'t> {
        written::words(self.active)
    }

    /// The words that stand outside quotes and before the first brace, and where each begins.
    pub(in crate::lint) fn bare(&self) -> impl Iterator<Item = (usize, &'t [u8])> + use<'t> {
        let active = self.active;
        let words = self.words();
        let words = words.take_while(|token| !matches!(token.kind, Kind::Open | Kind::Close));
        words.map(move |token| {
            let (start, end) = (token.start as usize, token.end as usize);
            match token.kind {
                Kind::Word => (start, &active[start..end]),
                // As a word in quotes it is none that means something here.
                _ => (start, &b"\""[..]),
            }
        })
    }

    /// Where the text of a part of the line is.
    pub(in crate::lint) fn span(&self, start: usize, length: usize) -> Span {
        let small = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span {
            source: self.source,
            start: small(self.start + start),
            end: small(self.start + start + length),
        }
    }

    /// A word of it.
    pub(super) fn word(&self, word: (usize, &[u8])) -> Span {
        self.span(word.0, word.1.len())
    }

    /// From the first byte that is no blank to the last.
    pub(super) fn place(&self) -> Span {
        let first = written_blanks(self.active);
        self.span(first, self.active.len() - first)
    }

    /// The lines below it.
    pub(super) fn below(&self) -> impl Iterator<Item = Self> + use<'t> {
        let mut line = *self;
        std::iter::from_fn(move || {
            let start = memchr::memchr(b'\n', line.text.bytes.get(line.start..)?)?;
            let start = line.start + start + 1;
            let rest = line.text.bytes.get(start..)?;
            let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            line = Self::at(line.text, line.source, start, &rest[..length], false);
            Some(line)
        })
    }
}

fn written_blanks(text: &[u8]) -> usize {
    text.iter()
        .take_while(|byte| written::blank(**byte))
        .count()
}

/// So many bytes stay close at hand while they are looked through several times.
const STRETCH: usize = 32 * 1024;

/// Whether a text has anything that a rule for written lines could look for: most have not.
pub(in crate::lint) fn worth_reading(text: &[u8]) -> bool {
    // A pair of signs may lie across the end of a stretch.
    let stretches = (0..text.len()).step_by(STRETCH);
    let mut stretches = stretches.map(|at| &text[at..text.len().min(at + STRETCH + 1)]);
    stretches.any(odd)
        || memchr::memchr_iter(b'\r', text).any(|at| text.get(at + 1) != Some(&b'\n'))
        || long(text)
}

impl Line<'_> {
    /// The same of one line, whose first word may stand in a margin.
    pub(in crate::lint) fn worth_reading(&self) -> bool {
        let first = self.active.iter().find(|byte| !written::blank(**byte));
        let margin = |byte: &u8| byte.is_ascii_digit() || b"|+->*".contains(byte);
        first.is_some_and(margin) || self.active.contains(&b'\r') || odd(self.active)
    }
}

fn odd(text: &[u8]) -> bool {
    !text.is_ascii()
        || memchr::memchr3(b';', b'=', b'\\', text).is_some()
        || memchr::memchr3(b'\'', b'<', b'>', text).is_some()
        || memchr::memchr3(b'@', b'[', b'|', text).is_some()
        || memchr::memmem::find(text, b"//").is_some()
        || memchr::memmem::find(text, b"/*").is_some()
        || memchr::memmem::find(text, b"--").is_some()
}

/// Whether a line is longer than keepalived reads in one piece.
fn long(text: &[u8]) -> bool {
    let mut rest = text;
    // From each line to the last that begins within its reach.
    while let Some(reach) = rest.get(..=super::cut_line::LONGEST) {
        match memchr::memrchr(b'\n', reach) {
            Some(end) => rest = &rest[end + 1..],
            None => return true,
        }
    }
    false
}
