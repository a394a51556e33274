use super::needs::Needs;
use super::{Host, Inspection};
use crate::diag::{Diagnostic, rule};

rule! {
    /// An interface is not on this machine, or not in the network namespace that `net_namespace`
    /// names.
    ///
    /// Found by `lint --host` alone. Interfaces that keepalived makes itself, as for `use_vmac`,
    /// are not looked for, and none is with `dynamic_interfaces`.
    ///
    /// keepalived says `doesn't exist` of those that VRRP needs, and ends, checks and all. Of an
    /// interface that only a check or the sync daemon needs it says nothing: the check fails, or
    /// the daemon does not start.
    ///
    /// ```text
    /// vrrp_instance web {
    ///     interface eth0
    /// }
    /// ```
    ///
    /// Remedy: the name that `ip link` shows, or `dynamic_interfaces` where it comes later.
    RULE: Warning "interface-missing", "an interface is not on this machine";
}

pub(super) const INSPECTION: Inspection = Inspection { rule: &RULE, look };

fn look(needs: &Needs, host: &dyn Host, found: &mut Vec<Diagnostic>) {
    if needs.dynamic || needs.interfaces.is_empty() {
        return;
    }
    let namespace = needs.namespace.as_deref();
    let Some(there) = host.interfaces(namespace) else {
        return;
    };
    let made = |name: &str| {
        let mut made = needs.made.iter();
        made.any(|made| made == name || made == "vrrp" && name.starts_with("vrrp"))
    };
    for (name, place) in needs.interfaces.iter() {
        if there.contains(name) || made(name) {
            continue;
        }
        let shown = name.escape_debug();
        let text = match namespace {
            Some(namespace) => {
                let namespace = namespace.escape_debug();
                format!("there is no {shown} in the network namespace {namespace}")
            }
            None => format!("there is no {shown}"),
        };
        let mut finding = Diagnostic::new(&RULE, place.first, text);
        let others: Vec<&str> = there.iter().map(String::as_str).collect();
        let others: Vec<&str> = others.into_iter().filter(|name| *name != "lo").collect();
        if (1..=8).contains(&others.len()) {
            finding = finding.note(format!("beside lo there is {}", others.join(", ")));
        }
        found.push(place.count(finding));
    }
}
