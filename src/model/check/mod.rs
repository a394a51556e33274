//! How real servers are asked whether they serve: one file for each kind of question that says
//! more than where it goes.

mod bfd;
mod dns;
mod file;
mod http;
mod misc;
mod pattern;
mod regex;
mod show;
mod smtp;
mod status;
mod udp;

use std::net::IpAddr;
use std::num::{NonZeroU16, NonZeroU32};
use std::sync::Arc;
use std::time::Duration;

pub use bfd::{Bfd, Hops};
pub use dns::{Dns, DnsName, NoDnsName, RecordType};
pub use file::WatchedFile;
pub use http::{Http, HttpVersion, Url};
pub use misc::Misc;
pub use pattern::{NoPattern, Pattern};
pub use regex::{Regex, RegexOptions};
pub use smtp::Smtp;
pub use status::StatusSet;
pub use udp::{Like, Reply, Udp};

use super::name::Name;
use super::service::Endpoint;

/// How a real server is asked whether it serves, and how patiently.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Check {
    pub probe: Arc<Probe>,
    /// That of most checks of a virtual server is the same, and shared.
    pub policy: Arc<Policy>,
    /// `log_all_failures`: every failure is logged, not only the one that takes the server out.
    pub log_all_failures: bool,
}

/// One question to one target. Equal probes give equal answers, so they are asked once; there may be
/// a hundred thousand, so whoever asks or waits shares it with the file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Probe {
    pub kind: ProbeKind,
    /// Where the question goes: `connect_ip` and `connect_port`, or the real server's own. What
    /// the answer is about where nothing is sent: for a script, a file or a BFD session.
    pub target: Endpoint,
    /// `bindto`: the local address the question is asked from.
    pub bind: Option<IpAddr>,
    /// What else a few checks say of where the question is asked from.
    pub origin: Option<Box<Origin>>,
    /// `connect_timeout` or `misc_timeout`: silence for longer is a failure. 1 µs to
    /// 4,294.967295 s; for a script that has none of its own, `delay_loop` of the virtual server;
    /// zero where nothing is waited for.
    pub timeout: Duration,
}

/// Where a question is asked from, beside the address. At least one of them is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// `bind_port`; has an effect only together with `bindto`.
    pub port: Option<NonZeroU16>,
    /// `bind_if`.
    pub interface: Option<Name>,
    /// `fwmark`: mark of the packets sent, `SO_MARK`.
    pub mark: Option<NonZeroU32>,
}

/// What is asked. What several words say is shared, so that a probe is small and cheap to copy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProbeKind {
    /// `TCP_CHECK`: the connection is established.
    Tcp,
    /// `HTTP_GET` and `SSL_GET`.
    Http(Arc<Http>),
    /// `SMTP_CHECK`; with `host` blocks it is several checks.
    Smtp(Arc<Smtp>),
    /// `DNS_CHECK`.
    Dns(Arc<Dns>),
    /// `UDP_CHECK`.
    Udp(Arc<Udp>),
    /// `PING_CHECK`: an ICMP echo is answered. The target's port is 0.
    Ping,
    /// `MISC_CHECK`.
    Misc(Arc<Misc>),
    /// `FILE_CHECK`.
    File(Arc<WatchedFile>),
    /// `BFD_CHECK`: the session of this `bfd_instance` is up.
    Bfd(Arc<Bfd>),
}

/// How patient a check is.
///
/// Source: `retry`, `delay_loop`, `delay_before_retry`, `warmup`, `alpha` in keepalived.conf(5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Policy {
    /// Failures in a row that a server survives once it has been checked.
    pub retry: u32,
    /// From the end of one check to the start of the next; above zero.
    pub delay_loop: Duration,
    /// From a failure to its recheck while the server is still up.
    pub delay_before_retry: Duration,
    /// The first check waits one second and a random share of this.
    pub warmup: Duration,
    /// The server starts down and is admitted by its first passed check.
    pub alpha: bool,
}
