use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

use super::socket::{Datagram, Ear, ear_of};
use crate::model::check::Bfd;

/// Datagrams that are taken from one ear in a row, so that a flood holds up nothing for long.
const IN_A_ROW: usize = 1024;

/// Where packets come in: at the addresses of the sessions, or where one has none, at all of this
/// host for all of its family.
#[derive(Debug, Default)]
pub(super) struct Ears(BTreeMap<SocketAddr, Ear>);

impl Ears {
    /// Listens for a session too.
    pub(super) fn listen(&mut self, terms: &Bfd) -> io::Result<()> {
        if self.0.keys().any(|at| serves(*at, terms)) {
            return Ok(());
        }
        let at = ear_of(terms);
        // The kernel lets none for all addresses be beside those for one.
        let replaced = self.0.extract_if(.., |one, _| covers(at, *one));
        let replaced: Vec<SocketAddr> = replaced.map(|(one, _)| one).collect();
        let opened = Ear::open(at).map(|ear| self.0.insert(at, ear));
        if opened.is_err() {
            for one in replaced {
                if let Ok(ear) = Ear::open(one) {
                    self.0.insert(one, ear);
                }
            }
        }
        opened.map(drop)
    }

    /// Listens no more where none of these sessions is.
    pub(super) fn keep<'a, S: Iterator<Item = &'a Arc<Bfd>>>(
        &mut self,
        mut sessions: impl FnMut() -> S,
    ) {
        self.0
            .retain(|at, _| sessions().any(|terms| serves(*at, terms)));
    }

    /// Readable when something came in.
    pub(super) fn fds(&self) -> impl Iterator<Item = BorrowedFd<'_>> {
        self.0.values().map(AsFd::as_fd)
    }

    /// What came in.
    pub(super) fn hear(&self) -> Vec<Datagram> {
        let ears = self.0.values();
        let heard = ears.flat_map(|ear| std::iter::from_fn(|| ear.hear()).take(IN_A_ROW));
        heard.collect()
    }
}

/// Whether the packets of a session come in there.
fn serves(at: SocketAddr, terms: &Bfd) -> bool {
    let own = ear_of(terms);
    at == own || covers(at, own)
}

fn covers(all: SocketAddr, one: SocketAddr) -> bool {
    all.ip().is_unspecified() && all.is_ipv4() == one.is_ipv4() && all.port() == one.port()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_for_all_addresses_takes_the_place_of_those_for_one() {
        let at = |text: &str| text.parse::<SocketAddr>().unwrap();
        let all = at("0.0.0.0:3784");
        assert!(covers(all, at("192.0.2.1:3784")));
        assert!(covers(all, all));
        assert!(!covers(all, at("192.0.2.1:4784")));
        assert!(!covers(all, at("[2001:db8::1]:3784")));
        assert!(!covers(at("192.0.2.1:3784"), all));
    }
}
