//! Words of commands and patterns, which have quotes and escapes of their own.

use super::lowering::Lowering;
use super::rules;
use super::tree::Node;
use super::value::Fault;
use crate::diag::{Diagnostic, Span};
use crate::model::script::Script;
use crate::model::text::Text;

/// A line that names a command: its words, and those behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// The program first, perhaps empty.
    pub command: Vec<Vec<u8>>,
    pub names: Vec<Vec<u8>>,
}

impl Invocation {
    /// `None` where the line names none, or its words cannot be read.
    pub fn of(node: Node<'_>) -> Option<Self> {
        let mut said = split(node.line()).ok()?.into_iter().skip(1);
        let command = split(&said.next()?).ok()?;
        let names = said.collect();
        Some(Self { command, names })
    }
}

/// Why a text has no words; where, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Broken {
    /// This quote is not closed.
    Quote(usize),
    /// This backslash stands last.
    Escape(usize),
}

/// The words of a text: blanks part them, single and double quotes hold them together, and a
/// backslash means something inside quotes and outside.
fn split(text: &[u8]) -> Result<Vec<Vec<u8>>, Broken> {
    let mut words = Vec::new();
    let mut at = 0;
    loop {
        at += text[at..].iter().take_while(|byte| blank(**byte)).count();
        if at >= text.len() {
            return Ok(words);
        }
        let mut word = Vec::new();
        let mut quote: Option<(u8, usize)> = None;
        while let Some(byte) = text.get(at).copied() {
            match (byte, quote) {
                (b'\\', _) => {
                    let (meant, length) = escaped(&text[at + 1..]).ok_or(Broken::Escape(at))?;
                    word.push(meant);
                    at += length;
                }
                (_, Some((closing, _))) if byte == closing => quote = None,
                (b'\'' | b'"', None) => quote = Some((byte, at)),
                (_, None) if blank(byte) => break,
                _ => word.push(byte),
            }
            at += 1;
        }
        if let Some((_, opened)) = quote {
            return Err(Broken::Quote(opened));
        }
        words.push(word);
    }
}

fn blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\x0b' | b'\x0c' | b'\r' | b'\n')
}

/// What stands behind a backslash: the byte that is meant, and how many bytes say so.
fn escaped(text: &[u8]) -> Option<(u8, usize)> {
    let first = *text.first()?;
    let value = |most: usize, radix: u32| {
        let digits = text.iter().skip(usize::from(radix == 16)).take(most);
        let digits = digits.map_while(|byte| char::from(*byte).to_digit(radix));
        // Beyond a byte the upper bits go.
        digits.fold((0_u32, 0), |(value, count), digit| {
            (value * radix + digit, count + 1)
        })
    };
    let byte = |value: u32| value.to_le_bytes()[0];
    Some(match first {
        b'x' if text.get(1).is_some_and(u8::is_ascii_hexdigit) => {
            let (value, count) = value(2, 16);
            (byte(value), count + 1)
        }
        b'0'..=b'7' => {
            let (value, count) = value(3, 8);
            (byte(value), count)
        }
        b'c' => match text.get(1) {
            Some(control) => (control & 0x1f, 2),
            None => (b'c', 1),
        },
        b'a' => (0x07, 1),
        b'b' => (0x08, 1),
        b'E' => (0x1b, 1),
        b'f' => (0x0c, 1),
        b'n' => (b'\n', 1),
        b'r' => (b'\r', 1),
        b't' => (b'\t', 1),
        b'v' => (0x0b, 1),
        other => (other, 1),
    })
}

/// The words of a line, keyword included; `None` where they cannot be read, which is a finding.
fn words(to: &mut Lowering<'_>, node: Node<'_>) -> Option<Vec<Vec<u8>>> {
    let broken = match split(node.line()) {
        Ok(words) => return Some(words),
        Err(broken) => broken,
    };
    report(to, node, broken, true);
    None
}

/// Says why words cannot be read; `placed` where the text is the line itself.
fn report(to: &mut Lowering<'_>, node: Node<'_>, broken: Broken, placed: bool) {
    let (rule, text, at) = match broken {
        Broken::Quote(at) => (
            &rules::UNTERMINATED_QUOTE,
            "the quote is not closed on its line",
            at,
        ),
        Broken::Escape(at) => (
            &rules::BAD_VALUE,
            "a backslash stands last, with nothing to escape",
            at,
        ),
    };
    let line = node.span();
    let start = line.start + u32::try_from(at).unwrap_or(0);
    let span = if placed && node.as_written() && start < line.end {
        Span { start, ..line }
    } else {
        node.argument(0).map_or(line, |word| word.span)
    };
    let finding = Diagnostic::new(rule, span, text).note("keepalived loses the line, or crashes");
    to.report(finding.refuse());
}

/// The words of a line of a command or pattern, keyword included, as keepalived has them; `None`
/// where they cannot be read.
pub(crate) fn words_of(node: Node<'_>) -> Option<Vec<Vec<u8>>> {
    split(node.line()).ok()
}

/// The program that a command runs and its arguments; `None` where they cannot be read.
pub(crate) fn program_of(command: &[u8]) -> Option<Vec<Vec<u8>>> {
    split(command).ok()
}

/// The command of a line. `None` where it would be lost, which is a finding.
fn command(to: &mut Lowering<'_>, node: Node<'_>, said: &[Vec<u8>]) -> Option<Vec<Text>> {
    let first = said.get(1).map(Vec::as_slice).unwrap_or_default();
    match split(first) {
        Ok(words) => Some(words.into_iter().map(Text::from).collect()),
        Err(broken) => {
            report(to, node, broken, false);
            None
        }
    }
}

fn script(
    to: &mut Lowering<'_>,
    node: Node<'_>,
    words: Vec<Text>,
    user: Option<Text>,
    group: Option<Text>,
) -> Option<Script> {
    let script = Script::new(words, user, group);
    if script.is_none()
        && let Some(word) = node.argument(0)
    {
        to.lost_value(
            &word,
            "a program, perhaps with arguments, without a byte of value 0",
        );
    }
    script
}

/// `KEYWORD COMMAND [USER [GROUP]]`: the command is one word, which is read once more.
pub(super) fn notify(to: &mut Lowering<'_>, node: Node<'_>) -> Option<Script> {
    let said = words(to, node)?;
    let command = command(to, node, &said)?;
    let mut names = said.into_iter().skip(2).map(Text::from);
    script(to, node, command, names.next(), names.next())
}

/// `KEYWORD COMMAND`, whose further words keepalived drops.
pub(super) fn alone(to: &mut Lowering<'_>, node: Node<'_>) -> Option<Script> {
    let said = words(to, node)?;
    let command = command(to, node, &said)?;
    if said.len() > 2
        && let Some(extra) = node.argument(1)
    {
        let finding = Diagnostic::new(&rules::EXTRA_WORD, extra.span, "no part of the command")
            .note("keepalived drops it, and so does lvsctl")
            .help("put the whole command in double quotes");
        to.report(finding);
    }
    script(to, node, command, None, None)
}

/// `regex PATTERN`. `None` where the line counts for nothing, which is a finding.
pub(super) fn pattern(to: &mut Lowering<'_>, node: Node<'_>) -> Option<Text> {
    let mut said = words(to, node)?.into_iter().skip(1);
    let (pattern, more) = (said.next(), said.next());
    let Some(pattern) = pattern else {
        to.bad_value(&node.keyword(), "a pattern behind it");
        return None;
    };
    let word = node.argument(0)?;
    if more.is_some() {
        let span = node.argument(1).map_or(word.span, |extra| extra.span);
        let finding = Diagnostic::new(&rules::EXTRA_WORD, span, "a pattern is one word")
            .note("keepalived ignores the line, and so does lvsctl")
            .help("put the pattern in quotes");
        to.report(finding);
        return None;
    }
    if pattern.contains(&0) {
        to.fault(
            Fault::lost(&rules::BAD_VALUE, "expected no byte of value 0"),
            &word,
        );
        return None;
    }
    if pattern.is_empty() {
        to.warn(&rules::EMPTY_REGEX, word.span, "fits every page");
    }
    Some(pattern.into())
}
