use super::address_line::{addresses, value_follows};
use super::instance::address;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// `label` or `scope` at an IPv6 address.
    ///
    /// keepalived says `Cannot specify label for IPv6 addresses` and adds the address without.
    ///
    /// ```text
    /// virtual_ipaddress {
    ///     2001:db8::5/64 dev eth0 label eth0:1
    /// }
    /// ```
    ///
    /// Remedy: leave it out.
    RULE: Warning "ipv4-option-on-ipv6", "only IPv4 addresses have a label or scope";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for line in addresses(outline) {
        if !address(line.keyword()).is_some_and(|ip| ip.is_ipv6()) {
            continue;
        }
        let mut words = line.arguments().iter();
        while let Some(word) = words.next() {
            if matches!(&*word.text, "label" | "scope") {
                let text = format!("keepalived ignores {}", word.text);
                found.push(Diagnostic::new(&RULE, word.span, text));
            }
            if value_follows(&word.text) {
                words.next();
            }
        }
    }
}
