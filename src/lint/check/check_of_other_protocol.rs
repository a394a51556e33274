use super::asking::{Asking, each_of};
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::virtual_server::{VirtualServer, and_more};

rule! {
    /// A UDP service whose servers are checked over TCP alone, or the other way round.
    ///
    /// Such a check says nothing of the service: it passes while the service is dead, or fails
    /// where the server does not speak the other protocol. keepalived says nothing of it. A check
    /// with `connect_port` or `connect_ip` is taken for meant, and so is one beside a check that
    /// fits.
    ///
    /// ```text
    /// virtual_server 192.0.2.1 1812 {
    ///     protocol UDP
    ///     real_server 192.0.2.11 1812 {
    ///         TCP_CHECK {
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// Remedy: `UDP_CHECK` for UDP, `TCP_CHECK` for TCP, or `MISC_CHECK` with a script that asks.
    RULE: Info silent "check-of-other-protocol", "a check speaks another protocol than its service";
}

pub(super) const INSPECTION: Inspection = Inspection::virtual_server(&RULE, look);

fn look(around: &VirtualServer<'_>, found: &mut Vec<Diagnostic>) {
    // Without the line the protocol itself is the finding.
    let Some(line) = around.protocol() else {
        return;
    };
    let other: fn(&Asking<'_, '_>) -> bool = if around.is_protocol("UDP") {
        |asking| asking.over_tcp()
    } else if around.is_protocol("TCP") {
        |asking| asking.kind() == "UDP_CHECK"
    } else {
        return;
    };
    let mut odd = around.real_servers.iter().filter_map(|server| {
        let mut checks = each_of(around, server);
        let first = checks.clone().next()?;
        let all = checks.all(|asking| other(&asking) && !asking.asks_elsewhere());
        all.then_some(first)
    });
    let Some(first) = odd.next() else {
        return;
    };
    let service = line.argument(0).map_or("", |word| word.text());
    let text = format!("says nothing of a {} service", service.to_ascii_uppercase());
    let finding = Diagnostic::new(&RULE, first.check.node.keyword().span, text)
        .context(line.span(), "the service");
    let help = if around.is_protocol("UDP") {
        "UDP_CHECK, DNS_CHECK or a script asks the service itself"
    } else {
        "TCP_CHECK asks the service itself"
    };
    found.push(and_more(finding, odd.count()).help(help));
}
