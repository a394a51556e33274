use super::LONGEST_LINE;
use crate::conf::written;

/// Blanks of one block.
const INDENT: usize = 4;

/// The text as far as it is laid out.
#[derive(Default)]
pub(super) struct Page {
    pub(super) out: Vec<u8>,
    /// Blank lines stand before what comes next.
    pub(super) blank: bool,
    /// The blank line ends a definition, so that it stays even at the end of the text.
    pub(super) ends_definition: bool,
    /// The words written last, if a `{` could follow them.
    last: Option<Last>,
}

#[derive(Clone, Copy)]
struct Last {
    /// Where its line begins, and where its words end.
    start: usize,
    end: usize,
    noted: bool,
}

impl Page {
    /// Begins a line.
    fn begin(&mut self, depth: usize) -> usize {
        if self.blank && !self.out.is_empty() {
            self.out.push(b'\n');
        }
        self.blank = false;
        self.ends_definition = false;
        self.last = None;
        let start = self.out.len();
        self.out.resize(start + depth * INDENT, b' ');
        start
    }

    /// A line as it is.
    pub(super) fn exact(&mut self, line: &[u8]) {
        self.begin(0);
        self.out.extend_from_slice(line);
        self.out.push(b'\n');
    }

    /// A line of which only the blanks in front change.
    pub(super) fn kept(&mut self, depth: usize, line: &[u8]) {
        self.begin(depth);
        self.out.extend_from_slice(line);
        self.out.push(b'\n');
    }

    /// A line of which blanks change in front of byte `loose`.
    pub(super) fn whole(&mut self, depth: usize, code: &[u8], loose: usize) {
        self.begin(depth);
        let (loose, tight) = code.split_at(loose);
        self.spaced(loose);
        self.out.extend_from_slice(tight);
        self.out.push(b'\n');
    }

    /// The words of a line, or part of one, without a brace.
    pub(super) fn words(&mut self, depth: usize, words: &[u8]) {
        let start = self.begin(depth);
        // Scripts and patterns know single quotes.
        if memchr::memchr(b'\'', words).is_some() {
            self.out.extend_from_slice(words);
        } else {
            self.spaced(words);
        }
        self.last = Some(Last {
            start,
            end: self.out.len(),
            noted: false,
        });
        self.out.push(b'\n');
    }

    /// `{` behind the words just written if it `joins` them, else on a line of its own; `note`
    /// follows on its line.
    pub(super) fn open(&mut self, depth: usize, note: &[u8], joins: bool) {
        let last = self.last.filter(|last| {
            let length = self.out.len() - 1 - last.start + 2;
            let room = match note.len() {
                0 => true,
                note => !last.noted && length + 2 + note <= LONGEST_LINE,
            };
            joins && room && length <= LONGEST_LINE
        });
        if let Some(last) = last {
            self.out.splice(last.end..last.end, *b" {");
            self.blank = false;
            self.last = None;
        } else {
            self.kept(depth, b"{");
        }
    }

    pub(super) fn close(&mut self, depth: usize) {
        self.kept(depth, b"}");
    }

    /// A comment behind what was written last, with no blank between where it is `glued`.
    pub(super) fn note(&mut self, note: &[u8], glued: bool) {
        if note.is_empty() {
            return;
        }
        self.out.pop();
        let gap: &[u8] = if glued { b"" } else { b"  " };
        self.out.extend_from_slice(gap);
        self.out.extend_from_slice(note);
        self.out.push(b'\n');
        // A brace between would part what is to stay as it is.
        self.last = self.last.filter(|_| !glued);
        if let Some(last) = &mut self.last {
            last.noted = true;
        }
    }

    /// Words with one blank where there were any between them.
    fn spaced(&mut self, words: &[u8]) {
        let mut behind = 0;
        for token in written::words(words) {
            let (start, end) = (token.start as usize, token.end as usize);
            if start > behind {
                self.out.push(b' ');
            }
            self.out.extend_from_slice(&words[start..end]);
            behind = end;
        }
        if behind < words.len() {
            self.out.push(b' ');
        }
    }

    pub(super) fn end(mut self) -> Vec<u8> {
        if self.ends_definition {
            self.out.push(b'\n');
        }
        self.out
    }
}
