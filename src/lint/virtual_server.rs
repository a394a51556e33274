use std::net::IpAddr;

use crate::conf::{Node, Word};
use crate::diag::{Diagnostic, Span};

/// A block and its lines, each with its keyword; lines that only the host knows are left out.
pub(super) struct Block<'t> {
    pub(super) node: Node<'t>,
    lines: Vec<(&'t [u8], Node<'t>)>,
}

/// A `virtual_server` block as it is written, read once for all rules.
pub(super) struct VirtualServer<'t> {
    pub(super) block: Block<'t>,
    pub(super) target: Target<'t>,
    pub(super) real_servers: Vec<RealServer<'t>>,
}

/// What a virtual server is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Target<'t> {
    /// An address, and 0 for every port.
    Address(IpAddr, u16),
    /// A firewall mark.
    Mark(Word<'t>),
    Group(Word<'t>),
    /// What its header says is none of these.
    Unknown,
}

/// A `real_server` block in it.
pub(super) struct RealServer<'t> {
    pub(super) block: Block<'t>,
    /// `None` where it is no address.
    pub(super) ip: Option<IpAddr>,
    /// 0 where it is left out or no port.
    pub(super) port: u16,
    /// Check blocks, in their order.
    pub(super) checks: Vec<Block<'t>>,
}

impl<'t> Block<'t> {
    pub(super) fn of(node: Node<'t>) -> Self {
        let lines = node.children().filter(|line| !line.opaque());
        let lines = lines.map(|line| (line.keyword().bytes, line)).collect();
        Self { node, lines }
    }

    /// Where the keyword and its arguments stand.
    pub(super) fn place(&self) -> Span {
        self.node.span()
    }

    /// Nothing of the block is left out for depending on the host.
    pub(super) fn whole(&self) -> bool {
        !self.node.children().any(Node::opaque)
    }

    /// All its lines, in their order.
    pub(super) fn lines(&self) -> impl Iterator<Item = Node<'t>> {
        self.lines.iter().map(|(_, node)| *node)
    }

    /// Lines that begin with `keyword`, in their order.
    pub(super) fn each(&self, keyword: &str) -> impl DoubleEndedIterator<Item = Node<'t>> {
        let lines = self.lines.iter();
        lines
            .filter(move |(word, _)| *word == keyword.as_bytes())
            .map(|(_, node)| *node)
    }

    /// The last such line, which is the one that counts of most keywords.
    pub(super) fn last(&self, keyword: &str) -> Option<Node<'t>> {
        self.each(keyword).next_back()
    }

    /// The last line of one keyword or the other.
    pub(super) fn last_of(&self, keywords: &[&str]) -> Option<Node<'t>> {
        let mut lines = self.lines.iter().rev();
        let of = |word: &[u8]| keywords.iter().any(|keyword| keyword.as_bytes() == word);
        lines.find(|(word, _)| of(word)).map(|(_, node)| *node)
    }

    pub(super) fn has(&self, keyword: &str) -> bool {
        self.each(keyword).next().is_some()
    }

    /// The word behind the last such keyword.
    pub(super) fn word(&self, keyword: &str) -> Option<Word<'t>> {
        self.last(keyword)?.argument(0)
    }
}

impl<'t> VirtualServer<'t> {
    pub(super) fn of(node: Node<'t>) -> Self {
        let block = Block::of(node);
        let real_servers = block.each("real_server").map(RealServer::of).collect();
        Self {
            target: Target::of(node),
            block,
            real_servers,
        }
    }

    /// The name of the scheduler that counts, `wlc` where none is said.
    pub(super) fn scheduler(&self) -> &'t str {
        let line = self.block.last_of(&["lb_algo", "lvs_sched"]);
        let word = line.and_then(|line| line.argument(0));
        word.map_or("wlc", |word| word.text())
    }

    /// The line that says how it forwards; NAT where there is none.
    pub(super) fn method(&self) -> Option<Node<'t>> {
        self.block.last_of(&["lb_kind", "lvs_method"])
    }

    /// Its protocol in any case, `UDP` where none is said and no mark decides.
    pub(super) fn is_protocol(&self, name: &str) -> bool {
        let word = self.block.word("protocol");
        let word = word.map_or("UDP", |word| word.text());
        !matches!(self.target, Target::Mark(_)) && word.eq_ignore_ascii_case(name)
    }

    /// The line by which it remembers clients.
    pub(super) fn persistence(&self) -> Option<Node<'t>> {
        let good = |line: &Node<'t>| match line.argument(0) {
            None => true,
            word => number(word).is_some_and(|seconds: u32| seconds > 0),
        };
        let time = self.block.each("persistence_timeout").rev().find(good);
        time.or_else(|| self.block.last("persistence_granularity"))
    }

    /// The line by which each packet is scheduled for itself; what it says in vain the reader finds.
    pub(super) fn one_packet(&self) -> Option<Node<'t>> {
        let line = self.block.last("ops")?;
        (self.is_protocol("UDP") && line.argument(0).is_none()).then_some(line)
    }

    pub(super) fn persistent(&self) -> bool {
        self.persistence().is_some()
    }

    /// The line that says which scheduler, or the virtual server's own.
    pub(super) fn scheduler_place(&self) -> Span {
        let line = self.block.last_of(&["lb_algo", "lvs_sched"]);
        line.map_or(self.block.place(), Node::span)
    }

    /// Its scheduler takes another server where the hashed one takes no connection.
    ///
    /// A flag in the wrong place is in vain, which the reader says.
    pub(super) fn falls_back(&self) -> bool {
        ["sh-fallback", "mh-fallback", "flag-1"]
            .iter()
            .any(|flag| self.block.has(flag))
    }

    /// The method by which a real server is reached, as far as it is one: `NAT`, `DR` or `TUN`.
    pub(super) fn method_of(&self, real: &RealServer<'t>) -> &'t str {
        let line = real.block.last("lvs_method").or_else(|| self.method());
        method_word(line)
    }

    /// The method by which the sorry server is reached.
    pub(super) fn sorry_method(&self) -> &'t str {
        let own = self.block.last("sorry_server_lvs_method");
        method_word(own.or_else(|| self.method()))
    }

    /// The line by which a failed server stays, with weight 0.
    pub(super) fn inhibited(&self, real: &RealServer<'t>) -> Option<Node<'t>> {
        match real.block.last("inhibit_on_failure") {
            Some(line) if off(line) => None,
            Some(line) => Some(line),
            None => self.block.last("inhibit_on_failure"),
        }
    }

    /// The weight that a real server starts with.
    pub(super) fn weight_of(&self, real: &RealServer<'t>) -> u32 {
        let own = number(real.block.word("weight"));
        let general = || number(self.block.word("weight")).filter(|weight| *weight > 0);
        own.or_else(general).unwrap_or(1)
    }
}

fn method_word(line: Option<Node<'_>>) -> &str {
    let word = line.and_then(|line| line.argument(0));
    word.map_or("NAT", |word| word.text())
}

/// A line whose word says no.
fn off(line: Node<'_>) -> bool {
    let word = line.argument(0);
    word.is_some_and(|word| matches!(word.text(), "off" | "false" | "no"))
}

impl<'t> Target<'t> {
    fn of(node: Node<'t>) -> Self {
        let Some(first) = node.argument(0) else {
            return Self::Unknown;
        };
        let second = node.argument(1);
        match (first.text(), second) {
            ("fwmark", Some(mark)) => Self::Mark(mark),
            ("group", Some(name)) => Self::Group(name),
            (ip, port) => match ip.parse() {
                Ok(ip) => Self::Address(ip, number(port).unwrap_or(0)),
                Err(_) => Self::Unknown,
            },
        }
    }
}

impl<'t> RealServer<'t> {
    fn of(node: Node<'t>) -> Self {
        let block = Block::of(node);
        let checks = block.lines.iter().filter(|(word, _)| is_check(word));
        let checks = checks.map(|(_, check)| Block::of(*check)).collect();
        Self {
            ip: node.argument(0).and_then(|word| word.text().parse().ok()),
            port: number(node.argument(1)).unwrap_or(0),
            checks,
            block,
        }
    }

    /// What a check of it says with `keyword`, or the server, or the virtual server around it.
    pub(super) fn setting(
        &self,
        check: &Block<'t>,
        around: &VirtualServer<'t>,
        keyword: &str,
    ) -> Option<Node<'t>> {
        let said = check.last(keyword).or_else(|| self.block.last(keyword));
        said.or_else(|| around.block.last(keyword))
    }

    /// The line by which a check changes its weight while it runs, perhaps to 0.
    pub(super) fn dynamic(&self) -> Option<Node<'t>> {
        self.checks.iter().find_map(|check| {
            let script = check.last("misc_dynamic").filter(|line| !off(*line));
            let file = check.node.keyword().bytes == b"FILE_CHECK";
            script.or_else(|| file.then_some(check.node))
        })
    }
}

/// A keyword that begins a check.
pub(super) fn is_check(word: &[u8]) -> bool {
    let other: [&[u8]; 2] = [b"HTTP_GET", b"SSL_GET"];
    word.ends_with(b"_CHECK") || other.contains(&word)
}

/// A word of digits, if it is in range.
pub(super) fn number<T: std::str::FromStr>(word: Option<Word<'_>>) -> Option<T> {
    word?.text().parse().ok()
}

/// Decimal seconds as microseconds.
pub(super) fn micros(word: Option<Word<'_>>) -> Option<u64> {
    crate::conf::micros(word?.text())
}

/// Says that something holds for more servers or checks than the one it stands at.
pub(super) fn and_more(finding: Diagnostic, count: usize) -> Diagnostic {
    match count {
        0 => finding,
        more => finding.note(format!("the same at {more} more of this virtual server")),
    }
}
