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

    /// It remembers clients.
    pub(super) fn persistent(&self) -> bool {
        self.block
            .last_of(&["persistence_timeout", "persistence_granularity"])
            .is_some()
    }
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
}

fn is_check(word: &[u8]) -> bool {
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
