use std::net::IpAddr;

use super::director::Director;
use crate::diag::Span;
use crate::lint::outline::{Line, Word};
use crate::lint::vrrp::instance::{Instance, address, instances};

/// Instances of several directors that are one virtual router, in the order of the directors.
pub(super) struct Router<'d> {
    pub(super) members: Vec<Member<'d>>,
}

/// A `vrrp_instance`, and whose it is.
#[derive(Clone, Copy)]
pub(super) struct Member<'d> {
    pub(super) director: &'d Director,
    pub(super) instance: Instance<'d>,
    /// Which of the directors it is.
    pub(super) at: usize,
    /// Its router id and whether it is IPv6.
    id: Option<(u32, bool)>,
}

impl<'d> Router<'d> {
    /// All virtual routers. The more two instances have in common, the sooner they are taken for
    /// one: the router id and the family count for more than the name, but not for more than name
    /// and address together.
    pub(super) fn all(directors: &'d [Director]) -> Vec<Self> {
        let mut routers: Vec<Self> = Vec::new();
        for (at, director) in directors.iter().enumerate() {
            let member = |instance: Instance<'d>| Member {
                director,
                instance,
                at,
                id: instance.router_id().map(|id| (id, instance.is_v6())),
            };
            let mut free: Vec<Member<'d>> = instances(&director.outline).map(member).collect();
            let alike: [fn(&Member<'_>, &Member<'_>) -> bool; 6] = [
                |one, other| one.same_id(other) && one.same_name(other),
                |one, other| one.same_id(other) && one.shares_address(other),
                |one, other| one.same_name(other) && one.shares_address(other),
                |one, other| one.same_id(other),
                |one, other| one.same_name(other),
                |one, other| one.shares_address(other),
            ];
            for alike in alike {
                free.retain(|member| {
                    let mut all = routers.iter_mut();
                    let known = all.find(|router| {
                        let others = || router.members.iter();
                        others().all(|other| other.at != at)
                            && others().any(|other| alike(other, member))
                    });
                    let Some(router) = known else { return true };
                    router.members.push(*member);
                    false
                });
            }
            routers.extend(free.into_iter().map(|member| Self {
                members: vec![member],
            }));
        }
        routers
    }

    /// The first member with each of the others.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (Member<'d>, Member<'d>)> {
        let first = self.members.first().copied();
        let others = self.members.iter().skip(1);
        others.filter_map(move |later| Some((first?, *later)))
    }

    /// Each member with each of those behind it.
    pub(super) fn all_pairs(&self) -> impl Iterator<Item = (Member<'d>, Member<'d>)> {
        let members = self.members.iter().enumerate();
        members.flat_map(|(at, first)| {
            let others = self.members.iter().skip(at + 1);
            others.map(move |later| (*first, *later))
        })
    }
}

/// Addresses of a list, with their places.
type Addresses = Vec<(IpAddr, Span)>;

impl<'d> Member<'d> {
    pub(super) fn block(&self) -> &'d Line {
        self.instance.block
    }

    pub(super) fn name(&self) -> &'d str {
        self.block().name()
    }

    /// Where its name stands.
    pub(super) fn place(&self) -> Span {
        self.director.at(self.block().named_place())
    }

    /// Where the last line with this keyword says something, else its name.
    pub(super) fn said(&self, keyword: &str) -> Span {
        let line = self.block().last(keyword);
        line.map_or(self.place(), |line| self.director.at(line.named_place()))
    }

    /// The last word of its `authentication` behind this keyword.
    pub(super) fn authentication(&self, keyword: &str) -> Option<&'d Word> {
        let lines = self.block().within("authentication");
        let line = lines.filter(|line| line.keyword() == keyword).last()?;
        line.argument()
    }

    /// `None` where it depends on the host, or where a line of it is none that keepalived reads.
    pub(super) fn priority(&self) -> Option<u32> {
        let block = self.block();
        let mut lines = block.each("priority");
        let read = lines.all(|line| {
            let priority = line.name().parse::<u32>();
            priority.is_ok_and(|priority| (1..=255).contains(&priority))
        });
        (block.whole && read).then(|| self.instance.priority())
    }

    /// Addresses of its blocks of this keyword; `None` where one cannot be read.
    pub(super) fn addresses(&self, keyword: &str) -> Option<Addresses> {
        let block = self.block();
        if !block.whole || block.each(keyword).any(|list| !list.whole) {
            return None;
        }
        let lines = block.within(keyword);
        let read =
            lines.map(|line| Some((address(line.keyword())?, self.director.at(line.place()))));
        read.collect()
    }

    fn same_id(&self, other: &Member<'_>) -> bool {
        self.id.is_some() && self.id == other.id
    }

    fn same_name(&self, other: &Member<'_>) -> bool {
        self.name() == other.name()
    }

    fn shares_address(&self, other: &Member<'_>) -> bool {
        let mut addresses = self.instance.addresses();
        addresses.any(|ip| other.instance.addresses().any(|other| other == ip))
    }
}
