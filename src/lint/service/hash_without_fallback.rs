use crate::diag::{Diagnostic, Span, rule};
use crate::lint::inspection::Inspection;
use crate::lint::virtual_server::{RealServer, Target, VirtualServer, number};

rule! {
    /// A hash scheduler without fallback, and a server that can stop taking connections.
    ///
    /// `sh`, `mh` and `dh` choose a server by hash alone. A server of weight 0, or one above its
    /// `uthreshold`, keeps its share of the hash, and the clients of that share are refused though
    /// other servers would have them. A server comes to weight 0 by `inhibit_on_failure`,
    /// `sorry_server_inhibit`, a check that sets weights, or `weight 0`.
    ///
    /// keepalived says nothing.
    ///
    /// ```text
    /// lb_algo sh
    /// inhibit_on_failure
    /// ```
    ///
    /// Remedy: `sh-fallback` behind `lb_algo sh`, `mh-fallback` behind `lb_algo mh`. `dh` has no
    /// fallback: leave the other line out.
    RULE: Warning silent "hash-without-fallback", "clients are refused though other servers would have them";
}

pub(super) const INSPECTION: Inspection = Inspection::virtual_server(&RULE, look);

fn look(server: &VirtualServer<'_>, found: &mut Vec<Diagnostic>) {
    let scheduler = server.scheduler();
    // One address that is hashed is `one-destination`, whatever its servers weigh.
    let hashes = match scheduler {
        "sh" | "mh" => !server.falls_back(),
        "dh" => !matches!(server.target, Target::Address(..)),
        _ => false,
    };
    if !hashes || server.real_servers.len() < 2 {
        return;
    }
    let mut servers = server.real_servers.iter();
    let reason = sorry(server).or_else(|| servers.find_map(|real| reason(server, real)));
    let Some((place, reason)) = reason else {
        return;
    };
    if !server.block.whole() {
        return;
    }
    let text = format!("{scheduler} goes on choosing a server that takes no connection");
    let finding = Diagnostic::new(&RULE, server.scheduler_place(), text).context(place, reason);
    found.push(finding.help(match scheduler {
        "dh" => {
            "dh has no fallback: let failed servers leave, or use sh with sh-fallback".to_owned()
        }
        _ => format!("add {scheduler}-fallback below"),
    }));
}

fn sorry(server: &VirtualServer<'_>) -> Option<(Span, &'static str)> {
    let line = server.block.last("sorry_server_inhibit")?;
    // From the start it is there with weight 0, and `mh` gives such a server no share.
    (server.scheduler() != "mh" && server.block.has("sorry_server"))
        .then(|| (line.span(), "the sorry server has weight 0"))
}

fn reason(server: &VirtualServer<'_>, real: &RealServer<'_>) -> Option<(Span, &'static str)> {
    if server.scheduler() != "mh"
        && let Some(line) = real.block.last("weight")
        && number::<u32>(line.argument(0)) == Some(0)
    {
        return Some((line.span(), "it keeps a share of the hash"));
    }
    if let Some(line) = server.inhibited(real).filter(|_| real.checked()) {
        return Some((line.span(), "a failed server has weight 0"));
    }
    if let Some(line) = server.dynamic(real) {
        return Some((line.span(), "this can bring the weight to 0"));
    }
    let line = real.block.last("uthreshold")?;
    let limit: u32 = number(line.argument(0))?;
    (limit > 0).then(|| (line.span(), "above this the server takes no connection"))
}
