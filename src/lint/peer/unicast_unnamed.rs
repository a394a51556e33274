use std::net::IpAddr;

use super::cluster::Cluster;
use super::comparison::Comparison;
use super::router::{Member, Router};
use crate::diag::{Diagnostic, Span, rule};

rule! {
    /// `unicast_peer` does not name the `unicast_src_ip` of the other director.
    ///
    /// It never sends to that one, which takes it for dead: both become master. keepalived looks at
    /// one file alone.
    ///
    /// ```text
    /// # master.conf: unicast_peer { 192.0.2.3 }
    /// # backup.conf: unicast_src_ip 192.0.2.2
    /// ```
    ///
    /// Remedy: name the `unicast_src_ip` of every other director.
    RULE: Error silent "peer-unicast-unnamed", "unicast_peer does not name the peer";
}

pub(super) const COMPARISON: Comparison = Comparison::new(&RULE, look);

fn look(cluster: &Cluster<'_>, found: &mut Vec<Diagnostic>) {
    for (first, later) in cluster.routers.iter().flat_map(Router::all_pairs) {
        for (sender, receiver) in [(first, later), (later, first)] {
            let Some(list) = list(sender) else { continue };
            let Some((ip, word)) = source(receiver) else {
                continue;
            };
            let own = source(sender).is_some_and(|(own, _)| own == ip);
            if own || sender.instance.peers().any(|peer| peer == ip) {
                continue;
            }
            let (list, word) = (sender.director.at(list), receiver.director.at(word));
            let finding = if sender.at > receiver.at {
                let text = format!("{ip} is missing here");
                let whereabouts = &receiver.director.whereabouts;
                Diagnostic::new(&RULE, list, text)
                    .context(word, format!("its address {whereabouts}"))
                    .note("the other never hears this one: both become master")
            } else {
                let whereabouts = &sender.director.whereabouts;
                let text = format!("unicast_peer {whereabouts} does not name it");
                Diagnostic::new(&RULE, word, text)
                    .context(list, format!("{ip} is missing here"))
                    .note("this one never hears the other: both become master")
            };
            found.push(finding);
        }
    }
}

/// Where its list of peers begins, if there are some and nothing hides others.
fn list(member: Member<'_>) -> Option<Span> {
    let block = member.block();
    let whole = block.whole && block.each("unicast_peer").all(|list| list.whole);
    let some = whole && member.instance.peers().next().is_some();
    let list = block.first("unicast_peer").filter(|_| some)?;
    Some(list.place())
}

/// The address it sends from, and where that is said.
pub(super) fn source(member: Member<'_>) -> Option<(IpAddr, Span)> {
    let line = member.block().last("unicast_src_ip")?;
    Some((line.name().parse().ok()?, line.named_place()))
}
