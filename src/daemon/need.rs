use crate::model::check::{Check, ProbeKind};
use crate::model::director::Director;
use crate::sys::privileges::{CapabilitySet, Exempt};

/// A capability, and what of the file needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Need {
    pub(super) capability: CapabilitySet,
    pub(super) by: String,
}

/// What the checks of a director need beside CAP_NET_ADMIN, which the table needs anyway and which
/// is enough for marks: each capability once, with the first that needs it.
///
/// `bind_if` needs none since Linux 5.7.
pub(super) fn needs(director: &Director, exempt: &Exempt, groups: &[u32]) -> Vec<Need> {
    let servers = director.virtual_servers.iter();
    let mut checks = servers.flat_map(|server| {
        let real_servers = server.real_servers.iter();
        real_servers.flat_map(|real| real.checks.iter())
    });
    let may_ping = exempt.may_ping(groups.iter().copied());
    let mut needs: Vec<Need> = Vec::new();
    for check in &mut checks {
        let own = [
            echo(check).filter(|_| !may_ping),
            low_port(check, exempt.first_port),
        ];
        for need in own.into_iter().flatten() {
            if !needs
                .iter()
                .any(|known| known.capability == need.capability)
            {
                needs.push(need);
            }
        }
    }
    needs
}

fn echo(check: &Check) -> Option<Need> {
    matches!(check.probe.kind, ProbeKind::Ping).then(|| Need {
        capability: CapabilitySet::NET_RAW,
        by: format!("PING_CHECK of {}", check.probe.target.ip),
    })
}

fn low_port(check: &Check, first_free: u16) -> Option<Need> {
    let probe = &check.probe;
    let port = match &probe.kind {
        ProbeKind::Bfd(session) => session.port(),
        _ => probe.origin.as_ref()?.port?.get(),
    };
    (port < first_free).then(|| Need {
        capability: CapabilitySet::NET_BIND_SERVICE,
        by: format!(
            "port {port} of this host, from which {} is checked,",
            probe.target.ip
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conf::{self, Memory, Options};

    /// Of a file with these checks, one real server for each.
    fn of(checks: &[&str], exempt: &Exempt) -> Vec<(CapabilitySet, String)> {
        let real = checks
            .iter()
            .enumerate()
            .map(|(nth, check)| format!("real_server 192.0.2.{} 80 {{\n{check}\n}}\n", 10 + nth));
        let real: String = real.collect();
        let text = format!(
            "bfd_instance b {{\nneighbor_ip 192.0.2.10\n}}\n\
             virtual_server 192.0.2.1 80 {{\nprotocol TCP\nlb_algo rr\n{real}}}\n"
        );
        let files = Memory([("k.conf".to_owned(), text.into_bytes())].into());
        let loaded = conf::load(&files, "k.conf", &Options::default());
        let needs = needs(&loaded.director.unwrap(), exempt, &[7]);
        needs
            .into_iter()
            .map(|need| (need.capability, need.by))
            .collect()
    }

    const PING: &str = "PING_CHECK {\n}";
    const LOW: &str = "TCP_CHECK {\nbindto 192.0.2.1\nbind_port 1023\n}";
    const BFD: &str = "BFD_CHECK {\nname b\n}";

    #[test]
    fn a_capability_is_kept_for_what_needs_it_and_for_nothing_else() {
        let exempt = Exempt::default();
        let none = [
            "TCP_CHECK {\nfwmark 5\nbind_if lo\n}",
            "TCP_CHECK {\nbindto 192.0.2.1\nbind_port 1024\n}",
            BFD,
        ];
        assert_eq!(of(&none, &exempt), []);
        let raw = (
            CapabilitySet::NET_RAW,
            "PING_CHECK of 192.0.2.10".to_owned(),
        );
        assert_eq!(of(&[PING, PING], &exempt), std::slice::from_ref(&raw));
        let both = of(&[PING, LOW], &exempt);
        assert_eq!(both[0], raw);
        assert_eq!(both[1].0, CapabilitySet::NET_BIND_SERVICE);
        assert!(both[1].1.starts_with("port 1023 "), "{}", both[1].1);
    }

    #[test]
    fn what_the_host_allows_everybody_needs_none() {
        let exempt = Exempt {
            ping_groups: Some((7, 7)),
            first_port: 0,
        };
        assert_eq!(of(&[PING, LOW, BFD], &exempt), []);
        let strict = Exempt {
            ping_groups: Some((8, 9)),
            first_port: 4000,
        };
        let needs = of(&[PING, BFD], &strict);
        let needs: Vec<CapabilitySet> = needs.into_iter().map(|(one, _)| one).collect();
        assert_eq!(
            needs,
            [CapabilitySet::NET_RAW, CapabilitySet::NET_BIND_SERVICE]
        );
    }
}
