use std::collections::HashMap;

use crate::conf::keyword::Kind;
use crate::conf::{self, Files, Node, Options, Places};
use crate::diag::{Shift, Sources, Span};
use crate::lint::outline::{Outline, Word};
use crate::model::director::Director as Table;

/// One director of those that are compared: what a host comes to that reads its file.
pub(super) struct Director {
    /// Where it is, in words: `in FILE`, or `on HOST`.
    pub(super) whereabouts: String,
    /// How its places moved when the sources of all were joined.
    shift: Shift,
    pub(super) outline: Outline,
    /// `None` where the file is refused: what it lacks may be in the lines that were.
    pub(super) table: Option<Table>,
    places: Places,
    lines: Lines,
    /// The group that a virtual server is for, by the place of the virtual server.
    groups: HashMap<Span, Box<str>>,
}

/// Lines of virtual servers and real servers, by the place of the block: keyword, and the place of
/// the value.
type Lines = HashMap<Span, Box<[(&'static str, Span)]>>;

impl Director {
    /// Reads a file; `None` where there is nothing to read. What the reader says of it is said
    /// elsewhere.
    pub(super) fn read(
        files: &dyn Files,
        path: &str,
        whereabouts: String,
        options: &Options<'_>,
        all: &mut Sources,
    ) -> Option<Self> {
        let mut outline = Outline::default();
        let mut lines = Lines::new();
        let mut groups = HashMap::new();
        let loaded = conf::each_block(files, path, options, &mut |node| {
            outline.add(node);
            if !node.opaque() && node.keyword().bytes == b"virtual_server" {
                note_lines(node, "virtual_server", &mut lines);
                let kind = node.argument(0).filter(|word| word.bytes == b"group");
                if let Some(name) = kind.and_then(|_| node.argument(1)) {
                    groups.insert(node.span(), name.shown().into());
                }
            }
        });
        let first = loaded.sources.first()?;
        if loaded.sources.get(first).bytes.is_empty() {
            return None;
        }
        Some(Self {
            whereabouts,
            shift: all.join(loaded.sources),
            outline,
            table: loaded.director,
            places: loaded.places,
            lines,
            groups,
        })
    }

    /// A place of it among those of all directors.
    pub(super) fn at(&self, span: Span) -> Span {
        self.shift.apply(span)
    }

    pub(super) fn at_word(&self, word: &Word) -> Span {
        self.at(word.span)
    }

    /// Where the virtual server at `index` stands, not moved, and each real server of it.
    pub(super) fn places(&self, index: usize) -> Option<(Span, &[Span])> {
        self.places.virtual_server(index)
    }

    /// The group that the virtual server at this place is for.
    pub(super) fn group(&self, block: Span) -> Option<&str> {
        self.groups.get(&block).map(|name| &**name)
    }

    /// Where a block says one of these words, or `None`.
    pub(super) fn said(&self, block: Span, words: &[&str]) -> Option<Span> {
        let lines = self.lines.get(&block)?;
        let line = lines.iter().rev().find(|(word, _)| words.contains(word));
        line.map(|(_, span)| self.at(*span))
    }

    /// Its first block of a kind, else its first line, and what to say of that place.
    pub(super) fn begin(&self, keyword: &str) -> Option<(Span, String)> {
        if let Some(first) = self.outline.each(keyword).next() {
            let text = format!("the first {}", self.whereabouts);
            return Some((self.at(first.place()), text));
        }
        let line = self.outline.lines().first()?;
        Some((self.at(line.place()), "this file has none".to_owned()))
    }
}

fn note_lines(block: Node<'_>, name: &str, into: &mut Lines) {
    let Some(kind) = Kind::named(name) else {
        return;
    };
    let mut lines = Vec::new();
    for line in block.children().filter(|line| !line.opaque()) {
        let Some(known) = kind.find(line.keyword().bytes) else {
            continue;
        };
        if known.word == "real_server" {
            note_lines(line, known.word, into);
        } else {
            let value = line.argument(0).unwrap_or_else(|| line.keyword());
            lines.push((known.word, value.span));
        }
    }
    into.insert(block.span(), lines.into());
}
