//! The expanded tree: lines of words and the blocks that belong to them, one outermost block at a
//! time.

use super::keyword::Keyword;
use crate::diag::{Sources, Span};
use crate::model::text::{self, Text};

/// One outermost line and all that stands in its block, in the order of the text.
///
/// Kept flat, so that a file of a million words is read without an allocation for each.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Entry>,
    pub(super) words: Vec<Piece>,
    /// Lines that an expansion made, one behind the other.
    pub(super) expanded: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) first_word: u32,
    pub(super) words: u32,
    /// Behind its last descendant.
    pub(super) end: u32,
    pub(super) open: Option<Span>,
    /// The whole line in `expanded`; empty where it stands as written.
    pub(super) line: (u32, u32),
    pub(super) opaque: bool,
    /// Looked up once, for all who ask.
    pub(super) known: Option<&'static Keyword>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub(super) span: Span,
    pub(super) from: From,
}

/// Where a word's text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum From {
    /// Where its span says.
    Written,
    /// In `expanded`.
    Expanded(u32, u32),
}

/// One line's words and the block that belongs to them.
#[derive(Clone, Copy)]
pub struct Node<'t> {
    tree: &'t Tree,
    sources: &'t Sources,
    index: u32,
}

/// A word after expansion, with the place its text was written at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word<'t> {
    /// Without its quotes. Bytes, because a file need not be text in any one encoding.
    pub bytes: &'t [u8],
    pub span: Span,
}

impl<'t> Word<'t> {
    /// The word as text; a word that is not UTF-8 equals no word that means something.
    pub fn text(&self) -> &'t str {
        std::str::from_utf8(self.bytes).unwrap_or("\u{fffd}")
    }

    /// The word as a value of the model.
    pub(super) fn value(&self) -> Text {
        self.bytes.into()
    }

    /// The word for people, with what is no text escaped.
    pub fn shown(&self) -> String {
        shown(self.bytes)
    }
}

/// Bytes for people: control characters and what is not UTF-8 escaped.
pub(super) fn shown(bytes: &[u8]) -> String {
    // Nearly always there is nothing to escape.
    if bytes.iter().all(u8::is_ascii_graphic) {
        return String::from_utf8_lossy(bytes).into_owned();
    }
    let mut text = String::with_capacity(bytes.len());
    // Writing into a string cannot fail.
    let _ = text::escape(bytes, &mut text);
    text
}

impl Tree {
    /// The outermost line; `None` where there is none.
    pub(super) fn root<'t>(&'t self, sources: &'t Sources) -> Option<Node<'t>> {
        let root = Node {
            tree: self,
            sources,
            index: 0,
        };
        (!self.nodes.is_empty()).then_some(root)
    }

    pub(super) fn clear(&mut self) {
        self.nodes.clear();
        self.words.clear();
        self.expanded.clear();
    }
}

impl<'t> Node<'t> {
    fn entry(self) -> &'t Entry {
        &self.tree.nodes[self.index as usize]
    }

    fn word(self, piece: &'t Piece) -> Word<'t> {
        let span = piece.span;
        let bytes = match piece.from {
            From::Written => self.sources.written(span),
            From::Expanded(start, end) => self.expanded(start, end),
        };
        Word { bytes, span }
    }

    fn expanded(self, start: u32, end: u32) -> &'t [u8] {
        let bytes = self.tree.expanded.get(start as usize..end as usize);
        bytes.unwrap_or_default()
    }

    fn pieces(self) -> &'t [Piece] {
        let entry = self.entry();
        let first = entry.first_word as usize;
        &self.tree.words[first..first + entry.words as usize]
    }

    /// The first word.
    pub fn keyword(self) -> Word<'t> {
        let piece = &self.pieces()[0];
        match self.known() {
            None => self.word(piece),
            Some(known) => Word {
                bytes: known.word.as_bytes(),
                span: piece.span,
            },
        }
    }

    /// The row of its keyword, where the blocks around it are known and the innermost knows it.
    pub fn known(self) -> Option<&'static Keyword> {
        self.entry().known
    }

    /// The words after the keyword.
    pub fn arguments(self) -> impl ExactSizeIterator<Item = Word<'t>> + Clone {
        self.pieces()[1..].iter().map(move |piece| self.word(piece))
    }

    /// The `index`th word after the keyword, from 0.
    pub fn argument(self, index: usize) -> Option<Word<'t>> {
        self.pieces().get(index + 1).map(|piece| self.word(piece))
    }

    /// All words.
    pub fn words(self) -> impl ExactSizeIterator<Item = Word<'t>> + Clone {
        self.pieces().iter().map(move |piece| self.word(piece))
    }

    /// From the first word to the last.
    pub fn span(self) -> Span {
        let pieces = self.pieces();
        let (first, last) = (pieces[0].span, pieces[pieces.len() - 1].span);
        if first.source == last.source {
            return first.to(last);
        }
        let spans: Vec<Span> = pieces.iter().map(|piece| piece.span).collect();
        self.sources.cover(&spans).unwrap_or(first)
    }

    /// The line from its first word to its last, blanks, quotes and all, after expansion.
    pub fn line(self) -> &'t [u8] {
        let entry = self.entry();
        if entry.line == (0, 0) {
            let pieces = self.pieces();
            let whole = pieces[0].span.to(pieces[pieces.len() - 1].span);
            return self.sources.written(whole);
        }
        self.expanded(entry.line.0, entry.line.1)
    }

    /// What stands behind its last word, up to the end of the line; nothing where an expansion made
    /// the line or a quote ends it.
    pub fn behind(self) -> &'t [u8] {
        let pieces = self.pieces();
        let last = pieces[pieces.len() - 1];
        if last.from != From::Written && !self.sources.in_file(last.span) {
            return &[];
        }
        let text = &self.sources.get(last.span.source).bytes;
        let rest = text.get(last.span.end as usize..).unwrap_or_default();
        let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        &rest[..end]
    }

    /// The line's text stands in the file as it is, so that every byte of it has a place.
    pub fn as_written(self) -> bool {
        self.entry().line == (0, 0)
    }

    /// The brace that opens its block.
    pub fn open(self) -> Option<Span> {
        self.entry().open
    }

    /// It depends on what only the host knows, so that its words mean nothing yet.
    pub fn opaque(self) -> bool {
        self.entry().opaque
    }

    /// The line, and those of its block at any depth, in the order of the text.
    pub fn all(self) -> impl Iterator<Item = Node<'t>> {
        let end = self.entry().end.max(self.index + 1);
        (self.index..end).map(move |index| Node { index, ..self })
    }

    /// The lines of its block.
    pub fn children(self) -> Children<'t> {
        Children {
            parent: self,
            next: self.index + 1,
            end: self.entry().end,
        }
    }
}

impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let words: Vec<String> = self.words().map(|word| word.shown()).collect();
        f.debug_tuple("Node").field(&words).finish()
    }
}

/// The lines of a block, in order.
#[derive(Clone)]
pub struct Children<'t> {
    parent: Node<'t>,
    next: u32,
    end: u32,
}

impl<'t> Iterator for Children<'t> {
    type Item = Node<'t>;

    fn next(&mut self) -> Option<Node<'t>> {
        if self.next >= self.end {
            return None;
        }
        let node = Node {
            index: self.next,
            ..self.parent
        };
        self.next = node.entry().end.max(self.next + 1);
        Some(node)
    }
}
