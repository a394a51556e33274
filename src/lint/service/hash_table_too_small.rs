use crate::conf::Node;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::virtual_server::{Target, VirtualServer};

rule! {
    /// The hash table of the scheduler has no room for all servers and their weights.
    ///
    /// `sh` fills a table of 256 slots, server after server, each as often as it weighs. Where the
    /// weights come to more, the server written first gets the few slots that are left, or none; a
    /// weight of 100 for each of four servers leaves one of them without a client. `dh` has 256
    /// slots too, and `mh` 4093, at one server each at least. A kernel may be built with other
    /// sizes.
    ///
    /// keepalived says nothing, and neither does the kernel.
    ///
    /// ```text
    /// lb_algo sh
    /// weight 100
    /// ```
    ///
    /// Remedy: small weights such as 1 and 2; more servers than slots need another scheduler.
    RULE: Warning silent "hash-table-too-small", "a server gets less of the hash than its weight";
}

pub(super) const INSPECTION: Inspection = Inspection::virtual_server(&RULE, look);

/// Of `sh` and `dh`, `CONFIG_IP_VS_SH_TAB_BITS` 8.
const SLOTS: u64 = 256;
/// Of `mh`, `CONFIG_IP_VS_MH_TAB_INDEX` 12.
const MAGLEV_SLOTS: usize = 4093;

fn look(server: &VirtualServer<'_>, found: &mut Vec<Diagnostic>) {
    let (scheduler, servers) = (server.scheduler(), server.real_servers.len());
    let most = match scheduler {
        "sh" => return shares(server, found),
        "dh" if !matches!(server.target, Target::Address(..)) => 256,
        "mh" => MAGLEV_SLOTS,
        _ => return,
    };
    if servers > most {
        let text = format!("{servers} servers do not fit in the {most} slots of {scheduler}");
        found.push(Diagnostic::new(&RULE, server.scheduler_place(), text));
    }
}

/// Who gets how many slots. The kernel has the server that was added last at the front.
fn shares(server: &VirtualServer<'_>, found: &mut Vec<Diagnostic>) {
    let weight = |real| u64::from(server.weight_of(real).max(1));
    let total: u64 = server.real_servers.iter().map(weight).sum();
    let (rounds, rest) = (SLOTS / total.max(1), SLOTS % total.max(1));
    let mut before = 0;
    let mut short = None;
    for real in server.real_servers.iter().rev() {
        let weight = weight(real);
        let slots = rounds * weight + rest.saturating_sub(before).min(weight);
        before += weight;
        // Three quarters of its due are rounding.
        if slots * total * 4 < SLOTS * weight * 3 {
            short = Some((real, slots, SLOTS * weight / total));
        }
    }
    let Some((real, slots, due)) = short else {
        return;
    };
    let got = match slots {
        0 => "no slot of the 256, and no client".to_owned(),
        slots => format!("{slots} of 256 slots, where its weight asks for {due}"),
    };
    let place = real
        .block
        .last("weight")
        .map_or(real.block.place(), Node::span);
    let finding = Diagnostic::new(&RULE, place, format!("this server gets {got}"))
        .context(
            server.scheduler_place(),
            "sh gives each server as many slots as it weighs",
        )
        .help("divide all weights, so that they come to 25 or less");
    found.push(finding);
}
