use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::virtual_server::{VirtualServer, number};

rule! {
    /// A persistent service, and a server that stays with weight 0.
    ///
    /// The kernel sends a client that it remembers to its server though that has weight 0. With
    /// `inhibit_on_failure` clients of a failed server go on failing until they were quiet for the
    /// whole `persistence_timeout`; with `weight 0` they keep using a server that should empty. The
    /// sysctl `net.ipv4.vs.expire_quiescent_template` = 1 ends that, for all services of the host.
    ///
    /// keepalived says nothing, and sets no sysctl; the daemon of lvsctl sets it.
    ///
    /// ```text
    /// persistence_timeout 300
    /// inhibit_on_failure
    /// ```
    ///
    /// Remedy: leave `inhibit_on_failure` out, or set the sysctl.
    RULE: Warning silent "persistent-clients-stay", "clients are sent on to a server of weight 0";
}

pub(super) const INSPECTION: Inspection = Inspection::virtual_server(&RULE, look);

fn look(server: &VirtualServer<'_>, found: &mut Vec<Diagnostic>) {
    let Some(persistence) = server.persistence() else {
        return;
    };
    let stays = server.real_servers.iter().find_map(|real| {
        let zero = real.block.last("weight");
        let zero = zero.filter(|line| number::<u32>(line.argument(0)) == Some(0));
        if let Some(line) = zero {
            return Some((
                line.span(),
                "clients that it remembers stay with this server",
            ));
        }
        let line = server.inhibited(real).filter(|_| real.checked())?;
        Some((
            line.span(),
            "clients that it remembers stay with a failed server",
        ))
    });
    if let Some((place, text)) = stays {
        let finding = Diagnostic::new(&RULE, place, text)
            .context(persistence.span(), "remembers clients")
            .help("leave it out, or set the sysctl net.ipv4.vs.expire_quiescent_template to 1");
        found.push(finding);
    }
}
