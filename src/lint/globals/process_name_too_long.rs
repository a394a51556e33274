use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// A process name of more than 15 bytes.
    ///
    /// The kernel has room for 15: keepalived cuts the rest off and says so.
    ///
    /// ```text
    /// checker_process_name keepalived_checker
    /// ```
    ///
    /// Remedy: at most 15 bytes.
    RULE: Warning "process-name-too-long", "only 15 bytes of a process name count";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

const NAMES: [&str; 5] = [
    "process_name",
    "checker_process_name",
    "lvs_process_name",
    "vrrp_process_name",
    "bfd_process_name",
];

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    let lines = NAMES.iter().flat_map(|name| outline.globals(name));
    for word in lines.filter_map(|line| line.argument()) {
        if word.bytes > 15 {
            let text = format!("this one has {}", word.bytes);
            found.push(Diagnostic::new(&RULE, word.span, text));
        }
    }
}
