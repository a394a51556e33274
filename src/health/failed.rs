use crate::model::schedule::Scheduler;
use crate::model::server::{RealServer, VirtualServer};
use crate::model::service::{Protocol, ServiceKey};

/// `--failed-servers`: what becomes of a server that is down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FailedServers {
    /// Weight 0, except where the kernel would go on choosing a server of weight 0.
    #[default]
    Auto,
    Weight0,
    Remove,
}

/// What it comes to for one service or one server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handling {
    /// Weight 0: what is established goes on, nothing new arrives.
    Quiesce,
    /// Taken out of the table.
    Remove,
}

impl FailedServers {
    pub fn of_service(self, key: &ServiceKey, server: &VirtualServer) -> Handling {
        match self {
            Self::Remove => Handling::Remove,
            Self::Auto if chooses_weight_zero(key, server) => Handling::Remove,
            Self::Auto | Self::Weight0 => Handling::Quiesce,
        }
    }

    pub fn of_server(
        self,
        key: &ServiceKey,
        server: &VirtualServer,
        real: &RealServer,
    ) -> Handling {
        if real.inhibit {
            Handling::Quiesce
        } else {
            self.of_service(key, server)
        }
    }
}

/// The hashing schedulers refuse a client whose server has weight 0 unless told to fall back, and
/// `dh` cannot be told; a UDP "connection" is refreshed by every packet of a busy client and so
/// would stay with a dead server for ever.
fn chooses_weight_zero(key: &ServiceKey, server: &VirtualServer) -> bool {
    let hashes = match server.scheduler {
        Scheduler::Sh | Scheduler::Mh => !server.flags.flag1,
        Scheduler::Dh => true,
        _ => false,
    };
    let lasting_udp = matches!(key, ServiceKey::Address(Protocol::Udp, _)) && !server.one_packet;
    hashes || lasting_udp
}
