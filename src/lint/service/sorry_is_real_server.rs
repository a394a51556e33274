use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::virtual_server::{Target, VirtualServer, number};

rule! {
    /// The sorry server is one of the real servers.
    ///
    /// It is there for when they fail, and fails with them; it is not checked, so that it then gets
    /// every client although it is down. The kernel has one entry for both, which keepalived adds
    /// and removes in turn.
    ///
    /// keepalived says nothing.
    ///
    /// ```text
    /// sorry_server 192.0.2.9 80
    /// real_server 192.0.2.9 80 {
    /// ```
    ///
    /// Remedy: another host, or another port of it with NAT.
    RULE: Warning silent "sorry-is-real-server", "the sorry server is one of the real servers";
}

pub(super) const INSPECTION: Inspection = Inspection::virtual_server(&RULE, look);

fn look(server: &VirtualServer<'_>, found: &mut Vec<Diagnostic>) {
    let Some(sorry) = server.block.last("sorry_server") else {
        return;
    };
    let Some(ip) = sorry.argument(0).and_then(|word| word.text().parse().ok()) else {
        return;
    };
    let port = number(sorry.argument(1)).unwrap_or(0);
    // Without NAT the port of the virtual server is that of both.
    let service = match server.target {
        Target::Address(_, port) => port,
        Target::Mark(_) | Target::Group(_) | Target::Unknown => 0,
    };
    let port_of = |written: u16| if written == 0 { service } else { written };
    let mut servers = server.real_servers.iter();
    let same = servers.find(|real| {
        let port_counts = server.method_of(real) == "NAT" && server.sorry_method() == "NAT";
        real.ip == Some(ip) && (!port_counts || port_of(real.port) == port_of(port))
    });
    if let Some(real) = same
        && !super::sorry_inhibit_differs::differs(server, real)
    {
        let finding = Diagnostic::new(&RULE, sorry.span(), "it fails together with them")
            .context(real.block.place(), "the same server");
        found.push(finding.help("name a host that is no real server of this virtual server"));
    }
}
