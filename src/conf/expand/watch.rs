/// Finds the lines that hold a byte worth a closer look, in one pass over the text.
pub(super) struct Watch<'a> {
    bytes: &'a [u8],
    /// Where the next `"`, `\` or `$`, and the next `@`, `~` or byte 0 stand.
    next: [usize; 2],
}

impl<'a> Watch<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        let mut watch = Self {
            bytes,
            next: [0, 0],
        };
        watch.next = [watch.first(0, 0), watch.first(1, 0)];
        watch
    }

    fn first(&self, which: usize, from: usize) -> usize {
        let rest = &self.bytes[from.min(self.bytes.len())..];
        let found = match which {
            0 => memchr::memchr3(b'"', b'\\', b'$', rest),
            _ => memchr::memchr3(b'@', b'~', 0, rest),
        };
        found.map_or(usize::MAX, |at| from + at)
    }

    /// Whether one stands in `start..end`. Asked in the order of the text.
    pub(super) fn hits(&mut self, start: usize, end: usize) -> bool {
        for which in 0..self.next.len() {
            if self.next[which] < start {
                self.next[which] = self.first(which, start);
            }
        }
        self.next.iter().any(|next| *next < end)
    }
}
