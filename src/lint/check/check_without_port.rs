use super::asking::each;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::virtual_server::{Target, VirtualServer, and_more};

rule! {
    /// A check of a real server that has no port.
    ///
    /// The server takes the port of its virtual server, but its check does not: keepalived asks
    /// port 0, gets no answer and takes the server out for ever. lvsctl asks the port of the
    /// virtual server.
    ///
    /// ```text
    /// virtual_server 192.0.2.1 80 {
    ///     real_server 192.0.2.11 {
    ///         TCP_CHECK {
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// Remedy: the port behind the address of the server, or `connect_port` in the check.
    RULE: Error silent "check-without-port", "keepalived checks port 0";
}

pub(super) const INSPECTION: Inspection = Inspection::virtual_server(&RULE, look);

fn look(around: &VirtualServer<'_>, found: &mut Vec<Diagnostic>) {
    let Target::Address(_, port) = around.target else {
        return;
    };
    // Where there is no port at all the reader says so.
    if port == 0 {
        return;
    }
    let unknown = |written: Option<crate::conf::Word<'_>>| {
        written.is_none_or(|word| word.bytes.iter().all(|byte| *byte == b'0'))
    };
    let mut askings = each(around).filter(|asking| {
        let node = asking.server.block.node;
        asking.server.port == 0
            && node.argument(0).is_some()
            && unknown(node.argument(1))
            && asking.asks_a_port()
            && !asking.check.has("connect_port")
            && !asking.places().any(|host| host.has("connect_port"))
    });
    let Some(first) = askings.next() else {
        return;
    };
    let text = "its real server has no port";
    let finding = Diagnostic::new(&RULE, first.check.node.keyword().span, text)
        .context(first.server.block.place(), "the server")
        .note("the check always fails, and the server gets no traffic");
    let finding = and_more(finding, askings.count());
    found.push(finding.help(format!("write {port} behind the address of the server")));
}
