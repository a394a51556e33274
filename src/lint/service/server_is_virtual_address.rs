use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::virtual_server::{Target, VirtualServer};

rule! {
    /// A real server with the address of its virtual server.
    ///
    /// The director is then a server of its own, and a check of it from the director asks the
    /// virtual server, which any of the others may answer: it does not see this one fail. On a
    /// backup director the check asks the master.
    ///
    /// keepalived says nothing.
    ///
    /// ```text
    /// virtual_server 192.0.2.1 80 {
    ///     real_server 192.0.2.1 80 {
    /// ```
    ///
    /// Remedy: the host's own address, and for the check a port that is not balanced.
    RULE: Warning silent "server-is-virtual-address", "a real server is the virtual server itself";
}

pub(super) const INSPECTION: Inspection = Inspection::virtual_server(&RULE, look);

fn look(server: &VirtualServer<'_>, found: &mut Vec<Diagnostic>) {
    let Target::Address(ip, port) = server.target else {
        return;
    };
    let same = |real: &&crate::lint::virtual_server::RealServer<'_>| {
        let through = real.port == 0 || port == 0 || real.port == port;
        real.ip == Some(ip) && (through || server.method_of(real) != "NAT")
    };
    for real in server.real_servers.iter().filter(same) {
        let text = "its check asks whichever server answers for the virtual server";
        let finding = Diagnostic::new(&RULE, real.block.place(), text)
            .context(server.block.place(), "the same address")
            .help("write the host's own address");
        found.push(finding);
    }
}
