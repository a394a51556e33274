//! `virtual_server` blocks: what is written (`VirtualServerBlock`), and what it comes to
//! (`lower`), which for a group waits until the whole file is read.

mod header;
mod lower;
mod pool;
mod quorum;
mod sorry;

use std::collections::BTreeSet;

use super::details;
use super::keyword::{Keyword, Kind};
use super::lowering::{Lowering, Taken};
use super::patience::Patience;
use super::real_server::{self, RealServerBlock};
use super::rules;
use super::tree::{Node, Word};
use crate::diag::{Diagnostic, Span};
use crate::model::forward::ForwardingMethod;
use crate::model::limits::Weight;
use crate::model::name::Name;
use crate::model::persist::Granularity;
use crate::model::schedule::{Scheduler, SchedulerFlags};
use crate::model::server::VirtualServerDetails;
use crate::model::service::{Family, Protocol};
use crate::model::text::Text;
use header::Header;
pub(super) use lower::Lowered;
use quorum::QuorumLines;
use sorry::SorryServerLine;

/// Seconds, where persistence is asked for without a time.
const PERSISTENCE: u32 = 360;

/// A `virtual_server` block as written.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a keyword that is there or is not"
)]
pub(super) struct VirtualServerBlock {
    span: Span,
    header: Header,
    /// As far as it is known; a mark and a group take it from what stands inside.
    family: Option<Family>,
    protocol: Option<(Protocol, Span)>,
    scheduler: Option<Scheduler>,
    method: Option<ForwardingMethod>,
    flags: SchedulerFlags,
    ops: Option<Span>,
    timeout: Option<u32>,
    granularity: Option<(Granularity, Span)>,
    engine: Option<Name>,
    weight: Option<Weight>,
    alpha: bool,
    inhibit: bool,
    ha_suspend: Option<Span>,
    patience: Patience,
    quorum: QuorumLines,
    sorry: Option<SorryServerLine>,
    details: Option<Box<VirtualServerDetails>>,
    real_servers: Vec<RealServerBlock>,
    /// For a group: the ports of its members, 0 for a mark; known once the whole file is read.
    member_ports: BTreeSet<u16>,
    /// A member of the group is an address with every port.
    any_port_member: bool,
    /// Lines of it were refused or need what only the host knows: what it lacks may be in them.
    partly_read: bool,
    /// A line that may have said how it chooses servers is lost, and a finding: that it says nothing
    /// follows.
    complained: bool,
    /// It has a line for each of these, whatever that is worth.
    names_scheduler: bool,
    names_method: bool,
    names_protocol: bool,
}

/// `None` where the virtual server would be lost, which is a finding.
pub(super) fn read(to: &mut Lowering<'_>, node: Node<'_>) -> Option<VirtualServerBlock> {
    let kind = Kind::named("virtual_server")?;
    let servers = Kind::named("real_server")?;
    let Some(header) = Header::read(to, node) else {
        // What stands inside has its own mistakes, and they are found in the same run.
        let mut unread = VirtualServerBlock::new(node, Header::Group("".into(), node.span()));
        unread.partly_read = true;
        unread.lines(to, kind, servers, node);
        return None;
    };
    let mut block = VirtualServerBlock::new(node, header);
    block.lines(to, kind, servers, node);
    Some(block)
}

impl VirtualServerBlock {
    fn new(node: Node<'_>, header: Header) -> Self {
        Self {
            span: node.span(),
            family: header.family(),
            header,
            protocol: None,
            scheduler: None,
            method: None,
            flags: SchedulerFlags::default(),
            ops: None,
            timeout: None,
            granularity: None,
            engine: None,
            weight: None,
            alpha: false,
            inhibit: false,
            ha_suspend: None,
            patience: Patience::default(),
            quorum: QuorumLines::default(),
            sorry: None,
            details: None,
            real_servers: Vec::new(),
            member_ports: BTreeSet::new(),
            any_port_member: false,
            partly_read: false,
            complained: false,
            names_scheduler: false,
            names_method: false,
            names_protocol: false,
        }
    }

    fn lines(&mut self, to: &mut Lowering<'_>, kind: Kind, servers: Kind, node: Node<'_>) {
        let before = (to.lost_blocks, to.lost_lines);
        self.real_servers.reserve_exact(node.children().count());
        to.walk(kind, node.children(), |to, known, node| {
            self.line(to, known, node, servers)
        });
        self.partly_read |= to.lost_blocks > before.0 || node.children().any(Node::opaque);
        self.complained |= to.lost_lines > before.1;
    }

    /// The group it is for.
    pub(super) fn group(&self) -> Option<&str> {
        match &self.header {
            Header::Group(name, _) => Some(name),
            Header::Address(..) | Header::Mark(_) => None,
        }
    }

    fn line(
        &mut self,
        to: &mut Lowering<'_>,
        known: &Keyword,
        node: Node<'_>,
        servers: Kind,
    ) -> Taken {
        if self.patience.read(to, known, node)
            || self.quorum.read(to, known, node)
            || details::of_virtual_server(&mut self.details, to, known, node)
        {
            return Taken::Yes;
        }
        let argument = node.argument(0);
        match known.word {
            "real_server" => self.real_server(to, node, servers),
            "lb_algo" | "lvs_sched" => {
                self.names_scheduler = true;
                self.scheduler = scheduler(to, argument).or(self.scheduler.take());
            }
            "lb_kind" | "lvs_method" => {
                self.names_method = true;
                self.method = to.method(node).or(self.method);
            }
            "protocol" => {
                self.names_protocol = true;
                self.protocol = protocol(to, argument).or(self.protocol);
            }
            "persistence_timeout" => {
                let timeout = match argument {
                    None => Some(PERSISTENCE),
                    Some(_) => to.number(known, node),
                };
                self.timeout = timeout.or(self.timeout);
            }
            "persistence_granularity" => self.granularity(to, argument),
            "persistence_engine" => self.engine = engine(to, argument).or(self.engine.take()),
            "ops" => {
                to.always_true(node);
                self.ops = Some(node.span());
            }
            "flag-1" => self.flags.flag1 = true,
            "flag-2" => self.flags.flag2 = true,
            "flag-3" => self.flags.flag3 = true,
            "sh-fallback" | "mh-fallback" => self.flags.flag1 |= self.flag_applies(to, known, node),
            "sh-port" | "mh-port" => self.flags.flag2 |= self.flag_applies(to, known, node),
            "hashed" => {
                self.flag_applies(to, known, node);
            }
            "weight" => {
                let weight = to.number(known, node).and_then(Weight::new);
                self.weight = weight.or(self.weight);
            }
            "alpha" => self.alpha = to.always_true(node),
            "inhibit_on_failure" => self.inhibit = to.always_true(node),
            "ha_suspend" => {
                to.always_true(node);
                self.ha_suspend = Some(node.span());
            }
            "ip_family" => self.family_line(to, argument),
            "sorry_server" => self.sorry_server(to, node),
            "sorry_server_inhibit" | "sorry_server_lvs_method" => {
                self.sorry_server_option(to, known, node);
            }
            _ => return Taken::No,
        }
        Taken::Yes
    }

    fn real_server(&mut self, to: &mut Lowering<'_>, node: Node<'_>, servers: Kind) {
        let Some(mut real) = real_server::read(to, servers, node) else {
            self.partly_read = true;
            return;
        };
        // What the virtual server said so far counts, though it says something else below.
        real.method = real.method.or(self.method);
        let tunnelled = matches!(real.method, Some(ForwardingMethod::Tunnel(_)));
        let family = Family::of(real.ip);
        if !tunnelled && family != *self.family.get_or_insert(family) {
            let text = format!("{} cannot serve {}", real.ip, self.name());
            let finding = Diagnostic::new(&rules::MIXED_FAMILIES, real.span, text)
                .note("keepalived drops the real server");
            to.report(finding.refuse());
            self.partly_read = true;
            return;
        }
        self.real_servers.push(real);
    }

    /// What its checks say of themselves in a request, where they say nothing else.
    fn virtualhost(&self) -> Option<&Text> {
        self.details.as_ref()?.virtualhost.as_ref()
    }

    /// The virtual server as its header names it.
    fn name(&self) -> String {
        match &self.header {
            Header::Address(ip, _) => ip.to_string(),
            Header::Mark(mark) => format!("fwmark {mark}"),
            Header::Group(name, _) => format!("group {name}"),
        }
    }

    /// `sh-…` counts only after `lb_algo sh`, `mh-…` after `lb_algo mh`.
    fn flag_applies(&self, to: &mut Lowering<'_>, known: &Keyword, node: Node<'_>) -> bool {
        let wanted: &[Scheduler] = match known.word.get(..3) {
            Some("sh-") => &[Scheduler::Sh],
            Some("mh-") => &[Scheduler::Mh],
            _ => &[Scheduler::Sh, Scheduler::Mh],
        };
        let applies = self
            .scheduler
            .as_ref()
            .is_some_and(|have| wanted.contains(have));
        if !applies {
            let text = format!("counts only after lb_algo {}", wanted[0]);
            let finding = Diagnostic::new(&rules::FLAG_NEEDS_SCHEDULER, node.span(), text)
                .note("keepalived ignores the line, and so does lvsctl");
            to.report(finding);
        }
        applies
    }

    /// A netmask for IPv4, a prefix length for IPv6. Where the family is not known yet, a dot in
    /// it decides.
    fn granularity(&mut self, to: &mut Lowering<'_>, argument: Option<Word<'_>>) {
        let Some(word) = argument else { return };
        let dotted = if word.bytes.contains(&b'.') {
            Family::Inet
        } else {
            Family::Inet6
        };
        let family = self.family.unwrap_or(dotted);
        let granularity = match family {
            Family::Inet => to.netmask(&word).map(Granularity::Netmask),
            Family::Inet6 => {
                let length = word.text().parse().ok();
                let length = length.filter(|length| (1..=128).contains(length));
                if length.is_none() {
                    to.bad_value(&word, "a prefix length, 1 to 128");
                }
                length.map(Granularity::Prefix)
            }
        };
        if let Some(granularity) = granularity {
            self.granularity = Some((granularity, word.span));
            self.family = Some(family);
            self.timeout = self.timeout.or(Some(PERSISTENCE));
        }
    }

    fn family_line(&mut self, to: &mut Lowering<'_>, argument: Option<Word<'_>>) {
        let Some(word) = argument else { return };
        let all = [Family::Inet, Family::Inet6];
        let said = all
            .into_iter()
            .find(|family| family.as_str() == word.text());
        match (said, self.family) {
            (None, _) => to.bad_value(&word, "inet or inet6"),
            (Some(said), Some(have)) if said != have => {
                to.bad_value(
                    &word,
                    &format!("{}, the family of {}", have.as_str(), self.name()),
                );
            }
            (said, _) => self.family = said,
        }
    }
}

fn scheduler(to: &mut Lowering<'_>, argument: Option<Word<'_>>) -> Option<Scheduler> {
    let word = argument?;
    let scheduler = Scheduler::named(word.text());
    if scheduler.is_none() {
        let names: Vec<String> = Scheduler::NAMED.iter().map(ToString::to_string).collect();
        let expected = format!("one of {}", names.join(" "));
        let meant = meant_scheduler(word.text());
        to.bad_choice(
            &word,
            &expected,
            "wlc",
            meant.as_ref().map(Scheduler::as_str),
        );
    }
    scheduler
}

/// The scheduler that somebody means who writes something else.
fn meant_scheduler(text: &str) -> Option<Scheduler> {
    let letters = text.chars().filter(char::is_ascii_alphanumeric);
    let letters: String = letters.map(|letter| letter.to_ascii_lowercase()).collect();
    Scheduler::named(&letters).or(match letters.as_str() {
        "roundrobin" => Some(Scheduler::Rr),
        "weightedroundrobin" => Some(Scheduler::Wrr),
        "leastconn" | "leastconnection" | "leastconnections" => Some(Scheduler::Lc),
        "weightedleastconnection" | "weightedleastconnections" => Some(Scheduler::Wlc),
        "source" | "iphash" | "sourcehash" | "sourcehashing" => Some(Scheduler::Sh),
        "maglev" | "conhash" => Some(Scheduler::Mh),
        _ => None,
    })
}

fn protocol(to: &mut Lowering<'_>, argument: Option<Word<'_>>) -> Option<(Protocol, Span)> {
    let word = argument?;
    let named = |name: &str| word.text().eq_ignore_ascii_case(name);
    let protocol = match () {
        () if named("TCP") => Some(Protocol::Tcp),
        () if named("UDP") => Some(Protocol::Udp),
        () if named("SCTP") => Some(Protocol::Sctp),
        () => None,
    };
    if protocol.is_none() {
        to.bad_choice(&word, "TCP, UDP or SCTP", "UDP", None);
    }
    protocol.map(|protocol| (protocol, word.span))
}

fn engine(to: &mut Lowering<'_>, argument: Option<Word<'_>>) -> Option<Name> {
    let word = argument?;
    let engine = Name::new(word.text());
    if engine.is_none() {
        to.lost_value(&word, "a name of 1 to 15 bytes, such as sip");
    }
    engine
}
