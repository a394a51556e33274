use std::ops::Range;

use crate::conf::written;
use crate::diag::{Link, SourceId, Sources, Span, Via};

/// One line of text that may be put together from several places, and where each byte was written.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    pub(super) text: Vec<u8>,
    /// In order, without gaps; each reaches to the start of the next.
    pieces: Vec<Piece>,
}

/// Text from one place.
#[derive(Clone, Copy, Debug)]
struct Piece {
    /// Where in the line it begins.
    at: usize,
    span: Span,
    /// Byte for byte what is written at `span`; otherwise it only comes from there.
    verbatim: bool,
}

impl Line {
    /// A line as it is written at `start` of `source`.
    pub(super) fn written(text: &[u8], source: SourceId, start: u32) -> Self {
        let end = start + u32::try_from(text.len()).unwrap_or(0);
        let span = Span { source, start, end };
        let piece = Piece {
            at: 0,
            span,
            verbatim: true,
        };
        Self {
            text: text.to_vec(),
            pieces: vec![piece],
        }
    }

    /// Text that was computed, and the place that asked for it.
    pub(super) fn computed(text: Vec<u8>, from: Span) -> Self {
        let piece = Piece {
            at: 0,
            span: from,
            verbatim: false,
        };
        Self {
            text,
            pieces: vec![piece],
        }
    }

    /// A part of the line.
    pub(super) fn slice(&self, range: Range<usize>) -> Self {
        let mut line = Self {
            text: self.text[range.clone()].to_vec(),
            pieces: Vec::new(),
        };
        for (piece, reach) in self.reaching(&range) {
            line.pieces.push(Piece {
                at: reach.start - range.start,
                ..piece.cut(reach)
            });
        }
        if line.pieces.is_empty() {
            // Nothing is left; the place stays known.
            let at = self
                .pieces
                .iter()
                .rev()
                .find(|piece| piece.at <= range.start);
            line.pieces
                .extend(at.map(|piece| Piece { at: 0, ..*piece }));
        }
        line
    }

    /// Puts `with` in the place of a part.
    pub(super) fn splice(&mut self, range: Range<usize>, with: &Self) {
        let whole = 0..self.text.len();
        let mut pieces: Vec<Piece> = Vec::with_capacity(self.pieces.len() + with.pieces.len() + 1);
        pieces.extend(
            self.reaching(&(0..range.start))
                .map(|(piece, reach)| piece.cut(reach)),
        );
        if !with.text.is_empty() {
            pieces.extend(with.pieces.iter().map(|piece| Piece {
                at: piece.at + range.start,
                ..*piece
            }));
        }
        let behind = self.reaching(&(range.end..whole.end));
        pieces.extend(behind.map(|(piece, reach)| Piece {
            at: reach.start - range.end + range.start + with.text.len(),
            ..piece.cut(reach)
        }));
        if pieces.is_empty() {
            // Nothing is left; the place stays known.
            let first = self.pieces[0];
            pieces.push(Piece { at: 0, ..first });
        }
        self.pieces = pieces;
        self.text.splice(range, with.text.iter().copied());
    }

    pub(super) fn truncate(&mut self, length: usize) {
        self.text.truncate(length);
        let first = self.pieces.first().copied();
        self.pieces.retain(|piece| piece.at < length);
        if self.pieces.is_empty() {
            self.pieces.extend(first);
        }
    }

    /// Takes comment and outer blanks away. A `\` at the end stays, glued to what stands before.
    ///
    /// In a definition a comment does not hide a `\` that ends the line.
    pub(super) fn strip(&mut self, defining: bool) {
        let comment = written::comment_start(&self.text);
        let hidden = comment < self.text.len() && self.text.ends_with(b"\\");
        if hidden && defining {
            self.splice(comment..self.text.len() - 1, &Self::default());
        } else {
            self.truncate(comment);
        }
        self.trim_end();
        if self.text.ends_with(b"\\") {
            let last = self.text.len() - 1;
            let blanks = self.text[..last].iter().rev();
            let blanks = blanks.take_while(|byte| written::blank(**byte)).count();
            if blanks > 0 {
                self.splice(last - blanks..last, &Self::default());
            }
        }
        let blanks = written::blanks(&self.text);
        if blanks > 0 {
            *self = self.slice(blanks..self.text.len());
        }
    }

    fn trim_end(&mut self) {
        let blanks = self.text.iter().rev();
        let blanks = blanks.take_while(|byte| written::blank(**byte)).count();
        self.truncate(self.text.len() - blanks);
    }

    /// Pieces that have a part in `range`, and which part of the line that is.
    fn reaching(&self, range: &Range<usize>) -> impl Iterator<Item = (Piece, Range<usize>)> + '_ {
        let range = range.clone();
        let first = self.pieces.partition_point(|piece| piece.at <= range.start);
        (first.saturating_sub(1)..self.pieces.len()).map_while(move |index| {
            let piece = self.pieces[index];
            let next = self
                .pieces
                .get(index + 1)
                .map_or(self.text.len(), |next| next.at);
            let reach = piece.at.max(range.start)..next.min(range.end);
            (!reach.is_empty()).then(|| (piece.moved_to(reach.start), reach))
        })
    }

    /// The place of a part; where it was put together from several, the place of the whole in the
    /// innermost text they share, with a link that says what it is after expansion.
    pub(super) fn span(&self, range: Range<usize>, sources: &mut Sources) -> Span {
        let mut spans: Vec<Span> = Vec::new();
        let mut computed = false;
        for (piece, reach) in self.reaching(&range) {
            let span = piece.cut(reach).span;
            computed |= !piece.verbatim;
            match spans.last_mut() {
                Some(last) if last.source == span.source && last.end == span.start => {
                    last.end = span.end;
                }
                _ => spans.push(span),
            }
        }
        match spans.as_slice() {
            [] => self.place(),
            [one] if !computed => *one,
            [one] => *one,
            many => {
                let Some(at) = sources.cover(many) else {
                    return self.place();
                };
                let text = crate::conf::tree::shown(&self.text[range]);
                let via = Via::Composed(text.into());
                let source = sources.again(at.source, Link { via, at });
                Span { source, ..at }
            }
        }
    }

    /// Where the line comes from, roughly.
    pub(super) fn place(&self) -> Span {
        self.pieces[0].span
    }

    /// The same text, brought in at another place: each source it is from becomes one that knows
    /// the link.
    pub(super) fn relink(&mut self, link: &Link, sources: &mut Sources, known: &mut Relinked) {
        for piece in &mut self.pieces {
            let old = piece.span.source;
            let new = known.0.iter().find(|(from, _)| *from == old);
            let new = if let Some((_, to)) = new {
                *to
            } else {
                let to = sources.again(old, link.clone());
                known.0.push((old, to));
                to
            };
            piece.span.source = new;
        }
    }
}

/// Which sources were brought in again, and as what.
#[derive(Debug, Default)]
pub(super) struct Relinked(Vec<(SourceId, SourceId)>);

impl Piece {
    /// The piece from `at` of the line on.
    fn moved_to(self, at: usize) -> Self {
        if !self.verbatim {
            return Self { at, ..self };
        }
        let by = u32::try_from(at - self.at).unwrap_or(0);
        let start = self.span.start + by;
        let span = Span { start, ..self.span };
        Self { at, span, ..self }
    }

    /// The piece without what follows `reach`, which begins where it does.
    fn cut(self, reach: Range<usize>) -> Self {
        if !self.verbatim {
            return self;
        }
        let length = u32::try_from(reach.len()).unwrap_or(0);
        let end = self.span.start + length;
        let span = Span { end, ..self.span };
        Self { span, ..self }
    }
}
