use std::fmt;

/// Which text of a [`Sources`] is meant.
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
    /// From the start of one span to the end of another of the same source.
    #[must_use]
    pub fn to(self, last: Self) -> Self {
        let end = last.end.max(self.end);
        Self { end, ..self }
    }
}

/// A text that was read, once per load.
#[derive(Clone, Debug)]
pub struct Source {
    pub name: String,
    pub bytes: Vec<u8>,
    /// The `include` it was read for.
    pub included_at: Option<Span>,
    /// Where each line starts.
    lines: Vec<u32>,
}

/// Every text that was read.
#[derive(Clone, Debug, Default)]
pub struct Sources(Vec<Source>);

/// A place as people count: lines and characters from 1.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
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
    /// Takes a text up. A span counts bytes in 32 bits: longer texts are cut.
    pub fn add(&mut self, name: String, mut bytes: Vec<u8>, included_at: Option<Span>) -> SourceId {
        bytes.truncate(u32::MAX as usize);
        let mut lines = vec![0];
        for (at, byte) in (1..=u32::MAX).zip(&bytes) {
            if *byte == b'\n' {
                lines.push(at);
            }
        }
        let id = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        self.0.push(Source {
            name,
            bytes,
            included_at,
            lines,
        });
        SourceId(id)
    }

    /// How many texts were read.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The source of an id that [`Sources::add`] gave.
    pub fn get(&self, id: SourceId) -> &Source {
        &self.0[id.0 as usize]
    }

    pub fn place(&self, span: Span) -> Place {
        let source = self.get(span.source);
        let line = source.line_of(span.start);
        let before = &source.line(line)[..source.column_bytes(line, span.start)];
        Place {
            file: source.name.clone(),
            line: line + 1,
            column: String::from_utf8_lossy(before).chars().count() + 1,
        }
    }

    /// The place where a span ends, just behind its last character.
    pub fn end_place(&self, span: Span) -> Place {
        self.place(Span {
            start: span.end,
            ..span
        })
    }

    /// The chain of includes that brought a span's text in, innermost first.
    pub fn includes(&self, span: Span) -> Vec<Span> {
        let mut chain = Vec::new();
        let mut at = self.get(span.source).included_at;
        while let Some(include) = at {
            chain.push(include);
            at = self.get(include.source).included_at;
        }
        chain
    }
}

impl Source {
    /// Where the first line begins that is longer than `most` bytes.
    pub fn longer_than(&self, most: usize) -> Option<u32> {
        let lines = 0..self.lines.len();
        let long = lines
            .into_iter()
            .find(|index| self.line(*index).len() > most);
        long.map(|index| self.lines[index])
    }

    /// Index of the line that holds byte `at`.
    pub fn line_of(&self, at: u32) -> usize {
        self.lines.partition_point(|start| *start <= at).max(1) - 1
    }

    /// A line without its end.
    pub fn line(&self, index: usize) -> &[u8] {
        let start = self.lines[index] as usize;
        let end = self.lines.get(index + 1);
        let end = end.map_or(self.bytes.len(), |next| *next as usize);
        let line = &self.bytes[start..end];
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        line.strip_suffix(b"\r").unwrap_or(line)
    }

    /// How far into its line a byte stands; the line's length at most.
    pub fn column_bytes(&self, line: usize, at: u32) -> usize {
        let column = at.saturating_sub(self.lines[line]) as usize;
        column.min(self.line(line).len())
    }
}
