use std::cell::OnceCell;
use std::fmt;
use std::sync::Arc;

/// Which occurrence of a text in a [`Sources`] is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(u32);

/// A range of bytes of what was written, `start..end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    pub source: SourceId,
    pub start: u32,
    pub end: u32,
}

impl Span {
    /// From the start of one span to the end of another. Where the other is of another source, the
    /// first alone.
    #[must_use]
    pub fn to(self, last: Self) -> Self {
        if last.source != self.source {
            return self;
        }
        let end = last.end.max(self.end);
        Self { end, ..self }
    }
}

/// A file's text, once per load however often it is included or expanded.
#[derive(Clone, Debug)]
pub struct Text {
    pub name: Box<str>,
    pub bytes: Arc<Vec<u8>>,
    /// Where each line starts; found out when somebody asks.
    lines: OnceCell<Vec<u32>>,
}

/// What brought a text in at another place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via {
    /// An `include` that names the file.
    Include,
    /// A `$NAME` whose definition the text is.
    Parameter,
    /// One round of a `~SEQ` or `~LST`: what is set in it, as `i = 3`.
    Sequence(Box<str>),
    /// A word put together from several pieces: what it is after expansion.
    Composed(Box<str>),
}

/// A place that brought text in, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub via: Via,
    pub at: Span,
}

/// One occurrence of a text.
#[derive(Clone, Debug)]
struct Occurrence {
    text: u32,
    link: Option<Link>,
}

/// Every text that was read, and every place at which it came in.
///
/// A file that is included twice, or a definition that is used twice, is one text and two
/// occurrences; a [`Span`] names the occurrence, so that it knows its chain of uses.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    texts: Vec<Text>,
    occurrences: Vec<Occurrence>,
}

/// How far the sources of one load moved when [`Sources::join`] put them behind others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shift(u32);

impl Shift {
    /// The same place in the joined sources.
    #[must_use]
    pub fn apply(self, span: Span) -> Span {
        let source = SourceId(span.source.0.saturating_add(self.0));
        Span { source, ..span }
    }
}

/// A place as people count: lines and characters from 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub file: String,
    pub line: usize,
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

impl Sources {
    /// Takes a file's text up at the place that brought it in; `None` for the one named first.
    ///
    /// A span counts bytes in 32 bits: longer texts must not come here.
    pub fn add(&mut self, name: &str, bytes: Arc<Vec<u8>>, link: Option<Link>) -> SourceId {
        let text = self.text(Text {
            name: name.into(),
            bytes,
            lines: OnceCell::new(),
        });
        self.occur(text, link)
    }

    /// The text of `source` once more, brought in at another place.
    pub fn again(&mut self, source: SourceId, link: Link) -> SourceId {
        let text = self.occurrences[source.0 as usize].text;
        self.occur(text, Some(link))
    }

    fn occur(&mut self, text: u32, link: Option<Link>) -> SourceId {
        let id = u32::try_from(self.occurrences.len()).unwrap_or(u32::MAX);
        self.occurrences.push(Occurrence { text, link });
        SourceId(id)
    }

    /// Takes up what another load read, so that one finding can show places of both. Every span of
    /// the other load has to be moved by what this returns.
    pub fn join(&mut self, other: Self) -> Shift {
        let shift = Shift(u32::try_from(self.occurrences.len()).unwrap_or(u32::MAX));
        let texts: Vec<u32> = other
            .texts
            .into_iter()
            .map(|text| self.text(text))
            .collect();
        let moved = |link: Link| Link {
            at: shift.apply(link.at),
            ..link
        };
        let occurrences = other.occurrences.into_iter().map(|one| Occurrence {
            text: texts[one.text as usize],
            link: one.link.map(moved),
        });
        self.occurrences.extend(occurrences);
        shift
    }

    /// The place of a text, which is kept once however many loads read it.
    fn text(&mut self, text: Text) -> u32 {
        let known = self
            .texts
            .iter()
            .position(|other| other.name == text.name && Arc::ptr_eq(&other.bytes, &text.bytes));
        let index = known.unwrap_or_else(|| {
            self.texts.push(text);
            self.texts.len() - 1
        });
        u32::try_from(index).unwrap_or(u32::MAX)
    }

    /// The text that was named first.
    pub fn first(&self) -> Option<SourceId> {
        (!self.occurrences.is_empty()).then_some(SourceId(0))
    }

    /// How many texts were read.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// How often a text came in, at whatever places.
    pub fn occurrences(&self) -> usize {
        self.occurrences.len()
    }

    /// Every text, at the first place that brought it in.
    pub fn texts(&self) -> impl Iterator<Item = (SourceId, &Text)> {
        let mut seen = vec![false; self.texts.len()];
        let occurrences = self.occurrences.iter().zip(0..);
        let first = occurrences.filter(move |(occurrence, _)| {
            !std::mem::replace(&mut seen[occurrence.text as usize], true)
        });
        first.map(|(occurrence, id)| (SourceId(id), &self.texts[occurrence.text as usize]))
    }

    /// The text of a source that [`Sources::add`] or [`Sources::again`] gave.
    pub fn get(&self, id: SourceId) -> &Text {
        &self.texts[self.occurrences[id.0 as usize].text as usize]
    }

    /// The place stands in a file's own text, which nothing but includes brought in.
    pub fn in_file(&self, span: Span) -> bool {
        let links = self.chain(span);
        links.iter().all(|link| link.via == Via::Include)
    }

    /// What is written there.
    pub fn written(&self, span: Span) -> &[u8] {
        let bytes = &self.get(span.source).bytes;
        bytes
            .get(span.start as usize..span.end as usize)
            .unwrap_or_default()
    }

    pub fn place(&self, span: Span) -> Place {
        let text = self.get(span.source);
        let line = text.line_of(span.start);
        let before = &text.line(line)[..text.column_bytes(line, span.start)];
        Place {
            file: text.name.to_string(),
            line: line + 1,
            column: String::from_utf8_lossy(before).chars().count() + 1,
        }
    }

    /// File and line of a place, the line from 1: of a plan this is asked a hundred thousand times,
    /// and the column never.
    pub fn line_of(&self, span: Span) -> (&str, usize) {
        let text = self.get(span.source);
        (&text.name, text.line_of(span.start) + 1)
    }

    /// The place where a span ends, just behind its last character.
    pub fn end_place(&self, span: Span) -> Place {
        self.place(Span {
            start: span.end,
            ..span
        })
    }

    /// The place that brought a source's text in.
    pub fn link(&self, id: SourceId) -> Option<&Link> {
        self.occurrences[id.0 as usize].link.as_ref()
    }

    /// The chain of uses that brought a span's text in, innermost first.
    pub fn chain(&self, span: Span) -> Vec<&Link> {
        let mut chain = Vec::new();
        let mut link = self.link(span.source);
        while let Some(next) = link {
            chain.push(next);
            link = self.link(next.at.source);
        }
        chain
    }

    /// Sorts places as a reader meets them: by the outermost use, then inward.
    pub fn reading_order(&self, span: Span) -> Vec<Span> {
        let mut order = vec![span];
        order.extend(self.chain(span).iter().map(|link| link.at));
        order.reverse();
        order
    }

    /// The smallest span that covers all of `pieces` in the innermost text they have in common.
    ///
    /// A piece that an expansion brought in is covered by the place of its use.
    pub fn cover(&self, pieces: &[Span]) -> Option<Span> {
        let (first, rest) = pieces.split_first()?;
        let mut candidate = Some(*first);
        while let Some(base) = candidate {
            let mut cover = base;
            let all = rest.iter().all(|piece| {
                let lifted = self.lift(*piece, base.source);
                if let Some(span) = lifted {
                    cover.start = cover.start.min(span.start);
                    cover.end = cover.end.max(span.end);
                }
                lifted.is_some()
            });
            if all {
                return Some(cover);
            }
            candidate = self.link(base.source).map(|link| link.at);
        }
        Some(*first)
    }

    /// The place in `source` that a span's text came in at.
    fn lift(&self, span: Span, source: SourceId) -> Option<Span> {
        let mut at = span;
        while at.source != source {
            at = self.link(at.source)?.at;
        }
        Some(at)
    }
}

impl Text {
    fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let ends = memchr::memchr_iter(b'\n', &self.bytes);
            let starts = ends.map(|at| u32::try_from(at + 1).unwrap_or(u32::MAX));
            std::iter::once(0).chain(starts).collect()
        })
    }

    /// Index of the line that holds byte `at`.
    pub fn line_of(&self, at: u32) -> usize {
        self.lines().partition_point(|start| *start <= at).max(1) - 1
    }

    /// The byte at which a line starts.
    pub fn line_start(&self, index: usize) -> u32 {
        self.lines()[index]
    }

    /// A line without its end.
    pub fn line(&self, index: usize) -> &[u8] {
        let lines = self.lines();
        let start = lines[index] as usize;
        let end = lines.get(index + 1);
        let end = end.map_or(self.bytes.len(), |next| *next as usize);
        let line = &self.bytes[start..end];
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        line.strip_suffix(b"\r").unwrap_or(line)
    }

    /// How far into its line a byte stands; the line's length at most.
    pub fn column_bytes(&self, line: usize, at: u32) -> usize {
        let column = at.saturating_sub(self.lines()[line]) as usize;
        column.min(self.line(line).len())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may")]

    use super::*;

    fn span(source: SourceId, start: u32, end: u32) -> Span {
        Span { source, start, end }
    }

    /// A file that includes another, and the place of a word of each.
    fn load(name: &str, text: &str, shared: &Arc<Vec<u8>>) -> (Sources, Span, Span) {
        let mut sources = Sources::default();
        let file = sources.add(name, Arc::new(text.into()), None);
        let at = span(file, 0, 7);
        let via = Via::Include;
        let included = sources.add("shared.conf", shared.clone(), Some(Link { via, at }));
        (sources, span(file, 8, 11), span(included, 4, 7))
    }

    #[test]
    fn joined_sources_know_the_places_of_both_loads() {
        let shared = Arc::new(b"one\ntwo\n".to_vec());
        let (mut all, own, within) = load("a.conf", "include aaa", &shared);
        let (other, others_own, others_within) = load("b.conf", "include bbb", &shared);
        let (texts, occurrences) = (all.len(), all.occurrences());
        let shift = all.join(other);

        assert_eq!(all.written(own), b"aaa");
        assert_eq!(all.written(shift.apply(others_own)), b"bbb");
        assert_eq!(all.place(shift.apply(others_own)).file, "b.conf");
        // The file that both include is kept once, and each place of it knows who included it.
        assert_eq!((all.len(), all.occurrences()), (texts + 1, occurrences + 2));
        for (within, name) in [(within, "a.conf"), (shift.apply(others_within), "b.conf")] {
            assert_eq!(all.written(within), b"two");
            assert_eq!(all.place(within).to_string(), "shared.conf:2");
            let chain = all.chain(within);
            assert_eq!(chain.len(), 1);
            assert_eq!(all.place(chain[0].at).to_string(), format!("{name}:1"));
        }
    }

    #[test]
    fn a_file_of_another_content_is_another_text_though_its_name_is_the_same() {
        let (mut all, own, _) = load("k.conf", "include old", &Arc::default());
        let (other, others, _) = load("k.conf", "include new", &Arc::default());
        let shift = all.join(other);
        assert_eq!(all.written(own), b"old");
        assert_eq!(all.written(shift.apply(others)), b"new");
    }

    #[test]
    fn joining_nothing_moves_nothing() {
        let (mut all, own, _) = load("a.conf", "include aaa", &Arc::default());
        let before = all.occurrences();
        all.join(Sources::default());
        assert_eq!(all.occurrences(), before);
        let mut none = Sources::default();
        assert_eq!(none.join(all).apply(own), own);
    }
}
