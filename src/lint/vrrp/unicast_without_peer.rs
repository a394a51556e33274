use super::instance::instances;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// A word for unicast, and no peer to send to.
    ///
    /// keepalived says `Defaulting to multicast`: packets go to everybody on the wire, or in a
    /// cloud to nobody, and later versions refuse it.
    ///
    /// ```text
    /// unicast_src_ip 192.0.2.1
    /// ```
    ///
    /// Remedy: `unicast_peer`, or `mcast_src_ip` where multicast is meant.
    RULE: Warning "unicast-without-peer", "unicast without a peer is multicast";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for instance in instances(outline) {
        let Some(word) = instance.unicast() else {
            continue;
        };
        let whole = instance.block.each("unicast_peer").all(|block| block.whole);
        if instance.block.whole && whole && instance.peers().next().is_none() {
            let (text, help) = match word.keyword() {
                "unicast_peer" => (
                    "no peer stands in it",
                    "write the addresses of the peers in it",
                ),
                _ => (
                    "there are no peers",
                    "add unicast_peer with the addresses of the peers",
                ),
            };
            let finding = Diagnostic::new(&RULE, word.place(), text)
                .note("keepalived goes on with multicast");
            found.push(finding.help(help));
        }
    }
}
