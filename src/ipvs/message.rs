use std::net::IpAddr;

use netlink_packet_core::{NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST};

use super::attr::{Attrs, command, dest, flag, service};
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

/// `NLMSG_HDRLEN`, and `GENL_HDRLEN` behind it, in bytes.
pub(super) const HEADERS: usize = 16 + 4;

/// `AF_INET` and `AF_INET6`.
pub(super) const INET: u16 = 2;
pub(super) const INET6: u16 = 10;

/// One request to the IPVS family. Borrowed, because it is written down at once: of a large plan
/// there is never a second copy.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    command: Command,
    about: About<'a>,
}

/// The attributes of a request.
#[derive(Clone, Copy, Debug)]
enum About<'a> {
    Nothing,
    Service(&'a ServiceKey),
    WholeService(&'a ServiceKey, &'a Settings),
    Dest(&'a ServiceKey, &'a DestKey),
    WholeDest(&'a ServiceKey, &'a DestKey, &'a Dest),
    Timeouts(&'a Timeouts),
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

impl<'a> Request<'a> {
    /// A request that carries out one step of a plan.
    pub fn step(step: &'a Step) -> Self {
        let key = &step.service;
        let (command, about) = match &step.change {
            Change::AddService(settings) => {
                (Command::NewService, About::WholeService(key, settings))
            }
            Change::EditService { after, .. } => {
                (Command::SetService, About::WholeService(key, after))
            }
            Change::RemoveService(_) => (Command::DelService, About::Service(key)),
            Change::AddDest(at, to) => (Command::NewDest, About::WholeDest(key, at, to)),
            Change::EditDest { dest, after, .. } => {
                (Command::SetDest, About::WholeDest(key, dest, after))
            }
            Change::RemoveDest(at, _) => (Command::DelDest, About::Dest(key, at)),
        };
        Self { command, about }
    }

    pub fn info() -> Self {
        let (command, about) = (Command::GetInfo, About::Nothing);
        Self { command, about }
    }

    /// Every service; to be dumped.
    pub fn services() -> Self {
        let (command, about) = (Command::GetService, About::Nothing);
        Self { command, about }
    }

    pub fn service(key: &'a ServiceKey) -> Self {
        let (command, about) = (Command::GetService, About::Service(key));
        Self { command, about }
    }

    /// Every dest of one service; to be dumped.
    pub fn dests(key: &'a ServiceKey) -> Self {
        let (command, about) = (Command::GetDest, About::Service(key));
        Self { command, about }
    }

    pub fn timeouts() -> Self {
        let (command, about) = (Command::GetConfig, About::Nothing);
        Self { command, about }
    }

    pub fn set_timeouts(timeouts: &'a Timeouts) -> Self {
        let (command, about) = (Command::SetConfig, About::Timeouts(timeouts));
        Self { command, about }
    }

    /// Appends the request to `buffer` as one netlink message to family number `family`.
    pub fn encode(self, family: u16, sequence: u32, reply: Reply, buffer: &mut Vec<u8>) {
        buffer.reserve(LONGEST);
        let start = buffer.len();
        header(self.command, family, sequence, reply, buffer);
        self.about.write(&mut Attrs::new(buffer));
        let length = u32::try_from(buffer.len() - start).unwrap_or(u32::MAX);
        buffer[start..start + 4].copy_from_slice(&length.to_ne_bytes());
    }
}

/// No request is longer, in bytes.
const LONGEST: usize = 256;

/// `struct nlmsghdr`, its length still 0, and `struct genlmsghdr`.
fn header(command: Command, family: u16, sequence: u32, reply: Reply, buffer: &mut Vec<u8>) {
    /// Of the generic netlink family, as it has always been.
    const VERSION: u8 = 1;
    let flags = NLM_F_REQUEST
        | match reply {
            Reply::Errors => 0,
            Reply::Ack => NLM_F_ACK,
            Reply::Dump => NLM_F_DUMP,
        };
    let mut bytes = [0; HEADERS];
    bytes[4..6].copy_from_slice(&family.to_ne_bytes());
    bytes[6..8].copy_from_slice(&flags.to_ne_bytes());
    bytes[8..12].copy_from_slice(&sequence.to_ne_bytes());
    bytes[16] = command as u8;
    bytes[17] = VERSION;
    buffer.extend_from_slice(&bytes);
}

impl About<'_> {
    fn write(self, attrs: &mut Attrs<'_>) {
        match self {
            Self::Nothing => {}
            Self::Service(key) => attrs.nested(command::SERVICE, |attrs| identity(key, attrs)),
            Self::WholeService(key, settings) => {
                attrs.nested(command::SERVICE, |attrs| whole(key, settings, attrs));
            }
            Self::Dest(key, at) => {
                attrs.nested(command::SERVICE, |attrs| identity(key, attrs));
                attrs.nested(command::DEST, |attrs| dest_identity(at, attrs));
            }
            Self::WholeDest(key, at, to) => {
                attrs.nested(command::SERVICE, |attrs| identity(key, attrs));
                attrs.nested(command::DEST, |attrs| whole_dest(at, to, attrs));
            }
            Self::Timeouts(timeouts) => set_timeouts(timeouts, attrs),
        }
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

fn identity(key: &ServiceKey, attrs: &mut Attrs<'_>) {
    attrs.u16(service::AF, family_number(key.family()));
    match key {
        ServiceKey::Address(protocol, endpoint) => {
            attrs.u16(service::PROTOCOL, protocol.number());
            attrs.address(service::ADDR, address(endpoint.ip));
            attrs.port(service::PORT, endpoint.port);
        }
        ServiceKey::Mark(_, mark) => attrs.u32(service::FWMARK, mark.get()),
    }
}

/// The kernel wants every attribute in an edit too; one without an engine takes it away.
fn whole(key: &ServiceKey, settings: &Settings, attrs: &mut Attrs<'_>) {
    let persistence = settings.persistence;
    let timeout = persistence.map_or(0, |persistence| persistence.timeout);
    let granularity = persistence.map(|persistence| persistence.granularity);
    identity(key, attrs);
    attrs.name(service::SCHED_NAME, settings.scheduler.as_str());
    if let Some(engine) = &settings.engine {
        attrs.name(service::PE_NAME, engine.as_str());
    }
    attrs.flags(service::FLAGS, flags(settings), u32::MAX);
    attrs.u32(service::TIMEOUT, timeout);
    match granularity.unwrap_or(Granularity::host(key.family())) {
        Granularity::Netmask(mask) => attrs.octets(service::NETMASK, mask.octets()),
        Granularity::Prefix(length) => attrs.u32(service::NETMASK, u32::from(length)),
    }
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

fn dest_identity(key: &DestKey, attrs: &mut Attrs<'_>) {
    attrs.u16(dest::ADDR_FAMILY, family_number(Family::of(key.ip)));
    attrs.address(dest::ADDR, address(key.ip));
    attrs.port(dest::PORT, key.port);
}

/// The tunnel attributes always go along: an edit without them resets them.
fn whole_dest(key: &DestKey, to: &Dest, attrs: &mut Attrs<'_>) {
    let (method, tunnel) = forwarding(to.method);
    let (tunnel_kind, tunnel_port, tunnel_flags) = tunnel.map_or((0, 0, 0), tunnel_numbers);
    dest_identity(key, attrs);
    attrs.u32(dest::FWD_METHOD, method);
    attrs.u32(dest::WEIGHT, to.weight.get());
    attrs.byte(dest::TUN_TYPE, tunnel_kind);
    attrs.port(dest::TUN_PORT, tunnel_port);
    attrs.u16(dest::TUN_FLAGS, tunnel_flags);
    attrs.u32(dest::U_THRESH, to.thresholds.upper);
    attrs.u32(dest::L_THRESH, to.thresholds.lower);
}

/// 0 leaves what the kernel has, and is not sent.
fn set_timeouts(timeouts: &Timeouts, attrs: &mut Attrs<'_>) {
    let all = [
        (command::TIMEOUT_TCP, timeouts.tcp),
        (command::TIMEOUT_TCP_FIN, timeouts.tcp_fin),
        (command::TIMEOUT_UDP, timeouts.udp),
    ];
    for (kind, seconds) in all.into_iter().filter(|(_, seconds)| *seconds != 0) {
        attrs.u32(kind, seconds);
    }
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
