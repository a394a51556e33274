use std::collections::{HashMap, HashSet};

use super::director::Director;
use crate::diag::Span;
use crate::model::server::{RealServer, VirtualServer};
use crate::model::service::ServiceKey;

/// Two directors, and which virtual server of one is which of the other.
///
/// There are none where one of the two files is refused.
pub(super) struct Pair<'d> {
    pub(super) first: &'d Director,
    pub(super) later: &'d Director,
    pub(super) both: Vec<Both<'d>>,
    pub(super) only_first: Vec<Virtual<'d>>,
    pub(super) only_later: Vec<Virtual<'d>>,
}

/// A virtual server of one director, and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Virtual<'d> {
    pub(super) director: &'d Director,
    pub(super) server: &'d VirtualServer,
    /// Of its header, as its director counts.
    block: Span,
    real: &'d [Span],
}

/// A real server of one director, and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Real<'d> {
    pub(super) of: Virtual<'d>,
    pub(super) server: &'d RealServer,
    block: Span,
}

/// A virtual server that both have.
pub(super) struct Both<'d> {
    pub(super) first: Virtual<'d>,
    pub(super) later: Virtual<'d>,
    pub(super) real: Vec<(Real<'d>, Real<'d>)>,
    pub(super) only_first: Vec<Real<'d>>,
    pub(super) only_later: Vec<Real<'d>>,
}

impl<'d> Pair<'d> {
    pub(super) fn of(first: &'d Director, later: &'d Director) -> Self {
        let compared = first.table.is_some() && later.table.is_some();
        let of = |director| {
            let all = servers(director);
            if compared { all } else { Vec::new() }
        };
        let (mut firsts, mut laters) = (Free::of(of(first)), Free::of(of(later)));
        let mut both = Vec::new();
        firsts.take_equal(&mut laters, &mut both, |server| {
            server.server.keys.iter().copied().map(Name::Key).collect()
        });
        firsts.take_equal(&mut laters, &mut both, |server| {
            server.group().map(Name::Group).into_iter().collect()
        });
        firsts.take_equal(&mut laters, &mut both, |server| {
            let keys = server.server.keys.iter().take(1);
            let endpoints = keys.filter_map(|key| match key {
                ServiceKey::Address(_, endpoint) => Some(Name::Endpoint(*endpoint)),
                ServiceKey::Mark(..) => None,
            });
            endpoints.collect()
        });
        both.sort_by_key(|(_, later)| later.block);
        Self {
            first,
            later,
            both: both
                .into_iter()
                .map(|(first, later)| Both::of(first, later))
                .collect(),
            only_first: firsts.rest(),
            only_later: laters.rest(),
        }
    }
}

/// What makes two parts of two directors the same.
#[derive(PartialEq, Eq, Hash)]
enum Name<'d> {
    Key(ServiceKey),
    Group(&'d str),
    Endpoint(crate::model::service::Endpoint),
    Ip(std::net::IpAddr),
}

/// Parts of a director whose counterpart is not known yet.
struct Free<T> {
    all: Vec<Option<T>>,
}

impl<T: Copy> Free<T> {
    fn of(all: Vec<T>) -> Self {
        let all = all.into_iter().map(Some).collect();
        Self { all }
    }

    /// Those that are left, each with its names; a name that several have is nobody's.
    fn named<'d>(&self, names: &impl Fn(&T) -> Vec<Name<'d>>) -> HashMap<Name<'d>, usize> {
        let mut known = HashMap::new();
        let mut several = HashSet::new();
        for (at, part) in self.all.iter().enumerate() {
            for name in part.iter().flat_map(names) {
                if several.contains(&name) {
                    continue;
                }
                if known.remove(&name).is_some_and(|other| other != at) {
                    several.insert(name);
                } else {
                    known.insert(name, at);
                }
            }
        }
        known
    }

    fn take_equal<'d>(
        &mut self,
        others: &mut Self,
        both: &mut Vec<(T, T)>,
        names: impl Fn(&T) -> Vec<Name<'d>>,
    ) {
        if self.all.iter().flatten().next().is_none() {
            return;
        }
        let (own, other) = (self.named(&names), others.named(&names));
        for part in &mut others.all {
            let mut all = part.iter().flat_map(&names);
            let counterpart = all.find_map(|name| {
                other.get(&name)?;
                let at = own.get(&name)?;
                self.all[*at].take()
            });
            if let Some(first) = counterpart {
                both.extend(part.take().map(|later| (first, later)));
            }
        }
    }

    fn rest(self) -> Vec<T> {
        self.all.into_iter().flatten().collect()
    }
}

fn servers(director: &Director) -> Vec<Virtual<'_>> {
    let table = director.table.iter();
    let all = table.flat_map(|table| table.virtual_servers.iter().enumerate());
    let placed = all.filter_map(|(index, server)| {
        let (block, real) = director.places(index)?;
        Some(Virtual {
            director,
            server,
            block,
            real,
        })
    });
    placed.collect()
}

impl<'d> Virtual<'d> {
    /// Where its header stands.
    pub(super) fn place(self) -> Span {
        self.director.at(self.block)
    }

    /// Where it says one of these words.
    pub(super) fn said(self, words: &[&str]) -> Option<Span> {
        self.director.said(self.block, words)
    }

    /// The group it is for.
    pub(super) fn group(self) -> Option<&'d str> {
        self.director.group(self.block)
    }

    fn real(self) -> Vec<Real<'d>> {
        let servers = self.server.real_servers.iter().zip(self.real);
        let real = servers.map(|(server, block)| Real {
            of: self,
            server,
            block: *block,
        });
        real.collect()
    }
}

impl Real<'_> {
    pub(super) fn place(self) -> Span {
        self.of.director.at(self.block)
    }

    pub(super) fn said(self, words: &[&str]) -> Option<Span> {
        self.of.director.said(self.block, words)
    }
}

impl<'d> Both<'d> {
    fn of(first: Virtual<'d>, later: Virtual<'d>) -> Self {
        let (mut firsts, mut laters) = (Free::of(first.real()), Free::of(later.real()));
        let mut real = Vec::new();
        firsts.take_equal(&mut laters, &mut real, |real| {
            vec![Name::Endpoint(real.server.key)]
        });
        firsts.take_equal(&mut laters, &mut real, |real| {
            vec![Name::Ip(real.server.key.ip)]
        });
        real.sort_by_key(|(_, later)| later.block);
        Self {
            first,
            later,
            real,
            only_first: firsts.rest(),
            only_later: laters.rest(),
        }
    }
}
