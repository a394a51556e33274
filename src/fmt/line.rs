//! What a physical line is, and which of its bytes may change.

use super::depth::Brace;
use super::refusal::{Refusal, Why};
use crate::conf::written::{self, Kind, Token};

/// What git begins a line with where two versions contradict each other, perhaps indented since.
const MARKERS: [&[u8]; 3] = [b"<<<<<<<", b"=======", b">>>>>>>"];

/// One line of the text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'t> {
    /// Without its end.
    pub(super) raw: &'t [u8],
    /// Without comment and outer blanks, and where in the text that begins.
    pub(super) code: &'t [u8],
    pub(super) start: usize,
    /// The comment, without blanks behind it.
    pub(super) note: &'t [u8],
    /// No blank parts a word from the comment: it may be a value that the sign cuts.
    pub(super) glued: bool,
}

/// The `@id` or `@^id` that a line begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Condition<'t> {
    pub(super) id: &'t [u8],
    pub(super) inverted: bool,
    /// How far into the line its rest begins.
    pub(super) rest: usize,
}

pub(super) fn condition(code: &[u8]) -> Option<Condition<'_>> {
    let after = code.strip_prefix(b"@")?;
    let inverted = after.first() == Some(&b'^');
    let start = 1 + usize::from(inverted);
    // Without a blank the line means nothing to any host.
    let blank = memchr::memchr2(b' ', b'\t', &code[start..]);
    let length = blank.unwrap_or(code.len() - start);
    let rest = start + length;
    Some(Condition {
        id: &code[start..rest],
        inverted,
        rest: rest + written::blanks(&code[rest..]),
    })
}

/// What to do with a line that has words.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape<'t> {
    /// Divide it at its braces.
    Divided,
    /// Keep it whole; blanks may change in front of byte `loose` of the code.
    Whole {
        condition: Option<Condition<'t>>,
        loose: usize,
    },
    /// A value that ends on the line.
    Definition { condition: Option<Condition<'t>> },
    /// A value that goes on: no byte may change.
    Continues { condition: Option<Condition<'t>> },
}

impl<'t> Line<'t> {
    pub(super) fn new(raw: &'t [u8], at: usize) -> Self {
        let comment = written::comment_start(raw);
        let start = written::blanks(&raw[..comment]);
        let code = trim_end(&raw[start..comment]);
        let note = trim_end(&raw[comment..]);
        let word = |byte: &u8| !written::blank(*byte) && !b"{}".contains(byte);
        Self {
            raw,
            code,
            start: at + start,
            note,
            glued: !note.is_empty() && raw[..comment].last().is_some_and(word),
        }
    }

    /// The line from its first word to its end where blanks and comment must stay as they are.
    ///
    /// A `\` at the end means something to keepalived even in a comment, and hides a byte anywhere.
    pub(super) fn sealed(&self) -> Option<&'t [u8]> {
        let escapes = self.note.ends_with(b"\\") || memchr::memchr(b'\\', self.code).is_some();
        escapes.then(|| {
            let body = &self.raw[written::blanks(self.raw)..];
            let trimmed = trim_end(body);
            if trimmed.ends_with(b"\\") {
                body
            } else {
                trimmed
            }
        })
    }

    /// A condition behind a blank that is neither space nor tab, where keepalived takes it for a word.
    pub(super) fn is_hidden_condition(&self) -> bool {
        let blanks = &self.raw[..written::blanks(self.raw)];
        self.code.starts_with(b"@") && !blanks.iter().all(|byte| matches!(byte, b' ' | b'\t'))
    }

    /// `# lvsctl: …`, which speaks of a line.
    pub(super) fn excuses(&self) -> bool {
        memchr::memmem::find(self.note, b"lvsctl:").is_some()
    }

    /// Whether the value that it begins, or belongs to, goes on with the next line.
    pub(super) fn continues(&self) -> bool {
        self.raw.ends_with(b"\\") || self.code.ends_with(b"\\")
    }

    fn refusal(&self, at: usize, why: Why) -> Refusal {
        let at = self.start + at;
        Refusal { at, why }
    }

    /// Where a conflict marker begins the line, or would once it is divided at its braces.
    fn marker(&self) -> Option<usize> {
        let mut first = true;
        for token in written::words(self.code) {
            let at = token.start as usize;
            let begins = |marker: &&[u8]| self.code[at..].starts_with(marker);
            if first && MARKERS.iter().any(begins) {
                return Some(at);
            }
            first = matches!(token.kind, Kind::Open | Kind::Close);
        }
        None
    }

    /// What a line with words is.
    pub(super) fn shape(&self) -> Result<Shape<'t>, Refusal> {
        let code = self.code;
        let condition = condition(code);
        let first = condition.map_or(0, |condition| condition.rest);
        let rest = &code[first..];
        if written::definition(rest).is_some() {
            return Ok(if self.continues() {
                Shape::Continues { condition }
            } else {
                Shape::Definition { condition }
            });
        }
        if let Some(at) = self.marker() {
            return Err(self.refusal(at, Why::ConflictMarker));
        }
        if let Some(at) = memchr::memchr(b'\r', code) {
            return Err(self.refusal(at, Why::CarriageReturn));
        }
        let escapes = memchr::memchr(b'\\', code).is_some();
        let quotes = memchr::memchr(b'\'', code).is_some();
        let dollar = memchr::memchr(b'$', code);
        if dollar.is_some() && self.continues() {
            let at = code.len() - 1;
            return Err(self.refusal(at, Why::Continuation));
        }
        if let Some(keyword) = written::include(rest) {
            let path = keyword + written::blanks(&rest[keyword..]);
            let loose = if self.plain_blanks() { first + path } else { 0 };
            return Ok(Shape::Whole { condition, loose });
        }
        let inner = self.inner()?;
        let loose = match (rest.first(), dollar) {
            _ if escapes || quotes || !self.plain_blanks() => 0,
            (Some(b'~'), _) => first,
            (_, Some(at)) => at.max(first),
            _ if inner => first,
            _ => code.len(),
        };
        let whole = condition.is_some()
            || inner
            || dollar.is_some()
            || rest.first() == Some(&b'~')
            || escapes;
        Ok(if whole {
            Shape::Whole { condition, loose }
        } else {
            Shape::Divided
        })
    }

    /// Where its words need not be kept apart as they are, if it stays whole for another reason.
    pub(super) fn loose(&self) -> usize {
        let quotes = memchr::memchr(b'\'', self.code).is_some();
        if quotes { 0 } else { self.code.len() }
    }

    /// Only space and tab part its words, so that one blank in their place changes no reading.
    fn plain_blanks(&self) -> bool {
        memchr::memchr2(0x0b, 0x0c, self.code).is_none()
    }

    /// Whether something that takes the rest of its line begins at its start or behind a brace, or
    /// would with a blank more.
    fn inner(&self) -> Result<bool, Refusal> {
        let mut found = false;
        let mut first = true;
        let mut behind = 0;
        for token in written::words(self.code) {
            let at = token.start as usize;
            let from = &self.code[at..];
            match token.kind {
                Kind::Unterminated => return Err(self.refusal(at, Why::Unterminated)),
                _ if at < behind => continue,
                Kind::Open | Kind::Close => {
                    behind = reference(self.code, at).unwrap_or(0);
                    first = behind == 0;
                    continue;
                }
                _ if !first => {}
                _ if includes(&from[..token.end as usize - at]) => found = true,
                _ if from.starts_with(b"@") && at > 0 => {
                    return Err(self.refusal(at, Why::ConditionBehindBrace));
                }
                _ => found |= matches!(from[0], b'~' | b'$'),
            }
            first = false;
        }
        Ok(found)
    }

    /// The braces that count in a line that is not divided: those of references and of what takes
    /// the rest of its line do not.
    pub(super) fn braces(&self, condition: Option<Condition<'_>>) -> Vec<Brace> {
        let begin = condition.map_or(0, |condition| condition.rest);
        let code = &self.code[begin..];
        let start = self.start + begin;
        let mut braces = Vec::new();
        let mut first = true;
        let mut behind = 0;
        for Token {
            kind, start: at, ..
        } in written::words(code)
        {
            let at = at as usize;
            if at < behind {
                continue;
            }
            match kind {
                Kind::Open => match reference(code, at) {
                    Some(end) => {
                        behind = end;
                        continue;
                    }
                    None => braces.push(Brace::Open(start + at)),
                },
                Kind::Close => braces.push(Brace::Close(start + at)),
                _ if first => {
                    let from = &code[at..];
                    if written::include(from).is_some() || written::definition(from).is_some() {
                        return braces;
                    }
                }
                _ => {}
            }
            first = matches!(kind, Kind::Open | Kind::Close);
        }
        braces
    }

    /// Closing braces that it begins with, behind its condition.
    pub(super) fn closes(&self, condition: Option<Condition<'_>>) -> usize {
        let rest = condition.map_or(0, |condition| condition.rest);
        let signs = self.code[rest..]
            .iter()
            .filter(|byte| !written::blank(**byte));
        signs.take_while(|byte| **byte == b'}').count()
    }

    /// Divided at its braces it is still one line.
    pub(super) fn single(&self) -> bool {
        let mut tokens = written::words(self.code);
        let first = tokens.next().map(|token| token.kind);
        if matches!(first, Some(Kind::Open | Kind::Close)) {
            return tokens.next().is_none();
        }
        let brace = |token: &Token| matches!(token.kind, Kind::Open | Kind::Close);
        match tokens.find(brace) {
            None => true,
            Some(token) => token.kind == Kind::Open && tokens.next().is_none(),
        }
    }
}

/// Whether a word begins an include once a blank stands behind it.
fn includes(word: &[u8]) -> bool {
    let letter = word.strip_prefix(b"include");
    matches!(letter, Some([] | [b'r' | b'm' | b'w' | b'b' | b'a']))
}

/// Behind the `}` of a `${NAME…}` whose brace opens at `at`.
fn reference(code: &[u8], at: usize) -> Option<usize> {
    let named = at > 0 && code[at - 1] == b'$' && written::parameter_name(&code[at + 1..]) > 0;
    let close = memchr::memchr(b'}', &code[at..]).filter(|_| named)?;
    Some(at + close + 1)
}

fn trim_end(text: &[u8]) -> &[u8] {
    let blanks = text.iter().rev().take_while(|byte| written::blank(**byte));
    &text[..text.len() - blanks.count()]
}
