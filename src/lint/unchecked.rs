use crate::conf::Node;
use crate::diag::Span;

/// Which virtual servers have no check, as far as rules need it when the file is read.
#[derive(Clone, Debug, Default)]
pub(super) struct Unchecked {
    /// Virtual servers with real servers and without any check.
    pub(super) places: Vec<Span>,
    /// Some virtual server has a check.
    pub(super) others: bool,
    /// A check may stand where only the host knows.
    pub(super) unknown: bool,
}

impl Unchecked {
    /// Takes a `virtual_server` up.
    pub(super) fn add(&mut self, node: Node<'_>) {
        let mut servers = 0;
        for line in node.children() {
            if line.opaque() {
                self.unknown = true;
                return;
            }
            if line.keyword().bytes != b"real_server" {
                continue;
            }
            servers += 1;
            for inner in line.children() {
                if inner.opaque() {
                    self.unknown = true;
                    return;
                }
                // A check that is misspelt is a finding of its own.
                if inner.open().is_some() {
                    self.others = true;
                    return;
                }
            }
        }
        if servers > 0 {
            self.places.push(node.span());
        }
    }
}
