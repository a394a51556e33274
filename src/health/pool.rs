use std::net::IpAddr;

use super::damping::Care;
use super::server::{Watched, period};
use crate::model::moment::Moment;
use crate::model::server::VirtualServer;
use crate::model::service::ServiceKey;

/// The real servers of one virtual server together: the quorum, and whether all this counts now.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    pub(super) servers: Vec<Watched>,
    pub(super) quorum: bool,
    /// `ha_suspend`, and this host has none of its addresses: nothing is asked.
    pub(super) resting: bool,
}

/// What became of a guard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// So many of so many real servers failed within one period: the pool stays as it is.
    Frozen { failed: usize, of: usize },
    /// Enough of them are back: verdicts count again.
    Thawed,
}

impl Pool {
    /// What all live real servers weigh.
    pub(super) fn weight(&self, of: &VirtualServer) -> u64 {
        let servers = self.servers.iter().zip(&of.real_servers);
        let live = servers.filter(|(server, _)| server.serves());
        live.map(|(server, real)| u64::from(server.whole_weight(real).get()))
            .sum()
    }

    fn is_frozen(&self) -> bool {
        self.servers.iter().any(|server| server.frozen.is_some())
    }

    /// Whether the quorum is there now; `None` where that has not changed.
    pub(super) fn settle_quorum(&mut self, of: &VirtualServer) -> Option<bool> {
        let there = of.quorum.is_there(self.quorum, self.weight(of));
        let before = std::mem::replace(&mut self.quorum, there);
        (before != there).then_some(there)
    }

    /// Freezes the pool where the servers that went down within one period, the one at `fallen`
    /// among them, are more than this share of all, in percent: that one goes on serving, as do
    /// those that are up. Thaws it where no more than the share is down.
    pub(super) fn guard(
        &mut self,
        of: &VirtualServer,
        percent: u8,
        fallen: Option<usize>,
        now: Moment,
    ) -> Option<Guard> {
        let all = self.servers.len();
        let too_many = |failed: usize| failed * 100 > all * usize::from(percent);
        let down = self.servers.iter().filter(|server| !server.standing.up);
        if self.is_frozen() {
            if too_many(down.count()) {
                return None;
            }
            for server in &mut self.servers {
                server.frozen = None;
            }
            return Some(Guard::Thawed);
        }
        let fallen = fallen?;
        let period = period(of.real_servers.get(fallen)?);
        let failed = down.filter(|server| now.since(server.standing.since) <= period);
        let failed = failed.count();
        if !too_many(failed) {
            return None;
        }
        for (place, server) in self.servers.iter_mut().enumerate() {
            server.frozen = Some(server.standing.up || place == fallen);
        }
        Some(Guard::Frozen { failed, of: all })
    }

    /// When time alone changes something in it.
    pub(super) fn next(&self, care: &Care, now: Moment) -> Option<Moment> {
        let next = |server: &Watched| server.damping.next(care, now);
        self.servers.iter().filter_map(next).min()
    }
}

/// Whether this virtual server is to rest while the host has just these addresses: it says
/// `ha_suspend`, has addresses, and none of them is here.
pub(super) fn rests(server: &VirtualServer, is_here: impl Fn(&IpAddr) -> bool) -> bool {
    let suspends = server
        .details
        .as_ref()
        .is_some_and(|details| details.ha_suspend);
    let mut addresses = server.keys.iter().filter_map(|key| match key {
        ServiceKey::Address(_, endpoint) => Some(endpoint.ip),
        ServiceKey::Mark(..) => None,
    });
    suspends && {
        let first = addresses.next();
        first.is_some_and(|first| !is_here(&first) && !addresses.any(|ip| is_here(&ip)))
    }
}
