use std::borrow::Cow;

use super::board::{Board, Server};
use super::probes::Seat;
use crate::model::moment::Moment;
use crate::model::service::{DestKey, ServiceKey};

/// Why something is as it is, in words. Most are the same few.
pub type Reason = Cow<'static, str>;

/// Whether a server is up, since when and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub up: bool,
    pub since: Moment,
    pub reason: Reason,
}

impl Board {
    /// `None` for what is not in the file.
    pub fn standing(&self, service: &ServiceKey, dest: &DestKey) -> Option<&Standing> {
        let place = *self.services.get(service)?;
        let mut real_servers = self.director.virtual_servers[place].real_servers.iter();
        let real_server = real_servers.position(|real| real.dest(service) == *dest)?;
        Some(self.standing_at(Seat {
            virtual_server: place,
            real_server,
        }))
    }

    /// Why a dest weighs what it does, and since when; `None` for what is not in the file.
    pub fn reason(&self, service: &ServiceKey, dest: &DestKey) -> Option<(Reason, Option<Moment>)> {
        let place = *self.services.get(service)?;
        let server = &self.director.virtual_servers[place];
        let (sorry, quorum) = (server.sorry.as_ref(), self.pools[place].quorum);
        let standing = self.standing(service, dest);
        match standing {
            Some(standing) if quorum || sorry.is_none() || !standing.up => {
                Some((standing.reason.clone(), Some(standing.since)))
            }
            Some(_) => Some(("quorum lost: the sorry server serves alone".into(), None)),
            None if sorry.is_some_and(|sorry| sorry.dest(service) == *dest) => {
                let state = if quorum { "is there" } else { "is lost" };
                Some((format!("sorry server: the quorum {state}").into(), None))
            }
            None => None,
        }
    }

    /// Every server with its standing, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = (Server, &Standing)> {
        self.pools
            .iter()
            .enumerate()
            .flat_map(move |(place, pool)| {
                let servers = pool.servers.iter().enumerate();
                servers.map(move |(real_server, server)| {
                    let seat = Seat {
                        virtual_server: place,
                        real_server,
                    };
                    (self.server_at(seat), &server.standing)
                })
            })
    }

    /// How many servers there are, and how many of them are up.
    pub fn count(&self) -> (usize, usize) {
        let servers = || self.pools.iter().flat_map(|pool| &pool.servers);
        let up = servers().filter(|server| server.standing.up);
        (servers().count(), up.count())
    }
}
