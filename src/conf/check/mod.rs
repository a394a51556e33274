//! Check blocks of a real server: one file a kind, and here what they have in common.

mod bfd;
mod common;
mod dns;
mod file;
mod hex;
mod http;
mod misc;
mod smtp;
mod udp;
mod url;

use std::sync::Arc;
use std::time::Duration;

use super::keyword::{self, Keyword, Kind};
use super::lowering::{Lowering, Taken};
use super::patience::{Habits, Patience};
use super::tree::Node;
use crate::diag::Span;
use crate::model::check::{Bfd, Check, Dns, Misc, Policy, Probe, ProbeKind, Udp, WatchedFile};
use crate::model::service::Endpoint;
use crate::model::text::Text;
use common::{Common, Connection, Port};

/// A check block as written; what its servers say is not yet in it.
#[derive(Debug)]
pub(super) struct CheckBlock {
    span: Span,
    common: Common,
    asks: Asks,
}

/// What one kind of check says beside the common words.
#[derive(Debug)]
enum Asks {
    Tcp,
    Ping,
    Http(Box<http::Lines>),
    Smtp(Box<smtp::Lines>),
    Dns(Arc<Dns>),
    Udp(Arc<Udp>),
    Misc(Arc<Misc>, Option<Duration>),
    File(Arc<WatchedFile>),
    Bfd(Arc<Bfd>),
}

/// What a check takes from the servers it stands in where it says nothing itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inherited<'a> {
    pub(super) patience: Patience,
    pub(super) alpha: bool,
    /// The real server's, as written; port 0 where none is.
    pub(super) server: Endpoint,
    /// Port of the service; 0 where there is none.
    pub(super) service_port: u16,
    /// Of the virtual server, whatever stands further inside.
    pub(super) service_delay_loop: Duration,
    pub(super) virtualhost: Option<&'a Text>,
}

/// Reads a check block, and puts it with those of its real server. One that as written would be
/// lost is a finding.
pub(super) fn read(
    to: &mut Lowering<'_>,
    known: &'static Keyword,
    node: Node<'_>,
    checks: &mut Vec<CheckBlock>,
) {
    let Some(kind) = known.opens() else {
        return;
    };
    let mut common = Common::default();
    let asks = match known.word {
        "HTTP_GET" => http::read(to, kind, node, &mut common, false),
        "SSL_GET" => http::read(to, kind, node, &mut common, true),
        "SMTP_CHECK" => Some(smtp::read(to, kind, node, &mut common)),
        "DNS_CHECK" => Some(dns::read(to, kind, node, &mut common)),
        "UDP_CHECK" => Some(udp::read(to, kind, node, &mut common)),
        "MISC_CHECK" => misc::read(to, kind, node, &mut common),
        "FILE_CHECK" => file::read(to, kind, node),
        "BFD_CHECK" => bfd::read(to, kind, node, &mut common, checks),
        "PING_CHECK" => Some(plain(to, kind, node, &mut common, Asks::Ping)),
        "TCP_CHECK" => Some(plain(to, kind, node, &mut common, Asks::Tcp)),
        _ => {
            to.judge(known, node);
            None
        }
    };
    let Some(asks) = asks else { return };
    // A real server has one check as a rule.
    checks.reserve_exact(1);
    checks.push(CheckBlock {
        span: node.span(),
        common,
        asks,
    });
}

/// A kind that has the common words alone.
fn plain(
    to: &mut Lowering<'_>,
    kind: Kind,
    node: Node<'_>,
    common: &mut Common,
    asks: Asks,
) -> Asks {
    to.walk(kind, node.children(), |to, known, node| {
        common.read(to, known, node)
    });
    asks
}

/// Whether a block has a line of that keyword, good, bad or misspelled: what is wrong with it is said there.
fn says(node: Node<'_>, word: &str) -> bool {
    let block = node.keyword().text();
    node.children().any(|line| {
        let written = line.keyword();
        written.text() == word || keyword::meant(block, written.text()) == Some(word)
    })
}

impl Asks {
    /// Source: the defaults in keepalived.conf(5), and those of each kind that differ from them.
    fn habits(&self) -> Habits {
        let habits = |retry, seconds: Option<u64>| Habits {
            retry,
            delay_before_retry: seconds.map(Duration::from_secs),
        };
        match self {
            Self::Tcp | Self::Ping | Self::Smtp(_) | Self::Udp(_) => habits(1, Some(1)),
            Self::Http(_) => habits(1, Some(3)),
            Self::Dns(_) => habits(3, None),
            Self::Misc(..) | Self::File(_) | Self::Bfd(_) => habits(0, Some(1)),
        }
    }
}

impl CheckBlock {
    /// The checks, with what their servers say; one that cannot be made is a finding.
    pub(super) fn lower(
        &self,
        to: &mut Lowering<'_>,
        inherited: &Inherited<'_>,
        checks: &mut Vec<Check>,
    ) {
        let connection = &self.common.connection;
        let check = match &self.asks {
            Asks::Tcp => self.connecting(to, inherited, connection, ProbeKind::Tcp),
            Asks::Ping => self.connecting(to, inherited, connection, ProbeKind::Ping),
            Asks::Http(lines) => {
                let kind = ProbeKind::Http(Arc::new(lines.lower(inherited.virtualhost)));
                self.connecting(to, inherited, connection, kind)
            }
            Asks::Smtp(lines) => {
                let targets = lines.connections(connection);
                let each = targets.filter_map(|connection| {
                    self.connecting(to, inherited, connection, ProbeKind::Smtp(lines.smtp()))
                });
                return checks.extend(each);
            }
            Asks::Dns(dns) => {
                self.connecting(to, inherited, connection, ProbeKind::Dns(Arc::clone(dns)))
            }
            Asks::Udp(udp) => {
                self.connecting(to, inherited, connection, ProbeKind::Udp(Arc::clone(udp)))
            }
            Asks::Misc(misc, timeout) => {
                let timeout = timeout.unwrap_or(inherited.service_delay_loop);
                let kind = ProbeKind::Misc(Arc::clone(misc));
                Some(self.check(to, inherited, about_server(inherited, kind, timeout)))
            }
            Asks::File(file) => {
                let kind = ProbeKind::File(Arc::clone(file));
                let probe = about_server(inherited, kind, Duration::ZERO);
                // Its state is known at once, so that alpha has nothing to wait for.
                let check = self.check(to, inherited, probe);
                Some(watching(to, check, Some(false)))
            }
            Asks::Bfd(session) => {
                let kind = ProbeKind::Bfd(Arc::clone(session));
                let probe = about_server(inherited, kind, Duration::ZERO);
                let check = self.check(to, inherited, probe);
                Some(watching(to, check, None))
            }
        };
        checks.extend(check);
    }

    /// A check that sends something. `None` where it cannot, which is a finding.
    fn connecting(
        &self,
        to: &mut Lowering<'_>,
        inherited: &Inherited<'_>,
        connection: &Connection,
        kind: ProbeKind,
    ) -> Option<Check> {
        let port = if kind == ProbeKind::Ping {
            Port::Unused
        } else {
            Port::Needed
        };
        let target = connection.target(to, inherited, self.span, port)?;
        let probe = Probe {
            kind,
            target,
            bind: connection.bind(),
            origin: connection.origin(),
            timeout: connection.timeout.unwrap_or(inherited.patience.timeout()),
        };
        Some(self.check(to, inherited, probe))
    }

    fn check(&self, to: &mut Lowering<'_>, inherited: &Inherited<'_>, probe: Probe) -> Check {
        let patience = self.common.patience.within(inherited.patience);
        let alpha = self.common.alpha.unwrap_or(inherited.alpha);
        Check {
            probe: Arc::new(probe),
            policy: to.share_policy(patience.policy(self.asks.habits(), alpha)),
            log_all_failures: self.common.log_all_failures,
        }
    }
}

/// A question that goes to nobody: its answer is about the real server.
fn about_server(inherited: &Inherited<'_>, kind: ProbeKind, timeout: Duration) -> Probe {
    let Endpoint { ip, port } = inherited.server;
    let port = if port == 0 {
        inherited.service_port
    } else {
        port
    };
    Probe {
        kind,
        target: Endpoint::new(ip, port),
        bind: None,
        origin: None,
        timeout,
    }
}

/// What is watched is not asked again: one change is enough, at once.
fn watching(to: &mut Lowering<'_>, check: Check, alpha: Option<bool>) -> Check {
    let policy = Policy {
        retry: 0,
        warmup: Duration::ZERO,
        alpha: alpha.unwrap_or(check.policy.alpha),
        ..*check.policy
    };
    Check {
        policy: to.share_policy(policy),
        ..check
    }
}

/// The words that all kinds share, or a line of this one's own.
fn common_or(
    to: &mut Lowering<'_>,
    kind: Kind,
    node: Node<'_>,
    common: &mut Common,
    mut own: impl FnMut(&mut Lowering<'_>, &'static Keyword, Node<'_>) -> Taken,
) {
    to.walk(kind, node.children(), |to, known, node| {
        match common.read(to, known, node) {
            Taken::Yes => Taken::Yes,
            Taken::No => own(to, known, node),
        }
    });
}
