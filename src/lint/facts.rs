use std::net::IpAddr;

use super::virtual_server::{RealServer, Target, VirtualServer, number};
use crate::diag::Span;

/// What rules that look at several virtual servers need of their insides: little, because there may
/// be very many.
#[derive(Clone, Debug, Default)]
pub(super) struct Facts {
    /// UDP without one-packet scheduling, with servers that can fail.
    pub(super) udp: Occurrences,
    /// Checks without a word on how often.
    pub(super) unhurried: Occurrences,
    /// Quorums that nothing in their virtual server follows from.
    pub(super) idle_quorums: Vec<Span>,
    /// Virtual servers with `ha_suspend`.
    pub(super) suspending: Vec<Span>,
    /// Those for a group, and the place of that line.
    pub(super) suspending_groups: Vec<(Box<str>, Span)>,
    /// The first script of all.
    pub(super) script: Option<Span>,
    /// Every real server that has a check.
    pub(super) checked: Vec<Checked>,
}

/// The first of several places, and how many there are.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Occurrences {
    pub(super) first: Option<Span>,
    pub(super) count: usize,
}

/// A real server that may fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Checked {
    pub(super) ip: IpAddr,
    pub(super) port: u16,
    /// A failure leaves it in its place with weight 0.
    pub(super) inhibited: bool,
    pub(super) place: Span,
}

impl Occurrences {
    fn add(&mut self, place: Span) {
        self.first.get_or_insert(place);
        self.count += 1;
    }

    /// ", and of 3 others" with "of", where there are more than the first.
    pub(super) fn others(&self, of: &str) -> String {
        match self.count {
            0 | 1 => String::new(),
            2 => format!(", and {of} one other"),
            count => format!(", and {of} {} others", count - 1),
        }
    }
}

impl Facts {
    pub(super) fn add(&mut self, server: &VirtualServer<'_>) {
        let block = &server.block;
        // Resolvers take another port for each question, so that nothing is left of a removed server.
        let questions = matches!(server.target, Target::Address(_, 53));
        let mut servers = server.real_servers.iter();
        if server.is_protocol("UDP")
            && block.has("protocol")
            && !block.has("ops")
            && servers.any(|real| {
                let stays = !questions || server.inhibited(real).is_some();
                stays && real.checked()
            })
        {
            self.udp.add(block.place());
        }
        if !block.has("delay_loop")
            && server
                .real_servers
                .iter()
                .any(|real| unhurried(server, real))
            && block.whole()
        {
            self.unhurried.add(block.place());
        }
        if let Some(line) = block.last("quorum")
            && !["sorry_server", "quorum_up", "quorum_down", "smtp_alert"]
                .iter()
                .any(|consequence| block.has(consequence))
            && number(line.argument(0)).is_some_and(|quorum: u32| quorum > 1)
            && block.whole()
        {
            self.idle_quorums.push(line.span());
        }
        if let Some(line) = block.last("ha_suspend") {
            match server.target {
                Target::Group(name) => {
                    let place = (name.shown().into(), line.span());
                    self.suspending_groups.push(place);
                }
                Target::Address(..) => self.suspending.push(block.place()),
                Target::Mark(_) | Target::Unknown => {}
            }
        }
        let checked = server.real_servers.iter().filter_map(|real| {
            let ip = real.ip.filter(|_| real.checked())?;
            Some(Checked {
                ip,
                port: real.port,
                inhibited: server.inhibited(real).is_some(),
                place: real.block.place(),
            })
        });
        self.checked.extend(checked);
    }
}

/// It has a check, and no word on how often it is made.
fn unhurried(server: &VirtualServer<'_>, real: &RealServer<'_>) -> bool {
    let regular = |word: &[u8]| word != b"FILE_CHECK" && word != b"BFD_CHECK";
    let mut checks = server.checks_of(real).iter();
    !real.block.has("delay_loop")
        && checks.any(|check| regular(check.node.keyword().bytes) && !check.has("delay_loop"))
}
