use std::net::IpAddr;

use super::instance::{address, instances};
use crate::diag::{Diagnostic, Span, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::{Line, Outline, Word};

rule! {
    /// An address of another family than the first address of the instance.
    ///
    /// An instance speaks IPv4 or IPv6, as the first of its addresses does; source addresses and
    /// peers count. keepalived ignores those of the other family (`address family must match VRRP
    /// instance`).
    ///
    /// ```text
    /// virtual_ipaddress {
    ///     192.0.2.5/24
    ///     2001:db8::5/64
    /// }
    /// ```
    ///
    /// Remedy: a second instance for the other family, or `virtual_ipaddress_excluded`, which may
    /// hold both.
    RULE: Error "family-of-instance", "an address is of another family than its instance";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for instance in instances(outline) {
        let mut all = instance.block.inner.iter().flat_map(addresses);
        let Some((decides, first, _)) = all.next() else {
            continue;
        };
        let mut others = all.filter(|(ip, ..)| ip.is_ipv4() != decides.is_ipv4());
        let Some((_, place, what)) = others.next() else {
            continue;
        };
        let text = format!("keepalived ignores this {what}");
        let family = if decides.is_ipv4() { "IPv4" } else { "IPv6" };
        let finding = Diagnostic::new(&RULE, place, text)
            .context(first, format!("this makes it an instance for {family}"));
        // One cause, however many there are.
        found.push(match others.count() {
            0 => finding,
            more => finding.note(format!("and {more} more of this instance")),
        });
    }
}

/// Addresses of a line and its block that must be of one family, and what each is.
fn addresses(line: &Line) -> Vec<(IpAddr, Span, &'static str)> {
    let (words, what): (Vec<&Word>, _) = match line.keyword() {
        "unicast_src_ip" | "mcast_src_ip" => {
            (line.argument().into_iter().collect(), "source address")
        }
        "unicast_peer" => (line.inner.iter().map(first_word).collect(), "peer"),
        "virtual_ipaddress" => (line.inner.iter().map(first_word).collect(), "address"),
        _ => return Vec::new(),
    };
    let ip = |word: &Word| Some((address(&word.text)?, word.span, what));
    words.into_iter().filter_map(ip).collect()
}

fn first_word(line: &Line) -> &Word {
    &line.words()[0]
}
