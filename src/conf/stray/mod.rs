//! Words and blocks that stand where they mean nothing, and servers that would be lost with them.

mod guess;
mod wrong_words;

use super::keyword::{Inside, Kind, find};
use super::lowering::{Lowering, Taken};
use super::rules;
use super::tree::Node;
use crate::diag::{Diagnostic, Fix};
use guess::{Guess, place};

/// Blocks that must not be lost.
const SERVERS: [&str; 3] = ["virtual_server", "virtual_server_group", "real_server"];
/// Words a virtual server lacks if one like them is unknown.
const NEEDED: [&str; 5] = ["lb_algo", "lvs_sched", "lb_kind", "lvs_method", "protocol"];

impl Lowering<'_> {
    /// Refuses servers in a block whose inside means nothing here: where a brace slipped, a
    /// virtual server would be lost without a word.
    pub(super) fn nothing_strays(&mut self, outer: Node<'_>, node: Node<'_>) {
        let mut first = true;
        self.strays(outer, node, &mut first);
    }

    /// The first is a finding; the others are lost for the same brace.
    fn strays(&mut self, outer: Node<'_>, node: Node<'_>, first: &mut bool) {
        for inner in node.children() {
            if !SERVERS.contains(&inner.keyword().text()) {
                self.strays(outer, inner, first);
                continue;
            }
            if std::mem::take(first) {
                let name = outer.keyword().shown();
                let text = format!("inside {name}, where it is lost");
                let finding = Diagnostic::new(&rules::MISPLACED_BLOCK, inner.span(), text)
                    .context(outer.span(), "this block is still open")
                    .help(format!("close {name} before it"));
                self.findings.report(finding.refuse());
            }
            self.read_inside(find("root", inner.keyword().text()).is_some(), inner);
        }
    }

    /// A word that its block does not know; what stands inside it is read for its own mistakes.
    pub(super) fn unknown(&mut self, block: &'static str, node: Node<'_>) {
        let word = node.keyword();
        let name = word.shown();
        if SERVERS.contains(&word.text()) && !["root", "virtual_server"].contains(&block) {
            self.misplaced(block, node);
            self.read_inside(word.text() != "real_server", node);
            return;
        }
        let guess = Guess::of(block, node);
        if block != "root" && node.open().is_some() && guess.homes.contains(&"root") {
            self.misplaced(block, node);
            self.lost_blocks += 1;
            self.read_inside(true, node);
            return;
        }
        let of_unopened = self
            .unopened
            .is_some_and(|kind| guess.homes.contains(&kind));
        if of_unopened {
            // The block above lacks its braces, which is said there.
        } else if block == "root" && guess.write.is_none() && !guess.homes.is_empty() {
            self.outside(node, &guess);
        } else {
            self.unknown_here(block, node, &name, &guess);
        }
        if block == "virtual_server" {
            self.lost_blocks += usize::from(node.open().is_some());
            let holds = |text: &str| NEEDED.iter().any(|needed| text.contains(needed));
            let needed =
                guess.write.is_some_and(is_needed) || node.words().any(|word| holds(word.text()));
            self.lost_lines += usize::from(needed);
        }
        if node.open().is_some()
            && let Some(kind) = guess.inside(block, word.text())
        {
            self.walk(kind, node.children(), |_, _, _| Taken::No);
        }
    }

    /// A block that stands outside all, inside one that knows it not. The first of several is a
    /// finding: a brace is missing before it, or one of another program's blocks hides it.
    fn misplaced(&mut self, block: &'static str, node: Node<'_>) {
        let server = SERVERS.contains(&node.keyword().text());
        let refused = server || !self.foreign;
        if self.findings.another_inside(refused) {
            return;
        }
        let name = node.keyword().shown();
        let lost = if server { ", where it is lost" } else { "" };
        let text = format!("{name} stands inside {}{lost}", place(block));
        let mut finding = Diagnostic::new(&rules::MISPLACED_BLOCK, node.span(), text);
        finding = if block == "virtual_server" || name != "real_server" {
            finding.help(format!("close {} before it", place(block)))
        } else {
            finding.help("its place is virtual_server")
        };
        self.findings
            .first_inside(if refused { finding.refuse() } else { finding });
    }

    fn unknown_here(&mut self, block: &'static str, node: Node<'_>, name: &str, guess: &Guess) {
        let word = node.keyword();
        let lost = node.open().is_some();
        let rule = if lost {
            &rules::UNKNOWN_BLOCK
        } else {
            &rules::UNKNOWN_KEYWORD
        };
        let text = format!("{name} is unknown {}", in_place(block));
        let mut finding = Diagnostic::new(rule, word.span, text);
        if let Some(remark) = guess.remark {
            finding = finding.note(remark);
        }
        if let Some(help) = guess.help(node) {
            finding = finding.help(help);
        }
        if guess.useless && !lost && node.as_written() {
            finding = finding.fix(Fix::replace("delete the line", node.span(), ""));
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
            || guess
                .write
                .is_some_and(|meant| meant.starts_with("virtual_server"))
            || SERVERS.contains(&word.text())
            || holds_server(node);
        if matters && (!self.foreign || holds_server(node)) {
            self.findings.report(finding.refuse());
        } else {
            self.report(finding);
        }
    }

    /// A line of some block that stands outside all. The first of several in a row is a finding.
    fn outside(&mut self, node: Node<'_>, guess: &Guess) {
        let lost = SERVERS.contains(&node.keyword().text()) || holds_server(node);
        if self.findings.another_outside(lost) {
            return;
        }
        let name = node.keyword().shown();
        let text = format!("{name} stands outside all blocks");
        let finding = Diagnostic::new(&rules::OUTSIDE_BLOCK, node.keyword().span, text)
            .help(format!("its place is {}", guess.likely_homes()));
        self.findings.first_outside(if lost {
            finding.refuse()
        } else {
            finding.note("keepalived ignores the line, and so does lvsctl")
        });
    }

    /// What stands in a server at a place where it is lost.
    fn read_inside(&mut self, outermost: bool, node: Node<'_>) {
        let block = if outermost { "root" } else { "virtual_server" };
        let inside = find(block, node.keyword().text()).map(|known| known.inside);
        if let Some(Inside::Keywords(name)) = inside
            && let Some(kind) = Kind::named(name)
        {
            self.walk(kind, node.children(), |_, _, _| Taken::No);
        }
    }
}

/// A virtual server without such a line is a finding.
pub(super) fn is_needed(word: &str) -> bool {
    NEEDED.contains(&word)
}

/// Where a word stands, for people.
pub(super) fn in_place(block: &str) -> String {
    match block {
        "root" => place(block).to_owned(),
        block => format!("in {}", place(block)),
    }
}

/// Whether a block holds a virtual or real server at any depth.
fn holds_server(node: Node<'_>) -> bool {
    let mut inner = node.children();
    inner.any(|inner| SERVERS.contains(&inner.keyword().text()) || holds_server(inner))
}
