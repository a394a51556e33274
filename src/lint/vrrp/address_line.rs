use std::net::IpAddr;

use super::instance::address;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::{Line, Outline, Word};

rule! {
    /// A line of addresses that keepalived cannot read.
    ///
    /// What is no address is skipped (`VRRP parsed invalid IP`), and so is the rest of the line
    /// from a word that it does not know (`Unknown configuration entry`): an address is missing, or
    /// a second one on the line. An address with a label of more than 15 bytes is removed.
    ///
    /// ```text
    /// virtual_ipaddress {
    ///     192.0.2.5/24 notrack
    /// }
    /// ```
    ///
    /// Remedy: one address on a line, then options as in `lvsctl-keepalived(5)`.
    RULE: Error "address-line", "keepalived does not understand this line of addresses";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for peer in outline
        .each("vrrp_instance")
        .flat_map(|instance| instance.within("unicast_peer"))
    {
        if address(peer.keyword()).is_none() {
            found.push(Diagnostic::new(
                &RULE,
                peer.place(),
                "this is no address, the peer is lost",
            ));
            continue;
        }
        let mut options = peer.arguments().chunks(2);
        if let Some(strange) = options.find(|pair| !limits_ttl(pair)) {
            let text = format!(
                "expected min_ttl or max_ttl and a number, found {}",
                strange[0].text
            );
            found.push(Diagnostic::new(&RULE, strange[0].span, text));
        }
    }
    for line in addresses(outline) {
        if let Some(finding) = not_at_all(line) {
            found.push(finding);
            continue;
        }
        let mut words = line.arguments().iter();
        while let Some(word) = words.next() {
            if value_follows(&word.text) {
                let value = words.next();
                let peer = value.filter(|_| &*word.text == "peer");
                if let Some(value) = peer.filter(|value| value.text.parse::<IpAddr>().is_err()) {
                    let text = "this is no address alone, keepalived ignores the peer";
                    found.push(Diagnostic::new(&RULE, value.span, text));
                } else if peer.is_some() && line.keyword().contains('/') {
                    let text = "an address with a peer has no prefix length";
                    found.push(Diagnostic::new(&RULE, line.place(), text));
                }
                let label = value.filter(|value| &*word.text == "label" && value.bytes > 15);
                if let Some(value) = label {
                    let text = format!(
                        "{} bytes, and 15 are the most: the address is lost",
                        value.bytes
                    );
                    found.push(Diagnostic::new(&RULE, value.span, text));
                }
                if value.is_none() {
                    let text = format!("{} lacks its value, the address is lost", word.text);
                    found.push(Diagnostic::new(&RULE, word.span, text));
                }
            } else if !stands_alone(&word.text) {
                let text = format!("{} is unknown here, the rest is ignored", word.text);
                found.push(Diagnostic::new(&RULE, word.span, text));
                break;
            }
        }
    }
}

/// An option of a peer, and its value.
fn limits_ttl(pair: &[Word]) -> bool {
    let [option, value] = pair else { return false };
    matches!(&*option.text, "min_ttl" | "max_ttl") && value.text.parse::<u8>().is_ok()
}

/// The line begins with no address.
fn not_at_all(line: &Line) -> Option<Diagnostic> {
    let (ip, length) = match line.keyword().split_once('/') {
        Some((ip, length)) => (ip, Some(length)),
        None => (line.keyword(), None),
    };
    let text = match (address(ip), length.map(str::parse::<u8>)) {
        (None, _) => "this is no address, the line is lost",
        (Some(_), None) => return None,
        (Some(ip), Some(Ok(length))) if length <= if ip.is_ipv4() { 32 } else { 128 } => {
            return None;
        }
        (Some(_), Some(_)) => "this is no prefix length",
    };
    Some(Diagnostic::new(&RULE, line.place(), text))
}

/// Lines of blocks that hold one address each.
pub(super) fn addresses(outline: &Outline) -> impl Iterator<Item = &Line> {
    let fixed = outline
        .each("static_ipaddress")
        .flat_map(|block| &block.inner);
    let instances = outline.each("vrrp_instance");
    let virtuals = instances.flat_map(|instance| {
        let plain = instance.within("virtual_ipaddress");
        plain.chain(instance.within("virtual_ipaddress_excluded"))
    });
    fixed.chain(virtuals)
}

/// Options of an address with a value behind them.
pub(super) fn value_follows(option: &str) -> bool {
    let with = [
        "dev",
        "scope",
        "broadcast",
        "brd",
        "label",
        "peer",
        "preferred_lft",
        "track_group",
    ];
    with.contains(&option)
}

fn stands_alone(option: &str) -> bool {
    let alone = [
        "home",
        "-nodad",
        "mngtmpaddr",
        "noprefixroute",
        "autojoin",
        "no_track",
        "use_vmac",
    ];
    alone.contains(&option)
}
