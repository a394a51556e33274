//! Words and blocks that stand where they mean nothing, and servers that would be lost with them.

use super::keyword;
use super::lowering::Lowering;
use super::rules;
use super::tree::Node;
use crate::diag::Diagnostic;

/// Blocks that must not be lost.
const SERVERS: [&str; 3] = ["virtual_server", "virtual_server_group", "real_server"];

impl Lowering<'_> {
    /// Refuses servers in a block whose inside means nothing here: where a brace slipped, a
    /// virtual server would be lost without a word.
    pub(super) fn nothing_strays(&mut self, outer: Node<'_>, node: Node<'_>) {
        for inner in node.children() {
            if SERVERS.contains(&inner.keyword().text()) {
                let name = outer.keyword().shown();
                let text = format!("inside {name}, where it is lost");
                let finding = Diagnostic::new(&rules::MISPLACED_BLOCK, inner.span(), text)
                    .context(outer.span(), "this block is still open")
                    .help(format!("close {name} before it"));
                self.findings.report(finding.refuse());
            } else {
                self.nothing_strays(outer, inner);
            }
        }
    }

    /// A word that its block does not know; what stands inside it stays inside.
    pub(super) fn unknown(&mut self, block: &'static str, node: Node<'_>) {
        let word = node.keyword();
        let name = word.shown();
        let place = match block {
            "root" => "outside all blocks".to_owned(),
            block => format!("in {block}"),
        };
        if SERVERS.contains(&word.text()) && !["root", "virtual_server"].contains(&block) {
            self.misplaced(&format!("inside {block}, where it is lost"), node);
            return;
        }
        let lost = node.open().is_some();
        let rule = if lost {
            &rules::UNKNOWN_BLOCK
        } else {
            &rules::UNKNOWN_KEYWORD
        };
        let mut finding = Diagnostic::new(rule, word.span, format!("{name} is unknown {place}"));
        let meant = keyword::meant(block, word.text());
        if let Some(meant) = meant {
            finding = finding.help(format!("did you mean {meant}?"));
        } else if let Some(home) = keyword::blocks_of(word.text()).first() {
            let home = if *home == "root" {
                "outside all blocks"
            } else {
                home
            };
            finding = finding.help(format!("its place is {home}"));
        }
        if !lost {
            self.report(finding.note("keepalived ignores the line, and so does lvsctl"));
            return;
        }
        finding =
            finding.note("keepalived would take what is inside for part of the block around it");
        // In a virtual server or real server a server or check is lost; elsewhere only what holds
        // or means one.
        let matters = ["virtual_server", "real_server"].contains(&block)
            || meant.is_some_and(|meant| meant.starts_with("virtual_server"))
            || SERVERS.contains(&word.text())
            || holds_server(node);
        if matters && (!self.foreign || holds_server(node)) {
            self.findings.report(finding.refuse());
        } else {
            self.report(finding);
        }
    }

    /// A server is lost wherever it strays to, be it the block of another program.
    fn misplaced(&mut self, text: &str, node: Node<'_>) {
        self.findings
            .refuse(&rules::MISPLACED_BLOCK, node.span(), text);
    }
}

/// Whether a block holds a virtual or real server at any depth.
fn holds_server(node: Node<'_>) -> bool {
    let mut inner = node.children();
    inner.any(|inner| SERVERS.contains(&inner.keyword().text()) || holds_server(inner))
}
