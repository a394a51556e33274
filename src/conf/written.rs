//! The written tree's leaves: every byte of a text is in a token or in the blanks between two.
//!
//! Nothing is expanded and nothing is lost, so that the text can be put together again.

use nom::branch::alt;
use nom::bytes::complete::{tag, take_till, take_while, take_while1};
use nom::combinator::{map, value};
use nom::sequence::preceded;
use nom::{IResult, Parser};

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
    /// From `#` or `!` to the end of the line.
    Comment,
    /// Line feed, with the carriage return before it.
    Newline,
    /// A double quote that its line does not close, to the end of the line.
    Unterminated,
    /// A byte of value 0.
    Nul,
}

/// Blanks are what keepalived takes for them: space, tab, form feed, vertical tab, and a carriage
/// return that does not end a line.
fn blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\x0c' | b'\x0b' | b'\r')
}

fn ends_word(byte: u8) -> bool {
    blank(byte) || matches!(byte, b'\n' | b'"' | b'#' | b'!' | b'{' | b'}' | 0)
}

/// One token at the start of the input, which is not blank.
fn token(input: &[u8]) -> IResult<&[u8], Kind> {
    let to_line_end = |input| take_till(|byte| byte == b'\n')(input);
    let quoted = (
        tag("\""),
        take_till(|byte| byte == b'"' || byte == b'\n' || byte == 0),
        tag("\""),
    );
    alt((
        value(Kind::Newline, tag("\n")),
        value(Kind::Open, tag("{")),
        value(Kind::Close, tag("}")),
        value(Kind::Nul, tag("\0")),
        value(
            Kind::Comment,
            preceded(alt((tag("#"), tag("!"))), to_line_end),
        ),
        value(Kind::Quoted, quoted),
        value(Kind::Unterminated, preceded(tag("\""), to_line_end)),
        map(take_while1(|byte| !ends_word(byte)), |_| Kind::Word),
    ))
    .parse(input)
}

/// The tokens of a text, in order.
pub fn tokens(text: &[u8]) -> impl Iterator<Item = Token> + '_ {
    let mut rest = text;
    std::iter::from_fn(move || {
        let blanks: IResult<&[u8], &[u8]> = take_while(blank)(rest);
        let (input, _) = blanks.ok()?;
        if input.is_empty() {
            return None;
        }
        // Every byte that is not blank starts one of the tokens.
        let (after, kind) = token(input).ok()?;
        rest = after;
        let at = |rest: &[u8]| u32::try_from(text.len() - rest.len()).unwrap_or(u32::MAX);
        Some(Token {
            kind,
            start: at(input),
            end: at(after),
        })
    })
}
