use super::instance::{address, instances};
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// `unicast_peer` lists the own `unicast_src_ip`.
    ///
    /// Every packet also goes to the sender, which ignores it; where it is the only peer nobody
    /// else hears of it. keepalived says nothing. One list on all hosts looks like this.
    ///
    /// ```text
    /// unicast_src_ip 192.0.2.1
    /// unicast_peer {
    ///     192.0.2.1
    ///     192.0.2.2
    /// }
    /// ```
    ///
    /// Remedy: the other routers alone.
    RULE: Info silent "unicast-to-itself", "unicast_peer names the own address";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for instance in instances(outline) {
        let block = instance.block;
        let Some(source) = block.last("unicast_src_ip") else {
            continue;
        };
        let Some(own) = address(source.name()) else {
            continue;
        };
        let only = instance.peers().all(|peer| peer == own);
        for line in block.within("unicast_peer") {
            if address(line.keyword()) == Some(own) {
                let text = if only {
                    "the sender, and no other peer"
                } else {
                    "this is the sender"
                };
                let finding = Diagnostic::new(&RULE, line.place(), text);
                found.push(finding.context(source.named_place(), "its own address"));
            }
        }
    }
}
