//! One layout for every configuration.
//!
//! - A block's lines stand four blanks further in than its first, `{` ends that line after one
//!   blank, `}` has a line of its own. Most public configurations use four blanks.
//! - One blank parts words; where none stood, none is put, because scripts and patterns read
//!   `a"b"` as one word.
//! - A comment keeps its text and its sign: behind words after two blanks (or none, where it may
//!   be a value that the sign cuts), else as far in as the code around it. It never moves to the other side of a word.
//! - One blank line stands for many; none at the start and the end of the file.
//! - Lines end in LF without blanks before it.
//!
//! What a line means comes first. These keep the bytes between their first word and their last:
//! definitions (`$NAME=…`, with every line that belongs to them), sequences (`~SEQ`, `~LST`), what
//! follows `include` or a parameter, lines with a `\`, words in single quotes. Such a line, a
//! conditional one (`@id`), and one that `# lvsctl: allow(…)` speaks of are never divided at their
//! braces. A line that keepalived would cut for its length, now or afterwards, stays as it is.
//!
//! The layer below is [`written`]: nothing is expanded and no file is read.

mod depth;
mod layout;
mod line;
mod page;
mod refusal;

pub use refusal::{Refusal, Why};

use crate::conf::written;

/// Longest line that keepalived reads in one piece.
const LONGEST_LINE: usize = 1023;

/// The text laid out, or what stands against it.
///
/// Laid out once more it stays as it is.
pub fn format(text: &[u8]) -> Result<Vec<u8>, Refusal> {
    if let Some(at) = memchr::memchr(0, text) {
        return Err(Refusal { at, why: Why::Nul });
    }
    let blank = |byte: &u8| *byte == b'\n' || written::blank(*byte);
    let first = text.iter().position(|byte| !blank(byte));
    if let Some(at) = first
        && text[at..].starts_with(b"\xef\xbb\xbf")
    {
        let why = Why::ByteOrderMark;
        return Err(Refusal { at, why });
    }
    let ids = depth::ids(text);
    // As a host whose lines open and close the same blocks: that may be one of those that the
    // conditional lines name.
    let mut refused = None;
    for reference in 0..=ids.len() {
        match layout::lay_out(text, &ids, reference) {
            Ok(page) => return Ok(page),
            Err(refusal) => refused = Some(refusal),
        }
    }
    refused.map_or(Ok(Vec::new()), Err)
}
