use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use rustix::event::epoll::EventFlags;

use super::ping::Ping;
use super::{datagram, dns, tcp, udp};
use crate::health::Verdict;
use crate::model::check::{Dns, Probe, ProbeKind, Reply, Udp};

/// A question that was put and is not answered yet.
pub(super) enum Exchange {
    Tcp(OwnedFd),
    Udp(OwnedFd, Arc<Udp>),
    Ping(Ping),
    /// The question, and the id it was asked under.
    Dns(OwnedFd, Arc<Dns>, u16),
}

impl Exchange {
    /// Puts the question; nothing here waits. The error is the verdict where it is known at once.
    /// `nonce` tells this question from all others of the time.
    pub(super) fn begin(probe: &Probe, nonce: u64) -> Result<Self, Verdict> {
        match &probe.kind {
            ProbeKind::Tcp => Ok(Self::Tcp(tcp::begin(probe)?)),
            ProbeKind::Udp(udp) => Ok(Self::Udp(udp::begin(probe, udp)?, Arc::clone(udp))),
            ProbeKind::Ping => Ok(Self::Ping(Ping::begin(probe, nonce)?)),
            ProbeKind::Dns(dns) => {
                let [high, low, ..] = nonce.to_be_bytes();
                let id = u16::from_be_bytes([high, low]);
                Ok(Self::Dns(dns::begin(probe, dns, id)?, Arc::clone(dns), id))
            }
            ProbeKind::Http(_)
            | ProbeKind::Smtp(_)
            | ProbeKind::Misc(_)
            | ProbeKind::File(_)
            | ProbeKind::Bfd(_) => Err(Verdict::Unasked("asked elsewhere".to_owned())),
        }
    }

    /// What tells that there is something to hear.
    pub(super) const fn awaits(&self) -> EventFlags {
        match self {
            Self::Tcp(_) => EventFlags::OUT,
            Self::Udp(..) | Self::Ping(_) | Self::Dns(..) => EventFlags::IN,
        }
    }

    /// The verdict on what has come; `None` where it settles nothing.
    pub(super) fn hear(&self, event: EventFlags, buffer: &mut [u8]) -> Option<Verdict> {
        match self {
            // Neither error nor hang-up: the connection stands, and the kernel need not be asked.
            Self::Tcp(_) if event == EventFlags::OUT => Some(Verdict::Passed),
            Self::Tcp(socket) => Some(tcp::finish(socket)),
            Self::Udp(socket, udp) => {
                datagram::hear(socket, buffer, |reply| Some(udp::judge(udp, reply)))
            }
            Self::Ping(ping) => ping.hear(buffer),
            Self::Dns(socket, dns, id) => {
                datagram::hear(socket, buffer, |answer| dns::judge(dns, *id, answer))
            }
        }
    }

    /// The verdict where nothing came in all the time that there was.
    pub(super) fn silence(&self, timeout: Duration) -> Verdict {
        match self {
            Self::Udp(_, udp) if udp.reply == Reply::NotNeeded => Verdict::Passed,
            _ => Verdict::Failed(format!("no answer in {} s", timeout.as_secs_f64())),
        }
    }
}

impl AsFd for Exchange {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Tcp(socket) | Self::Udp(socket, _) | Self::Dns(socket, ..) => socket.as_fd(),
            Self::Ping(ping) => ping.socket.as_fd(),
        }
    }
}
