use std::collections::HashSet;
use std::net::IpAddr;

use super::cluster::Cluster;
use super::comparison::Comparison;
use super::router::{Member, Router};
use crate::diag::{Diagnostic, Span, rule};

rule! {
    /// Instances of one virtual router with different addresses.
    ///
    /// After a failover an address is nowhere. Of those in `virtual_ipaddress` keepalived 2.2.7
    /// also drops packets that name others than its own (`expected … VIPs`): both become master.
    /// Their order does not count, nor do interface, label and prefix length.
    ///
    /// ```text
    /// # master.conf: virtual_ipaddress { 192.0.2.5/24  192.0.2.6/24 }
    /// # backup.conf: virtual_ipaddress { 192.0.2.5/24 }
    /// ```
    ///
    /// Remedy: the same addresses on all directors.
    RULE: Error silent "peer-address-differs", "a virtual router has other addresses than on the peer";
}

pub(super) const COMPARISON: Comparison = Comparison::new(&RULE, look);

fn look(cluster: &Cluster<'_>, found: &mut Vec<Diagnostic>) {
    for (first, later) in cluster.routers.iter().flat_map(Router::pairs) {
        for keyword in ["virtual_ipaddress", "virtual_ipaddress_excluded"] {
            let (Some(its), Some(mine)) = (first.addresses(keyword), later.addresses(keyword))
            else {
                continue;
            };
            let firsts: HashSet<IpAddr> = its.iter().map(|(ip, _)| *ip).collect();
            let laters: HashSet<IpAddr> = mine.iter().map(|(ip, _)| *ip).collect();
            let lacks: Vec<_> = its.iter().filter(|(ip, _)| !laters.contains(ip)).collect();
            let more: Vec<_> = mine.iter().filter(|(ip, _)| !firsts.contains(ip)).collect();
            let whereabouts = &first.director.whereabouts;
            let (here, there) = (list(later, keyword), list(first, keyword));
            let finding = match (lacks.as_slice(), more.as_slice()) {
                ([], []) => continue,
                ([(ip, at), rest @ ..], []) => {
                    let text = format!("{ip}{} missing here", and_more(rest.len()));
                    let finding = Diagnostic::new(&RULE, here, text);
                    finding.context(*at, format!("it is {whereabouts}"))
                }
                ([], [(ip, at), rest @ ..]) => {
                    let text = format!("{ip}{} not {whereabouts}", and_more(rest.len()));
                    let finding = Diagnostic::new(&RULE, *at, text);
                    finding.context(there, "this list lacks it")
                }
                ([(other, there), lacks @ ..], [(ip, at), more @ ..]) => {
                    let text = format!("{ip}{} not {whereabouts}", and_more(more.len()));
                    let other = format!("{other}{} missing here", and_more(lacks.len()));
                    Diagnostic::new(&RULE, *at, text).context(*there, other)
                }
            };
            found.push(if keyword == "virtual_ipaddress" {
                finding.note("keepalived 2.2.7 drops the other's packets: both become master")
            } else {
                finding.note("after a failover the address is nowhere")
            });
        }
    }
}

/// Where the list begins, else the name of the instance.
fn list(member: Member<'_>, keyword: &str) -> Span {
    let block = member.block().first(keyword);
    block.map_or(member.place(), |block| member.director.at(block.place()))
}

fn and_more(rest: usize) -> String {
    match rest {
        0 => " is".to_owned(),
        more => format!(" and {more} more are"),
    }
}
