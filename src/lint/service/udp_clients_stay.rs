use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// UDP services without one-packet scheduling.
    ///
    /// UDP has no end of a connection, so that the kernel keeps sending what comes from one address
    /// and port to one server. When that fails and is removed, the packets of such a client are
    /// dropped until it is silent for five minutes or the entry runs out; with `inhibit_on_failure`
    /// they go on to the failed server. Clients of syslog, RADIUS, NTP or SIP keep their port;
    /// resolvers do not, so that nothing is said of port 53 without `inhibit_on_failure`.
    ///
    /// keepalived sets no sysctl. The daemon of lvsctl removes such servers, with
    /// `net.ipv4.vs.expire_nodest_conn` = 1. This is said once in a file.
    ///
    /// ```text
    /// virtual_server 192.0.2.1 514 {
    ///     protocol UDP
    /// ```
    ///
    /// Remedy: `ops` (with DR or TUN), or no `inhibit_on_failure` and the sysctl.
    RULE: Info silent "udp-clients-stay", "clients of UDP stay with a failed server";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    let udp = &outline.facts.udp;
    if let Some(place) = udp.first {
        let text = format!(
            "those of this virtual server that keep their port{}",
            udp.others("of")
        );
        let finding = Diagnostic::new(&RULE, place, text)
            .help("set the sysctl net.ipv4.vs.expire_nodest_conn to 1, or use ops with DR or TUN");
        found.push(finding);
    }
}
