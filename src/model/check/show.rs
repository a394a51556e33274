use std::fmt;

use super::{Probe, ProbeKind};

impl fmt::Display for Probe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target = self.target;
        match &self.kind {
            ProbeKind::Tcp => write!(f, "TCP connect to {target}"),
            ProbeKind::Http(http) => write!(f, "{http} from {target}"),
            ProbeKind::Smtp(smtp) => write!(f, "{smtp} to {target}"),
            ProbeKind::Dns(dns) => write!(f, "{dns} of {target}"),
            ProbeKind::Udp(udp) => write!(f, "{udp} to {target}"),
            ProbeKind::Ping => write!(f, "ping of {}", target.ip),
            ProbeKind::Misc(misc) => write!(f, "script {}", misc.script),
            ProbeKind::File(file) => write!(f, "{file}"),
            ProbeKind::Bfd(session) => write!(f, "{session}"),
        }
    }
}
