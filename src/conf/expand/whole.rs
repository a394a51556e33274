use super::Reader;
use super::blocks::plain_span;
use crate::conf::written;
use crate::diag::SourceId;

/// Where the block of a virtual server began that is being read, as long as it means what its own
/// text says and there was nothing to say of it.
#[derive(Debug, Default)]
pub(super) struct Whole(Option<Begun>);

#[derive(Debug)]
struct Begun {
    start: usize,
    /// What there was before it.
    findings: usize,
    handed_on: usize,
    includes: usize,
}

impl Whole {
    /// What it means stands elsewhere too.
    pub(super) fn lost(&mut self) {
        self.0 = None;
    }
}

impl Reader<'_> {
    /// Before a line is read. How many bytes need no reading, because they were read before.
    pub(super) fn begin_whole(
        &mut self,
        bytes: &[u8],
        source: SourceId,
        start: usize,
        whole: &mut Whole,
    ) -> Option<usize> {
        let text = &bytes[start..];
        if !self.blocks.outermost() || !begins_virtual_server(text) {
            return None;
        }
        let to = &mut self.to;
        // What stands before it is complete.
        self.blocks.hand_on(&to.sources, &mut to.findings);
        let at = plain_span(source, start, bytes.len());
        if let Some(length) = self.blocks.sink.again(text, at, &mut to.findings) {
            return Some(length);
        }
        whole.0 = Some(Begun {
            start,
            findings: to.findings.list.len(),
            handed_on: self.blocks.handed_on,
            includes: self.includes,
        });
        None
    }

    /// After a line: it may have ended the block.
    pub(super) fn end_whole(
        &mut self,
        bytes: &[u8],
        source: SourceId,
        end: usize,
        whole: &mut Whole,
    ) {
        let Some(begun) = &whole.0 else { return };
        if !self.blocks.outermost() {
            return;
        }
        if self.blocks.idle()
            && self.blocks.handed_on == begun.handed_on + 1
            && self.to.findings.list.len() == begun.findings
            && self.includes == begun.includes
        {
            let at = plain_span(source, begun.start, end);
            self.blocks.sink.whole(&bytes[begun.start..end], at);
        }
        whole.0 = None;
    }
}

fn begins_virtual_server(text: &[u8]) -> bool {
    let line = &text[written::blanks(text)..];
    let after = line.strip_prefix(b"virtual_server");
    after.is_some_and(|after| after.first().is_some_and(|next| written::blank(*next)))
}
