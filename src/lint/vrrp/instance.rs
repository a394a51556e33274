use std::net::IpAddr;

use crate::lint::outline::{Line, Outline, Word};

/// A `vrrp_instance`, and what its lines and the global ones come to.
#[derive(Clone, Copy)]
pub(in crate::lint) struct Instance<'o> {
    outline: &'o Outline,
    pub(in crate::lint) block: &'o Line,
}

/// Every instance of a name of its own; of two with one name keepalived skips the second.
pub(in crate::lint) fn instances(outline: &Outline) -> impl Iterator<Item = Instance<'_>> {
    let all = outline.each_at("vrrp_instance");
    let first = all.filter(|(at, block)| {
        let mut same = outline.named("vrrp_instance", block.name());
        same.next().is_some_and(|(first, _)| first == *at)
    });
    first.map(|(_, block)| Instance { outline, block })
}

/// The instance of that name.
pub(in crate::lint) fn instance<'o>(outline: &'o Outline, name: &str) -> Option<Instance<'o>> {
    let (_, block) = outline.named("vrrp_instance", name).next()?;
    Some(Instance { outline, block })
}

/// Blocks that watch something, instances and sync groups, with their places.
pub(in crate::lint) fn watchers(outline: &Outline) -> impl Iterator<Item = (usize, &Line)> {
    let instances = outline.each_at("vrrp_instance");
    instances.chain(outline.each_at("vrrp_sync_group"))
}

impl<'o> Instance<'o> {
    pub(in crate::lint) fn interface(self) -> Option<&'o Word> {
        self.block.last("interface")?.argument()
    }

    pub(in crate::lint) fn starts_master(self) -> bool {
        self.block.each("state").any(|line| line.name() == "MASTER")
    }

    /// What is given, or what its state comes to.
    pub(in crate::lint) fn priority(self) -> u32 {
        let given = self
            .block
            .each("priority")
            .filter_map(|line| line.name().parse().ok());
        let given = given.filter(|priority| (1..=255).contains(priority)).last();
        given.unwrap_or(if self.starts_master() { 255 } else { 100 })
    }

    pub(in crate::lint) fn router_id(self) -> Option<u32> {
        let given = self.block.each("virtual_router_id");
        let given = given.filter_map(|line| line.name().parse().ok());
        given.filter(|id| (1..=255).contains(id)).last()
    }

    /// Addresses of `virtual_ipaddress` that are some.
    pub(in crate::lint) fn addresses(self) -> impl Iterator<Item = IpAddr> + use<'o> {
        let lines = self.block.within("virtual_ipaddress");
        lines.filter_map(|line| address(line.keyword()))
    }

    pub(in crate::lint) fn peers(self) -> impl Iterator<Item = IpAddr> + use<'o> {
        let lines = self.block.within("unicast_peer");
        lines.filter_map(|line| address(line.keyword()))
    }

    /// The first keyword that makes it unicast, if there are peers or not.
    pub(in crate::lint) fn unicast(self) -> Option<&'o Line> {
        let words = [
            "unicast_src_ip",
            "unicast_peer",
            "check_unicast_src",
            "old_unicast_checksum",
        ];
        self.block
            .inner
            .iter()
            .find(|line| words.contains(&line.keyword()))
    }

    /// Its first address of any kind decides its family.
    pub(in crate::lint) fn is_v6(self) -> bool {
        let decides = |line: &'o Line| match line.keyword() {
            "virtual_ipaddress" | "unicast_peer" => {
                line.inner.iter().find_map(|line| address(line.keyword()))
            }
            "mcast_src_ip" | "unicast_src_ip" => address(line.name()),
            _ => None,
        };
        let first = self.block.inner.iter().find_map(decides);
        first.map_or(self.block.first("native_ipv6").is_some(), |ip| ip.is_ipv6())
    }

    /// 2 or 3.
    pub(in crate::lint) fn version(self) -> u32 {
        let number = |line: &Line| line.name().parse().ok();
        let valid = |version: &u32| (2..=3).contains(version);
        if self.is_v6() {
            return 3;
        }
        let own = self.block.each("version").filter_map(number).find(valid);
        let global = || {
            self.outline
                .globals("vrrp_version")
                .filter_map(number)
                .filter(valid)
                .last()
        };
        own.or_else(global).unwrap_or(2)
    }

    pub(in crate::lint) fn strict(self) -> bool {
        let on = |line: &Line| !matches!(line.name(), "off" | "false" | "no");
        let own = self.block.last("strict_mode").map(on);
        own.unwrap_or_else(|| self.outline.globals("vrrp_strict").next().is_some())
    }

    /// It has an interface of its own for its virtual MAC address.
    pub(in crate::lint) fn virtual_interface(self) -> Option<&'o Line> {
        self.block
            .first("use_vmac")
            .or_else(|| self.block.first("use_ipvlan"))
    }
}

/// An address, perhaps with a prefix length behind it.
pub(in crate::lint) fn address(text: &str) -> Option<IpAddr> {
    let ip = text.split_once('/').map_or(text, |(ip, _)| ip);
    ip.parse().ok()
}
