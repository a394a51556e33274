use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::virtual_server::VirtualServer;

rule! {
    /// One-packet scheduling with NAT.
    ///
    /// `ops` keeps no connection, so that the kernel does not know an answer for one: it leaves
    /// with the address of the real server, and the client throws it away. What is never answered,
    /// such as syslog, can go that way.
    ///
    /// keepalived says nothing.
    ///
    /// ```text
    /// lb_kind NAT
    /// ops
    /// ```
    ///
    /// Remedy: `lb_kind DR` or `TUN`, or leave `ops` out.
    RULE: Warning silent "ops-with-nat", "answers are not translated back to the virtual address";
}

pub(super) const INSPECTION: Inspection = Inspection::virtual_server(&RULE, look);

fn look(server: &VirtualServer<'_>, found: &mut Vec<Diagnostic>) {
    let Some(ops) = server.one_packet() else {
        return;
    };
    // The engine for SIP knows the connections of answers.
    let mut servers = server.real_servers.iter();
    let nat = servers.find(|real| server.method_of(real) == "NAT");
    let Some(real) = nat.filter(|_| !server.block.has("persistence_engine")) else {
        return;
    };
    let method = real.block.last("lvs_method").or_else(|| server.method());
    let finding = Diagnostic::new(
        &RULE,
        ops.span(),
        "no connection is kept to find an answer by",
    );
    let finding = match method {
        Some(method) => finding.context(method.span(), "answers need to be translated back"),
        None => finding,
    };
    found.push(finding.help("leave ops out, or use DR or TUN"));
}
