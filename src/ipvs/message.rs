use std::net::IpAddr;

use netlink_packet_core::{Emitable, NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST, NetlinkMessage};
use netlink_packet_generic::{GenlFamily, GenlMessage};

use super::attr::{Attr, command, dest, flag, service};
use crate::model::director::Timeouts;
use crate::model::forward::{ForwardingMethod, Tunnel, TunnelChecksum};
use crate::model::persist::Granularity;
use crate::model::service::{DestKey, Family, ServiceKey};
use crate::model::table::{Dest, Settings};
use crate::plan::{Change, Step};

/// Numbers of `enum ip_vs_genl_cmd` (`IPVS_CMD_*`) in `linux/ip_vs.h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Command {
    NewService = 1,
    SetService = 2,
    DelService = 3,
    GetService = 4,
    NewDest = 5,
    SetDest = 6,
    DelDest = 7,
    GetDest = 8,
    SetConfig = 12,
    GetConfig = 13,
    GetInfo = 15,
}

/// `AF_INET` and `AF_INET6`.
pub(super) const INET: u16 = 2;
pub(super) const INET6: u16 = 10;

/// One request to the IPVS family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    command: Command,
    attrs: Vec<Attr>,
}

/// What the kernel is to answer with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Nothing but an error.
    Errors,
    /// An acknowledgement, or an error.
    Ack,
    /// What was asked for, then an acknowledgement.
    Dump,
}

impl Request {
    fn new(command: Command, attrs: Vec<Attr>) -> Self {
        Self { command, attrs }
    }

    /// A request that carries out one step of a plan.
    pub fn step(step: &Step) -> Self {
        let key = &step.service;
        let (command, service, dest) = match &step.change {
            Change::AddService(settings) => (Command::NewService, whole(key, settings), None),
            Change::EditService { after, .. } => (Command::SetService, whole(key, after), None),
            Change::RemoveService(_) => (Command::DelService, identity(key), None),
            Change::AddDest(at, to) => (Command::NewDest, identity(key), Some(whole_dest(at, to))),
            Change::EditDest { dest, after, .. } => (
                Command::SetDest,
                identity(key),
                Some(whole_dest(dest, after)),
            ),
            Change::RemoveDest(at, _) => (Command::DelDest, identity(key), Some(dest_identity(at))),
        };
        let mut attrs = vec![Attr::nested(command::SERVICE, service)];
        attrs.extend(dest.map(|dest| Attr::nested(command::DEST, dest)));
        Self::new(command, attrs)
    }

    pub fn info() -> Self {
        Self::new(Command::GetInfo, Vec::new())
    }

    /// Every service; to be dumped.
    pub fn services() -> Self {
        Self::new(Command::GetService, Vec::new())
    }

    pub fn service(key: &ServiceKey) -> Self {
        let service = Attr::nested(command::SERVICE, identity(key));
        Self::new(Command::GetService, vec![service])
    }

    /// Every dest of one service; to be dumped.
    pub fn dests(key: &ServiceKey) -> Self {
        let service = Attr::nested(command::SERVICE, identity(key));
        Self::new(Command::GetDest, vec![service])
    }

    pub fn timeouts() -> Self {
        Self::new(Command::GetConfig, Vec::new())
    }

    pub fn set_timeouts(timeouts: &Timeouts) -> Self {
        let all = [
            (command::TIMEOUT_TCP, timeouts.tcp),
            (command::TIMEOUT_TCP_FIN, timeouts.tcp_fin),
            (command::TIMEOUT_UDP, timeouts.udp),
        ];
        let set = all.into_iter().filter(|(_, seconds)| *seconds != 0);
        let attrs = set.map(|(kind, seconds)| Attr::u32(kind, seconds));
        Self::new(Command::SetConfig, attrs.collect())
    }

    /// Appends the request to `buffer` as one netlink message to family number `family`.
    pub fn encode(self, family: u16, sequence: u32, reply: Reply, buffer: &mut Vec<u8>) {
        let mut message = GenlMessage::from_payload(self);
        message.set_resolved_family_id(family);
        let mut message = NetlinkMessage::from(message);
        message.header.sequence_number = sequence;
        message.header.flags = NLM_F_REQUEST
            | match reply {
                Reply::Errors => 0,
                Reply::Ack => NLM_F_ACK,
                Reply::Dump => NLM_F_DUMP,
            };
        message.finalize();
        let start = buffer.len();
        // Attributes are padded to 4 bytes, and so is what they add up to.
        buffer.resize(start + message.buffer_len(), 0);
        message.serialize(&mut buffer[start..]);
    }
}

impl GenlFamily for Request {
    fn family_name() -> &'static str {
        "IPVS"
    }

    fn command(&self) -> u8 {
        self.command as u8
    }

    fn version(&self) -> u8 {
        1
    }
}

impl Emitable for Request {
    fn buffer_len(&self) -> usize {
        self.attrs.as_slice().buffer_len()
    }

    fn emit(&self, buffer: &mut [u8]) {
        self.attrs.as_slice().emit(buffer);
    }
}

fn family_number(family: Family) -> u16 {
    match family {
        Family::Inet => INET,
        Family::Inet6 => INET6,
    }
}

/// An IPv4 address stands in the first four of the sixteen bytes.
fn address(ip: IpAddr) -> [u8; 16] {
    match ip {
        IpAddr::V4(ip) => {
            let mut bytes = [0; 16];
            bytes[..4].copy_from_slice(&ip.octets());
            bytes
        }
        IpAddr::V6(ip) => ip.octets(),
    }
}

fn identity(key: &ServiceKey) -> Vec<Attr> {
    let mut attrs = Vec::with_capacity(9);
    attrs.push(Attr::u16(service::AF, family_number(key.family())));
    match key {
        ServiceKey::Address(protocol, endpoint) => attrs.extend([
            Attr::u16(service::PROTOCOL, protocol.number()),
            Attr::address(service::ADDR, address(endpoint.ip)),
            Attr::port(service::PORT, endpoint.port),
        ]),
        ServiceKey::Mark(_, mark) => attrs.push(Attr::u32(service::FWMARK, mark.get())),
    }
    attrs
}

/// The kernel wants every attribute in an edit too; one without an engine takes it away.
fn whole(key: &ServiceKey, settings: &Settings) -> Vec<Attr> {
    let family = key.family();
    let timeout = settings
        .persistence
        .map_or(0, |persistence| persistence.timeout);
    let granularity = settings
        .persistence
        .map_or(Granularity::host(family), |persistence| {
            persistence.granularity
        });
    let mut attrs = identity(key);
    attrs.push(Attr::text(service::SCHED_NAME, settings.scheduler.as_str()));
    if let Some(engine) = &settings.engine {
        attrs.push(Attr::text(service::PE_NAME, engine.as_str()));
    }
    attrs.push(Attr::flags(service::FLAGS, flags(settings), u32::MAX));
    attrs.push(Attr::u32(service::TIMEOUT, timeout));
    attrs.push(match granularity {
        Granularity::Netmask(mask) => Attr::octets(service::NETMASK, mask.octets()),
        Granularity::Prefix(length) => Attr::u32(service::NETMASK, u32::from(length)),
    });
    attrs
}

fn flags(settings: &Settings) -> u32 {
    let set = [
        (settings.persistence.is_some(), flag::PERSISTENT),
        (settings.one_packet, flag::ONE_PACKET),
        (settings.flags.flag1, flag::SCHED1),
        (settings.flags.flag2, flag::SCHED2),
        (settings.flags.flag3, flag::SCHED3),
    ];
    set.into_iter()
        .filter(|(on, _)| *on)
        .fold(0, |flags, (_, bit)| flags | bit)
}

fn dest_identity(key: &DestKey) -> Vec<Attr> {
    let mut attrs = Vec::with_capacity(10);
    attrs.extend([
        Attr::u16(dest::ADDR_FAMILY, family_number(Family::of(key.ip))),
        Attr::address(dest::ADDR, address(key.ip)),
        Attr::port(dest::PORT, key.port),
    ]);
    attrs
}

/// The tunnel attributes always go along: an edit without them resets them.
fn whole_dest(key: &DestKey, to: &Dest) -> Vec<Attr> {
    let (method, tunnel) = forwarding(to.method);
    let (tunnel_kind, tunnel_port, tunnel_flags) = tunnel.map_or((0, 0, 0), tunnel_numbers);
    let mut attrs = dest_identity(key);
    attrs.extend([
        Attr::u32(dest::FWD_METHOD, method),
        Attr::u32(dest::WEIGHT, to.weight.get()),
        Attr::byte(dest::TUN_TYPE, tunnel_kind),
        Attr::port(dest::TUN_PORT, tunnel_port),
        Attr::u16(dest::TUN_FLAGS, tunnel_flags),
        Attr::u32(dest::U_THRESH, to.thresholds.upper),
        Attr::u32(dest::L_THRESH, to.thresholds.lower),
    ]);
    attrs
}

fn forwarding(method: ForwardingMethod) -> (u32, Option<Tunnel>) {
    match method {
        ForwardingMethod::Masquerade => (0, None),
        ForwardingMethod::LocalNode => (1, None),
        ForwardingMethod::Tunnel(tunnel) => (2, Some(tunnel)),
        ForwardingMethod::DirectRoute => (3, None),
        ForwardingMethod::Bypass => (4, None),
        ForwardingMethod::Undefined(number) => (u32::from(number), None),
    }
}

/// `IP_VS_CONN_F_TUNNEL_TYPE_*`, port, `IP_VS_TUNNEL_ENCAP_FLAG_*`.
fn tunnel_numbers(tunnel: Tunnel) -> (u8, u16, u16) {
    match tunnel {
        Tunnel::Ipip => (0, 0, 0),
        Tunnel::Gue(port, TunnelChecksum::None) => (1, port.get(), 0),
        Tunnel::Gue(port, TunnelChecksum::Full) => (1, port.get(), 1),
        Tunnel::Gue(port, TunnelChecksum::Remote) => (1, port.get(), 2),
        Tunnel::Gre { checksum } => (2, 0, u16::from(checksum)),
        Tunnel::Other { kind, port, flags } => (kind, port, flags),
    }
}
