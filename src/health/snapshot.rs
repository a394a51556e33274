use std::sync::Arc;

use super::board::Board;
use super::machine::State;
use super::memory::{RememberedCheck, RememberedPool, RememberedServer};
use super::standing::Standing;
use super::verdict::Weighing;
use super::watch::Watch;
use crate::model::director::Director;
use crate::model::server::{RealServer, VirtualServer};
use crate::model::service::VirtualServerKey;

/// What a board knows at one moment, to be written down elsewhere. Names nothing itself, so that it
/// is small and soon made: there may be a hundred thousand real servers.
#[derive(Clone, Debug)]
pub struct Snapshot {
    director: Arc<Director>,
    /// These are in the order of the director.
    quorums: Vec<bool>,
    standings: Vec<Standing>,
    checks: Vec<Seen>,
}

/// What a check has found so far.
#[derive(Clone, Copy, Debug)]
struct Seen {
    checked: bool,
    passes: bool,
    weighing: Option<Weighing>,
}

impl Snapshot {
    pub(super) fn of(board: &Board) -> Self {
        let servers = || board.pools.iter().flat_map(|pool| &pool.servers);
        let checks = || servers().flat_map(|server| &server.checks);
        // A chain of iterators does not know its length.
        let mut standings = Vec::with_capacity(servers().count());
        standings.extend(servers().map(|server| server.standing.clone()));
        let mut seen = Vec::with_capacity(checks().count());
        seen.extend(checks().map(Seen::by));
        Self {
            director: Arc::clone(&board.director),
            quorums: board.pools.iter().map(|pool| pool.quorum).collect(),
            standings,
            checks: seen,
        }
    }

    /// What is to be remembered of each virtual server, in the order of the file.
    pub fn pools(&self) -> impl Iterator<Item = (VirtualServerKey, RememberedPool)> {
        let (mut standings, mut checks) = (self.standings.iter(), self.checks.iter());
        let pools = self.director.virtual_servers.iter().zip(&self.quorums);
        pools.map(move |(virtual_server, quorum)| {
            let pool = pool(virtual_server, *quorum, &mut standings, &mut checks);
            (virtual_server.key.clone(), pool)
        })
    }
}

impl Seen {
    fn by(watch: &Watch) -> Self {
        Self {
            checked: !matches!(watch.state, State::New { .. }),
            passes: watch.state.is_up(),
            weighing: watch.weighing,
        }
    }
}

/// Takes what it needs from the front of both.
fn pool<'a>(
    virtual_server: &VirtualServer,
    quorum: bool,
    standings: &mut impl Iterator<Item = &'a Standing>,
    checks: &mut impl Iterator<Item = &'a Seen>,
) -> RememberedPool {
    let servers = virtual_server.real_servers.iter().zip(standings);
    let servers = servers.map(|(real, standing)| {
        let remembered = RememberedServer {
            standing: standing.clone(),
            checks: remembered(real, checks),
        };
        (real.key, remembered)
    });
    RememberedPool {
        quorum,
        real_servers: servers.collect(),
    }
}

fn remembered<'a>(
    real: &RealServer,
    checks: &mut impl Iterator<Item = &'a Seen>,
) -> Box<[RememberedCheck]> {
    let checks = real.checks.iter().zip(checks);
    let checks = checks.map(|(check, seen)| RememberedCheck {
        asks: check.probe.to_string(),
        checked: seen.checked,
        passes: seen.passes,
        weighing: seen.weighing,
    });
    checks.collect()
}
