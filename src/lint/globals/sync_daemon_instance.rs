use super::sync_daemon_line::instance;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// `lvs_sync_daemon` follows a `vrrp_instance` that does not exist.
    ///
    /// keepalived says nothing, and the daemon never becomes master or backup: connections are not
    /// kept when the other director takes over.
    ///
    /// ```text
    /// lvs_sync_daemon eth1 VI_1
    /// ```
    ///
    /// Remedy: the name of an instance of this file.
    RULE: Warning silent "sync-daemon-instance", "the sync daemon follows an instance that does not exist";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    // Of several lines the first counts.
    let Some(name) = outline.globals("lvs_sync_daemon").next().and_then(instance) else {
        return;
    };
    if outline.named("vrrp_instance", &name.text).next().is_some() {
        return;
    }
    let text = format!("no vrrp_instance is called {}", name.text);
    let mut finding = Diagnostic::new(&RULE, name.span, text);
    let mut instances = outline.each("vrrp_instance");
    if let Some(one) = instances.next() {
        finding = match instances.next() {
            None => finding
                .context(one.named_place(), "the only one")
                .help(format!("write {}", one.name())),
            Some(_) => finding.context(one.named_place(), "the first there is"),
        };
    }
    found.push(finding);
}
