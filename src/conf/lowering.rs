use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use super::findings::Findings;
use super::keyword::{Argument, Form, Inside, Keyword, Kind};
use super::rules;
use super::tree::{Node, Word};
use super::value::{self, Fault};
use super::watched::Watched;
use crate::diag::{Diagnostic, Rule, Span, Verdict};
use crate::model::check::Policy;

/// The findings of a load, and the ways blocks are walked and complained of.
pub(super) struct Lowering<'f> {
    pub(super) findings: &'f mut Findings,
    /// Keywords that the daemon cannot do yet: where the first stands, and how many there are.
    pub(super) not_yet: &'f mut BTreeMap<&'static str, (Span, u32)>,
    /// What checks can watch, as far as it stands before them.
    pub(super) watched: &'f mut Watched,
    /// Of the check before: most are as patient.
    policy: Option<Arc<Policy>>,
    /// Inside a block for another program: nothing that is wrong there refuses the file.
    pub(super) foreign: bool,
    /// The kind of a block that lacks its braces, whose lines now stand in the block around it.
    pub(super) unopened: Option<&'static str>,
    /// Blocks of virtual servers that were refused, so far.
    pub(super) lost_blocks: usize,
    /// Lines of virtual servers that may have said what is missed there, so far.
    pub(super) lost_lines: usize,
}

/// Whether a line was dealt with, or is to be judged by its row alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    Yes,
    /// Its words are held against the forms of its row, and its block against its own rows.
    No,
}

impl<'f> Lowering<'f> {
    pub(super) fn new(
        findings: &'f mut Findings,
        not_yet: &'f mut BTreeMap<&'static str, (Span, u32)>,
        watched: &'f mut Watched,
    ) -> Self {
        Self {
            findings,
            not_yet,
            watched,
            policy: None,
            foreign: false,
            unopened: None,
            lost_blocks: 0,
            lost_lines: 0,
        }
    }

    /// Shared with the check before where that is as patient.
    pub(super) fn share_policy(&mut self, policy: Policy) -> Arc<Policy> {
        match &self.policy {
            Some(before) if **before == policy => Arc::clone(before),
            _ => Arc::clone(self.policy.insert(Arc::new(policy))),
        }
    }

    pub(super) fn report(&mut self, mut finding: Diagnostic) {
        if self.foreign {
            finding.verdict = Verdict::Accepted;
        }
        self.findings.report(finding);
    }

    pub(super) fn refuse(&mut self, rule: &'static Rule, span: Span, text: &str) {
        self.report(Diagnostic::new(rule, span, text).refuse());
    }

    pub(super) fn warn(&mut self, rule: &'static Rule, span: Span, text: impl Into<String>) {
        self.report(Diagnostic::new(rule, span, text));
    }

    /// Calls `each` for every line of a block that is known there, complete and implemented.
    ///
    /// What is not is a finding, and what stands inside an unknown block stays inside.
    pub(super) fn walk<'t>(
        &mut self,
        kind: Kind,
        nodes: impl Iterator<Item = Node<'t>>,
        mut each: impl FnMut(&mut Self, &'static Keyword, Node<'t>) -> Taken,
    ) {
        for node in nodes {
            self.line(kind, node, &mut each);
        }
    }

    /// The same for one line.
    pub(super) fn line<'t>(
        &mut self,
        kind: Kind,
        node: Node<'t>,
        each: &mut impl FnMut(&mut Self, &'static Keyword, Node<'t>) -> Taken,
    ) {
        if node.opaque() {
            return;
        }
        let known = node.known().filter(|known| kind.has(known));
        match known.or_else(|| kind.find(node.keyword().bytes)) {
            None => self.unknown(kind.name, node),
            Some(known) => {
                if known.block == "root" {
                    self.findings.runs_end();
                }
                if node.open().is_some() {
                    self.unopened = None;
                }
                self.hidden(known, node);
                if self.complete(known, node) && each(self, known, node) == Taken::No {
                    self.judge(known, node);
                }
            }
        }
    }

    /// Notes what stands behind a line of a virtual server and is lost there.
    fn hidden(&mut self, known: &Keyword, node: Node<'_>) {
        if node.arguments().len() <= known.arguments.len() || known.block != "virtual_server" {
            return;
        }
        for word in node.arguments().skip(known.arguments.len()) {
            self.lost_lines += usize::from(super::stray::is_needed(word.text()));
            // Its brace is refused.
            let block = word.bytes == b"real_server" && node.open().is_some();
            self.lost_blocks += usize::from(block && known.inside == Inside::Nothing);
        }
    }

    /// Holds a line's words against the forms of its row, and its block against its own rows.
    pub(super) fn judge(&mut self, known: &'static Keyword, node: Node<'_>) {
        let mut words = node.arguments();
        'arguments: for argument in &known.arguments {
            loop {
                let Some(word) = words.next() else {
                    break 'arguments;
                };
                if let Err(fault) = fits_one(known, argument, &word) {
                    self.fault(fault, &word);
                } else if argument.forms == [Form::Ignored] && argument.repeats {
                    self.always_true(node);
                    break 'arguments;
                }
                if !argument.repeats {
                    break;
                }
            }
        }
        if let Some(extra) = words.next().filter(|_| counts_its_words(known)) {
            let text = format!("{} takes no more words", known.word);
            let finding = Diagnostic::new(&rules::EXTRA_WORD, extra.span, text)
                .note("keepalived complains of it too");
            self.report(finding);
        }
        match known.inside {
            Inside::Nothing => {}
            Inside::Values(_) => self.nothing_strays(node, node),
            Inside::Keywords(block) => {
                if let Some(kind) = Kind::named(block) {
                    self.walk(kind, node.children(), |_, _, _| Taken::No);
                }
            }
        }
    }

    /// Judges a block that belongs to another program.
    pub(super) fn judge_foreign(&mut self, known: &'static Keyword, node: Node<'_>) {
        let before = std::mem::replace(&mut self.foreign, true);
        self.judge(known, node);
        self.foreign = before;
    }

    /// Notes what the daemon cannot do.
    pub(super) fn not_yet(&mut self, what: &'static str, span: Span) {
        let place = self.not_yet.entry(what).or_insert((span, 0));
        place.1 += 1;
    }

    pub(super) fn fault(&mut self, fault: Fault, word: &Word<'_>) {
        self.report(fault.at(word));
    }

    /// The value, or its fault is a finding.
    fn good<T>(&mut self, value: Result<T, Fault>, word: &Word<'_>) -> Option<T> {
        value.map_err(|fault| self.fault(fault, word)).ok()
    }

    /// A keyword whose argument, if any, keepalived does not read.
    pub(super) fn always_true(&mut self, node: Node<'_>) -> bool {
        if let Some(argument) = node.argument(0)
            && matches!(argument.text(), "off" | "false" | "no")
        {
            let text = format!("{} is on all the same", node.keyword().shown());
            let finding = Diagnostic::new(&rules::ARGUMENT_IGNORED, argument.span, text)
                .help("leave the line out to have it off");
            self.report(finding);
        }
        true
    }

    /// `on true yes`, `off false no`, or nothing, which is true.
    pub(super) fn boolean(&mut self, node: Node<'_>) -> Option<bool> {
        let Some(word) = node.argument(0) else {
            return Some(true);
        };
        self.good(value::boolean(&word), &word)
    }

    /// A whole number in the range of the row; its line counts for nothing otherwise.
    pub(super) fn number(&mut self, known: &Keyword, node: Node<'_>) -> Option<u32> {
        let word = node.argument(0)?;
        self.good(value::number(known, &word), &word)
    }

    /// A whole number, perhaps negative, in the range of the row.
    pub(super) fn integer(&mut self, known: &Keyword, node: Node<'_>) -> Option<i64> {
        let word = node.argument(0)?;
        self.good(value::integer(known, &word), &word)
    }

    /// Seconds with up to six decimals, in the range of the row.
    pub(super) fn timer(&mut self, known: &Keyword, node: Node<'_>) -> Option<Duration> {
        let word = node.argument(0)?;
        self.good(value::timer(known, &word), &word)
    }

    /// One IP address.
    pub(super) fn address(&mut self, word: &Word<'_>) -> Option<IpAddr> {
        let (ip, tail) = self.good(value::address(word), word)?;
        if !tail.is_empty() {
            let text = format!("{tail} is dropped, what remains is {ip}");
            self.warn(&rules::ADDRESS_TAIL, word.span, text);
        }
        Some(ip)
    }

    /// A port, 1 to 65,535; 0 and absence mean every port.
    pub(super) fn port(&mut self, word: Option<&Word<'_>>) -> Option<u16> {
        let Some(word) = word else { return Some(0) };
        self.good(value::port(word), word)
    }

    /// An IPv4 netmask in dotted form.
    pub(super) fn netmask(&mut self, word: &Word<'_>) -> Option<std::net::Ipv4Addr> {
        self.good(value::netmask(word), word)
    }

    /// A parameter is missing without which keepalived does not run, wherever it stands.
    pub(super) fn missing(&mut self, word: &Word<'_>, text: &str) {
        let finding = Diagnostic::new(&rules::MISSING_PARAMETER, word.span, text)
            .note("keepalived ends at this line, its VRRP half included");
        self.findings.report(finding.refuse());
    }

    /// A value that is none of those that can stand here, where something would be lost with it.
    pub(super) fn lost_value(&mut self, word: &Word<'_>, expected: &str) {
        let fault = Fault::lost(&rules::BAD_VALUE, format!("expected {expected}"));
        self.fault(fault, word);
    }

    /// The same, where it is known with what keepalived goes on, and perhaps what was meant.
    pub(super) fn bad_choice(
        &mut self,
        word: &Word<'_>,
        expected: &str,
        default: &str,
        meant: Option<&str>,
    ) {
        let finding = Fault::expected(expected).at(word);
        let mut finding = Diagnostic {
            notes: vec![format!(
                "keepalived goes on with {default}, and so does lvsctl"
            )],
            ..finding
        };
        if let Some(meant) = meant {
            finding = finding.help(format!("write {meant}"));
        }
        self.report(finding);
    }

    /// A value that is none of those the keyword knows: the line counts for nothing.
    pub(super) fn bad_value(&mut self, word: &Word<'_>, expected: &str) {
        self.fault(Fault::expected(expected), word);
    }
}

/// Whether keepalived does not pass over a word too many, as it does nearly everywhere.
pub(crate) fn counts_its_words(known: &Keyword) -> bool {
    let words = [
        "snmp_socket",
        "reload_time_file",
        "vrrp_garp_extra_if",
        "vrrp_vmac_garp_intvl",
        "vrrp_rx_bufs_multiplier",
        "garp_extra_if",
        "vmac_garp_intvl",
        "kernel_rx_buf_size",
    ];
    words.contains(&known.word)
}

/// A word that may have one of several forms; the fault is that of the form it is most like.
fn fits_one(known: &Keyword, argument: &Argument, word: &Word<'_>) -> Result<(), Fault> {
    let mut faults = Vec::new();
    for form in &argument.forms {
        match value::fits(known, *form, word) {
            Ok(()) => return Ok(()),
            Err(fault) => faults.push(fault),
        }
    }
    let literals: Vec<&str> = argument
        .forms
        .iter()
        .filter_map(|form| match form {
            Form::Literal(literal) => Some(*literal),
            _ => None,
        })
        .collect();
    match faults.pop() {
        Some(_) if literals.len() == argument.forms.len() && literals.len() > 1 => {
            Err(Fault::expected(&format!("one of {}", literals.join(" "))))
        }
        Some(fault) => Err(fault),
        None => Ok(()),
    }
}
