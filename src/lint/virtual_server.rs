use std::net::IpAddr;
use std::ops::Range;

use crate::conf::{Node, Word};
use crate::diag::{Diagnostic, Span};

/// A block, which is asked for lines by their keywords; lines that only the host knows are left out.
#[derive(Clone, Copy)]
pub(super) struct Block<'t> {
    pub(super) node: Node<'t>,
    keywords: Sieve,
}

/// Tells of most words that they are none of some, without a look at these.
#[derive(Clone, Copy, Default)]
struct Sieve(u64);

/// A `virtual_server` block as it is written, read once for all rules.
pub(super) struct VirtualServer<'t> {
    pub(super) block: Block<'t>,
    pub(super) target: Target<'t>,
    pub(super) real_servers: Vec<RealServer<'t>>,
    /// Of all its real servers, in their order.
    checks: Vec<Block<'t>>,
    said: Said<'t>,
}

/// The last lines of what nearly every virtual server says and many rules ask for.
#[derive(Clone, Copy, Default)]
struct Said<'t> {
    scheduler: Option<Node<'t>>,
    method: Option<Node<'t>>,
    protocol: Option<Node<'t>>,
    delay_loop: Option<Node<'t>>,
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
    /// Where its own are among the checks of the virtual server.
    checks: Range<usize>,
}

impl Sieve {
    fn add(&mut self, word: &[u8]) {
        self.0 |= Self::bit(word);
    }

    /// False where the word was not added for certain.
    fn may_have(self, word: &[u8]) -> bool {
        self.0 & Self::bit(word) != 0
    }

    /// The same for the same words, and another for most others.
    fn bit(word: &[u8]) -> u64 {
        let end = |byte: Option<&u8>| byte.map_or(0, |byte| usize::from(*byte));
        let mixed = end(word.first()) + 3 * end(word.last()) + 7 * word.len();
        1 << (mixed % 64)
    }
}

impl<'t> Block<'t> {
    pub(super) fn of(node: Node<'t>) -> Self {
        let mut keywords = Sieve::default();
        for line in node.children().filter(|line| !line.opaque()) {
            keywords.add(line.keyword().bytes);
        }
        Self { node, keywords }
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
    pub(super) fn lines(&self) -> impl Iterator<Item = Node<'t>> + use<'t> {
        self.node.children().filter(|line| !line.opaque())
    }

    /// Lines that begin with `keyword`, in their order.
    pub(super) fn each(&self, keyword: &str) -> impl Iterator<Item = Node<'t>> {
        let lines = self.has_perhaps(keyword).then(|| self.lines());
        let lines = lines.into_iter().flatten();
        lines.filter(move |line| line.keyword().bytes == keyword.as_bytes())
    }

    fn has_perhaps(&self, keyword: &str) -> bool {
        self.keywords.may_have(keyword.as_bytes())
    }

    /// The last such line, which is the one that counts of most keywords.
    pub(super) fn last(&self, keyword: &str) -> Option<Node<'t>> {
        self.each(keyword).last()
    }

    /// The last line of one keyword or the other.
    pub(super) fn last_of(&self, keywords: &[&str]) -> Option<Node<'t>> {
        if !keywords.iter().any(|keyword| self.has_perhaps(keyword)) {
            return None;
        }
        let of = |word: &[u8]| keywords.iter().any(|keyword| keyword.as_bytes() == word);
        self.lines().filter(|line| of(line.keyword().bytes)).last()
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
        // Most of its lines are real servers with one check each.
        let lines = node.children().count();
        let (mut real_servers, mut checks) = (Vec::with_capacity(lines), Vec::with_capacity(lines));
        let mut said = Said::default();
        for line in block.lines() {
            match line.keyword().bytes {
                b"real_server" => real_servers.push(RealServer::of(line, &mut checks)),
                b"lb_algo" | b"lvs_sched" => said.scheduler = Some(line),
                b"lb_kind" | b"lvs_method" => said.method = Some(line),
                b"protocol" => said.protocol = Some(line),
                b"delay_loop" => said.delay_loop = Some(line),
                _ => {}
            }
        }
        Self {
            target: Target::of(node),
            block,
            real_servers,
            checks,
            said,
        }
    }

    /// The checks of one of its real servers, in their order.
    pub(super) fn checks_of(&self, real: &RealServer<'t>) -> &[Block<'t>] {
        &self.checks[real.checks.clone()]
    }

    /// The name of the scheduler that counts, `wlc` where none is said.
    pub(super) fn scheduler(&self) -> &'t str {
        let word = self.said.scheduler.and_then(|line| line.argument(0));
        word.map_or("wlc", |word| word.text())
    }

    /// The line that says how it forwards; NAT where there is none.
    pub(super) fn method(&self) -> Option<Node<'t>> {
        self.said.method
    }

    /// The line that says its protocol.
    pub(super) fn protocol(&self) -> Option<Node<'t>> {
        self.said.protocol
    }

    /// Its protocol in any case, `UDP` where none is said and no mark decides.
    pub(super) fn is_protocol(&self, name: &str) -> bool {
        let word = self.protocol().and_then(|line| line.argument(0));
        let word = word.map_or("UDP", |word| word.text());
        !matches!(self.target, Target::Mark(_)) && word.eq_ignore_ascii_case(name)
    }

    /// The line by which it remembers clients.
    pub(super) fn persistence(&self) -> Option<Node<'t>> {
        let good = |line: &Node<'t>| match line.argument(0) {
            None => true,
            word => number(word).is_some_and(|seconds: u32| seconds > 0),
        };
        let time = self.block.each("persistence_timeout").filter(good).last();
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
        self.said.scheduler.map_or(self.block.place(), Node::span)
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

    /// The line by which a check changes the weight of a real server while it runs, perhaps to 0.
    pub(super) fn dynamic(&self, real: &RealServer<'t>) -> Option<Node<'t>> {
        self.checks_of(real).iter().find_map(|check| {
            let script = check.last("misc_dynamic").filter(|line| !off(*line));
            let file = check.node.keyword().bytes == b"FILE_CHECK";
            script.or_else(|| file.then_some(check.node))
        })
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
    /// Puts its checks behind those of the real servers before it.
    fn of(node: Node<'t>, checks: &mut Vec<Block<'t>>) -> Self {
        let block = Block::of(node);
        let first = checks.len();
        let own = block.lines().filter(|line| is_check(line.keyword().bytes));
        checks.extend(own.map(Block::of));
        Self {
            ip: node.argument(0).and_then(|word| word.text().parse().ok()),
            port: number(node.argument(1)).unwrap_or(0),
            checks: first..checks.len(),
            block,
        }
    }

    /// It has a check, good or bad.
    pub(super) fn checked(&self) -> bool {
        !self.checks.is_empty()
    }

    /// What a check of it says with `keyword`, or the server, or the virtual server around it.
    pub(super) fn setting(
        &self,
        check: &Block<'t>,
        around: &VirtualServer<'t>,
        keyword: &str,
    ) -> Option<Node<'t>> {
        let said = check.last(keyword).or_else(|| self.block.last(keyword));
        said.or_else(|| match keyword {
            "delay_loop" => around.said.delay_loop,
            _ => around.block.last(keyword),
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
