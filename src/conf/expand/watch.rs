/// What bytes of a line ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asks {
    Nothing,
    /// A closer look at its words: `"` or `\\`.
    Look,
    /// Expansion perhaps, by what stands elsewhere: `$`, `@`, `~`, or the byte 0.
    Expansion,
}

/// Finds the lines that hold a byte worth a closer look, in one pass over the text.
pub(super) struct Watch<'a> {
    bytes: &'a [u8],
    /// Where the next of each group stands.
    next: [usize; 3],
}

impl<'a> Watch<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let mut watch = Self {
            bytes,
            next: [0; 3],
        };
        watch.next = [0, 1, 2].map(|which| watch.first(which, 0));
        watch
    }

    fn first(&self, which: usize, from: usize) -> usize {
        let rest = &self.bytes[from.min(self.bytes.len())..];
        let found = match which {
            0 => memchr::memchr2(b'"', b'\\', rest),
            1 => memchr::memchr3(b'$', b'@', b'~', rest),
            _ => memchr::memchr(0, rest),
        };
        found.map_or(usize::MAX, |at| from + at)
    }

    /// What stands in `start..end`. Asked in the order of the text.
    pub(super) fn line(&mut self, start: usize, end: usize) -> Asks {
        for which in 0..self.next.len() {
            if self.next[which] < start {
                self.next[which] = self.first(which, start);
            }
        }
        let [look, expand, zero] = self.next.map(|next| next < end);
        match (look, expand || zero) {
            (_, true) => Asks::Expansion,
            (true, false) => Asks::Look,
            (false, false) => Asks::Nothing,
        }
    }
}
