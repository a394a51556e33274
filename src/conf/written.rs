//! The written tree's leaves: every byte of a text is in a token or in the blanks between two.
//!
//! Nothing is expanded and nothing is lost, so that the text can be put together again.

/// A piece of text, `start..end` in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    pub kind: Kind,
    pub start: u32,
    pub end: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A word without quotes.
    Word,
    /// A word in double quotes, which are part of the token and not of the word.
    Quoted,
    Open,
    Close,
    /// From `#` or `!`, or from a `\` before one of them, to the end of the line.
    Comment,
    /// Line feed, with the carriage return before it.
    Newline,
    /// A double quote that its line does not close, to the end of the line.
    Unterminated,
}

/// What a byte is to the reader outside quotes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Word,
    /// Space, tab, form feed, vertical tab, and a carriage return that does not end a line.
    Blank,
    Quote,
    Brace,
    Comment,
}

const CLASSES: [Class; 256] = {
    let mut classes = [Class::Word; 256];
    classes[b' ' as usize] = Class::Blank;
    classes[b'\t' as usize] = Class::Blank;
    classes[b'\r' as usize] = Class::Blank;
    classes[0x0b] = Class::Blank;
    classes[0x0c] = Class::Blank;
    classes[b'"' as usize] = Class::Quote;
    classes[b'{' as usize] = Class::Brace;
    classes[b'}' as usize] = Class::Brace;
    classes[b'#' as usize] = Class::Comment;
    classes[b'!' as usize] = Class::Comment;
    classes
};

fn class(byte: u8) -> Class {
    CLASSES[byte as usize]
}

/// Whether a byte parts words: space, tab, form feed, vertical tab, carriage return.
pub fn blank(byte: u8) -> bool {
    class(byte) == Class::Blank
}

/// How many bytes at the start are of one class.
fn run(input: &[u8], of: Class) -> usize {
    let other = input.iter().position(|byte| class(*byte) != of);
    other.unwrap_or(input.len())
}

/// Where a line's comment starts; the line's length without one.
///
/// Double quotes protect the signs, and a backslash hides the byte after it from this rule, so
/// that `\"` opens and closes nothing. A backslash before a sign outside quotes protects it not.
pub fn comment_start(line: &[u8]) -> usize {
    if memchr::memchr2(b'"', b'\\', line).is_none() {
        return memchr::memchr2(b'#', b'!', line).unwrap_or(line.len());
    }
    let mut quoted = false;
    let mut at = 0;
    while let Some(byte) = line.get(at) {
        match byte {
            b'"' => quoted = !quoted,
            b'#' | b'!' if !quoted => return at,
            b'\\' => match line.get(at + 1) {
                Some(b'#' | b'!') if !quoted => return at,
                Some(_) => at += 1,
                None => {}
            },
            _ => {}
        }
        at += 1;
    }
    line.len()
}

/// The words and braces of one line without its comment.
///
/// `line` holds no line feed; positions count from its start.
pub fn words(line: &[u8]) -> impl Iterator<Item = Token> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        at += run(&line[at..], Class::Blank);
        let start = at;
        let first = *line.get(start)?;
        let (kind, length) = match class(first) {
            Class::Brace if first == b'{' => (Kind::Open, 1),
            Class::Brace => (Kind::Close, 1),
            Class::Quote => match memchr::memchr(b'"', &line[start + 1..]) {
                Some(inside) => (Kind::Quoted, inside + 2),
                None => (Kind::Unterminated, line.len() - start),
            },
            // A comment sign that is still here is protected: part of a word.
            _ => (Kind::Word, word_length(&line[start..])),
        };
        at = start + length;
        Some(Token {
            kind,
            start: small(start),
            end: small(at),
        })
    })
}

fn word_length(input: &[u8]) -> usize {
    let mut length = 0;
    loop {
        length += run(&input[length..], Class::Word);
        match input.get(length) {
            Some(b'#' | b'!') => length += 1,
            _ => return length,
        }
    }
}

/// Length of the plain word at the start of `input`: up to a blank, brace, quote or comment.
pub(super) fn plain_word(input: &[u8]) -> usize {
    run(input, Class::Word)
}

/// How many blanks stand at the start of `input`.
pub fn blanks(input: &[u8]) -> usize {
    run(input, Class::Blank)
}

fn small(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The tokens of a whole text, in order.
pub fn tokens(text: &[u8]) -> impl Iterator<Item = Token> + '_ {
    let mut start = 0;
    let lines = std::iter::from_fn(move || {
        let rest = text.get(start..).filter(|rest| !rest.is_empty())?;
        let length = memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
        start += length;
        Some((start - length, &rest[..length]))
    });
    lines.flat_map(|(start, whole)| {
        let line = whole.strip_suffix(b"\n").unwrap_or(whole);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let at = move |token: Token| Token {
            kind: token.kind,
            start: small(start + token.start as usize),
            end: small(start + token.end as usize),
        };
        let comment = comment_start(line);
        let tail = |kind, start: usize, end: usize| {
            (start < end).then_some(Token {
                kind,
                start: small(start),
                end: small(end),
            })
        };
        // A carriage return that ends no line is a blank.
        let newline = if whole.ends_with(b"\n") {
            line.len()
        } else {
            whole.len()
        };
        words(&line[..comment])
            .chain(tail(Kind::Comment, comment, line.len()))
            .chain(tail(Kind::Newline, newline, whole.len()))
            .map(at)
    })
}

/// How long the keyword at the start of an include line is, its letter included; `None` where
/// `line` begins with another word. All that follows the keyword is the file's name.
pub fn include(line: &[u8]) -> Option<usize> {
    let after = line.strip_prefix(b"include")?;
    match after {
        [sign, ..] if blank(*sign) => Some(7),
        [b'r' | b'm' | b'w' | b'b' | b'a', sign, ..] if blank(*sign) => Some(8),
        _ => None,
    }
}

/// How long the name of a parameter at the start of `text` is: a letter or `_`, then letters,
/// digits and `_`.
pub fn parameter_name(text: &[u8]) -> usize {
    match text.first() {
        Some(first) if first.is_ascii_alphabetic() || *first == b'_' => {}
        _ => return 0,
    }
    let inner = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    text.iter().take_while(|byte| inner(byte)).count()
}

/// How long the `$NAME=` at the start of `line` is; `None` where the line defines nothing. No
/// blank may stand before the `=`.
pub fn definition(line: &[u8]) -> Option<usize> {
    let after = line.strip_prefix(b"$")?;
    let length = parameter_name(after);
    (length > 0 && after.get(length) == Some(&b'=')).then_some(length + 2)
}
