use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::virtual_server::{VirtualServer, number};

rule! {
    /// A quorum that all real servers together do not reach.
    ///
    /// The quorum is there again when the servers that are up weigh `quorum` + `hysteresis`; so it
    /// is at the start too. Where all together weigh less, the sorry server has the clients for
    /// ever, and `quorum_up` never runs.
    ///
    /// keepalived compares the weights with `quorum` alone, and is silent.
    ///
    /// ```text
    /// quorum 2
    /// hysteresis 1
    /// real_server 192.0.2.11 80 { … weight 1
    /// real_server 192.0.2.12 80 { … weight 1
    /// ```
    ///
    /// Remedy: a smaller `quorum` or `hysteresis`, or more weight.
    RULE: Error silent "quorum-never-regained", "the quorum is never reached";
}

pub(super) const INSPECTION: Inspection = Inspection::virtual_server(&RULE, look);

fn look(server: &VirtualServer<'_>, found: &mut Vec<Diagnostic>) {
    let block = &server.block;
    let (quorum, hysteresis) = (block.last("quorum"), block.last("hysteresis"));
    let (Some(quorum), Some(hysteresis)) = (quorum, hysteresis) else {
        return;
    };
    let lines = (number(quorum.argument(0)), number(hysteresis.argument(0)));
    let (Some(least), Some(more)): (Option<u64>, Option<u64>) = lines else {
        return;
    };
    let followed = ["sorry_server", "quorum_up", "quorum_down"];
    let consequence = followed.iter().find_map(|word| block.last(word));
    let weights = server.real_servers.iter();
    let weights = weights.map(|real| u64::from(server.weight_of(real)));
    let total: u64 = weights.sum();
    let Some(consequence) = consequence else {
        return;
    };
    // What is above by itself the reader finds, and what a check may add nobody knows.
    let plain = least <= total && more < least;
    let dynamic = server
        .real_servers
        .iter()
        .any(|real| server.dynamic(real).is_some());
    if !plain || dynamic || least + more <= total || !block.whole() {
        return;
    }
    let text = format!(
        "{least} and {more} are {}, all real servers weigh {total}",
        least + more
    );
    let finding = Diagnostic::new(&RULE, hysteresis.span(), text)
        .context(quorum.span(), "and this must be reached together")
        .context(
            consequence.span(),
            match consequence.keyword().text() {
                "sorry_server" => "has the clients for ever",
                "quorum_up" => "never runs",
                _ => "runs, and the quorum never comes back",
            },
        );
    found.push(finding.help("lower the hysteresis"));
}
