use std::net::IpAddr;

use crate::conf::Word;
use crate::diag::{Diagnostic, Span, rule};
use crate::lint::inspection::Inspection;
use crate::lint::virtual_server::VirtualServer;

rule! {
    /// NAT to a loopback address.
    ///
    /// The kernel drops packets of other hosts that NAT would send to 127.0.0.0/8: no client
    /// reaches such a server, and a sorry server there says sorry to nobody. DR delivers to the
    /// host itself, for a loopback address too.
    ///
    /// keepalived says nothing.
    ///
    /// ```text
    /// lb_kind NAT
    /// sorry_server 127.0.0.1 80
    /// ```
    ///
    /// Remedy: an address of the host other than 127.x, or `sorry_server_lvs_method DR` and a
    /// program that listens on the port of the virtual server.
    RULE: Error silent "nat-to-loopback", "the kernel drops what NAT sends to a loopback address";
}

pub(super) const INSPECTION: Inspection = Inspection::virtual_server(&RULE, look);

fn look(server: &VirtualServer<'_>, found: &mut Vec<Diagnostic>) {
    // Where no method is said the reader complains, and NAT is what it comes to.
    let mut report = |place: Span, help: &str| {
        let finding = Diagnostic::new(&RULE, place, "no client of another host gets there");
        let finding = match server.method() {
            Some(method) => finding.context(method.span(), "rewrites the address"),
            None => finding,
        };
        found.push(finding.help(help));
    };
    for real in &server.real_servers {
        if real.ip.is_some_and(loopback)
            && let Some(word) = real.block.node.argument(0)
            && server.method_of(real) == "NAT"
        {
            report(
                word.span,
                "write another address of the host, or lvs_method DR",
            );
        }
    }
    let word = server.block.word("sorry_server");
    let sorry = |word: &Word<'_>| word.text().parse().is_ok_and(loopback);
    if let Some(word) = word.filter(|word| sorry(word) && server.sorry_method() == "NAT") {
        report(
            word.span,
            "write another address of the host, or add sorry_server_lvs_method DR",
        );
    }
}

fn loopback(ip: IpAddr) -> bool {
    matches!(ip, IpAddr::V4(ip) if ip.is_loopback())
}
