use super::keyword::{self, Keyword, Support};
use super::rules;
use super::tree::{MOST_FINDINGS, Node, Word};
use crate::diag::{Diagnostic, Span};

/// The findings of a load, and the ways blocks are walked and complained of.
#[derive(Debug, Default)]
pub(super) struct Lowering {
    pub(super) findings: Vec<Diagnostic>,
}

impl Lowering {
    pub(super) fn report(&mut self, finding: Diagnostic) {
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(finding);
        }
    }

    /// Calls `each` for every line of a block that its keyword table lets act.
    ///
    /// What is unknown, incomplete or not implemented is a finding, and what stands inside an
    /// unknown block stays inside.
    pub(super) fn walk<'a>(
        &mut self,
        block: &'a str,
        nodes: &'a [Node],
        mut each: impl FnMut(&mut Self, &'a str, &'a Node),
    ) {
        for node in nodes.iter().filter(|node| !node.unexpanded) {
            let word = node.keyword();
            match keyword::find(block, &word.text) {
                None => self.unknown(block, node),
                Some(known) => {
                    if self.complete(known, node) {
                        each(self, &word.text, node);
                    }
                }
            }
        }
    }

    /// Whether a known keyword is to be acted on, has what it needs, and no block too many.
    fn complete(&mut self, known: &Keyword, node: &Node) -> bool {
        let word = node.keyword();
        let name = &word.text;
        match known.support {
            Support::Refuses => {
                let text = format!("{name} is not implemented");
                let finding = Diagnostic::new(&rules::NOT_SUPPORTED, word.span, text)
                    .note("the file is refused rather than half of it done");
                self.report(finding.refuse());
                return false;
            }
            Support::Foreign => {
                self.nothing_strays(node, node);
                return false;
            }
            Support::Warns => {
                let text = format!("{name} is left to others");
                self.report(Diagnostic::new(&rules::WITHOUT_EFFECT, word.span, text));
            }
            Support::Accepts | Support::Acts => {}
        }
        if node.arguments().len() < known.required {
            let text = format!("{name} needs a value");
            let finding = Diagnostic::new(&rules::MISSING_PARAMETER, word.span, text)
                .note("keepalived ends at this line, its VRRP half included");
            self.report(finding.refuse());
            return false;
        }
        match &node.block {
            Some(block) if !known.takes_block => {
                let text = format!("{name} takes no block");
                let finding = Diagnostic::new(&rules::UNEXPECTED_BRACE, block.open, text)
                    .context(word.span, "of this keyword")
                    .note("keepalived takes what is inside for part of the block around it");
                self.report(finding.refuse());
                false
            }
            None if known.takes_block => {
                let text = format!("{name} needs a block in braces");
                let finding = Diagnostic::new(&rules::MISSING_BLOCK, node.span(), text);
                self.report(finding.refuse());
                false
            }
            _ => {
                if known.support != Support::Acts {
                    self.nothing_strays(node, node);
                }
                known.support == Support::Acts
            }
        }
    }

    /// Refuses servers in a block whose inside means nothing here: where a brace slipped, a
    /// virtual server would be lost without a word.
    pub(super) fn nothing_strays(&mut self, outer: &Node, node: &Node) {
        for inner in node.children() {
            let word = inner.keyword();
            let server = ["virtual_server", "virtual_server_group", "real_server"];
            if server.contains(&word.text.as_str()) {
                let name = &outer.keyword().text;
                let text = format!("inside {name}, where it is lost");
                let finding = Diagnostic::new(&rules::MISPLACED_BLOCK, inner.span(), text)
                    .context(outer.span(), "this block is still open")
                    .help(format!("close {name} before it"));
                self.report(finding.refuse());
            } else {
                self.nothing_strays(outer, inner);
            }
        }
    }

    fn unknown(&mut self, block: &str, node: &Node) {
        let word = node.keyword();
        let (rule, place) = match block {
            "root" => (&rules::UNKNOWN_KEYWORD, "outside all blocks".to_owned()),
            block => (&rules::UNKNOWN_KEYWORD, format!("in {block}")),
        };
        let rule = if node.block.is_some() {
            &rules::UNKNOWN_BLOCK
        } else {
            rule
        };
        let text = format!("{} is unknown {place}", word.text);
        let mut finding = Diagnostic::new(rule, word.span, text);
        if let Some(meant) = keyword::meant(block, &word.text) {
            finding = finding.help(format!("did you mean {meant}?"));
        } else {
            let homes = keyword::blocks_of(&word.text);
            if let Some(home) = homes.first() {
                let home = if *home == "root" {
                    "outside all blocks"
                } else {
                    home
                };
                finding = finding.help(format!("its place is {home}"));
            }
        }
        self.report(if node.block.is_some() {
            finding
                .note("keepalived would take what is inside for part of the block around it")
                .refuse()
        } else {
            finding.note("keepalived ignores the line, and so does lvsctl")
        });
    }

    /// A keyword whose argument, if any, keepalived does not read.
    pub(super) fn always_true(&mut self, node: &Node) -> bool {
        if let [argument, ..] = node.arguments()
            && matches!(argument.text.as_str(), "off" | "false" | "no")
        {
            let text = format!("{} is on all the same", node.keyword().text);
            let finding = Diagnostic::new(&rules::ARGUMENT_IGNORED, argument.span, text)
                .help("leave the line out to have it off");
            self.report(finding);
        }
        true
    }

    /// `on true yes`, `off false no`, or nothing, which is true.
    pub(super) fn boolean(&mut self, node: &Node) -> Option<bool> {
        let Some(argument) = node.arguments().first() else {
            return Some(true);
        };
        match argument.text.as_str() {
            "on" | "true" | "yes" => Some(true),
            "off" | "false" | "no" => Some(false),
            _ => {
                self.bad_value(argument, "on, true, yes, off, false or no");
                None
            }
        }
    }

    /// A value that is none of those the keyword knows: the line counts for nothing.
    pub(super) fn bad_value(&mut self, word: &Word, expected: &str) {
        let text = format!("expected {expected}");
        let finding = Diagnostic::new(&rules::BAD_VALUE, word.span, text)
            .note("keepalived ignores the line and goes on with the default, and so does lvsctl");
        self.report(finding);
    }

    pub(super) fn refuse(&mut self, rule: &'static crate::diag::Rule, span: Span, text: &str) {
        self.report(Diagnostic::new(rule, span, text).refuse());
    }
}
