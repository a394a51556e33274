use super::instance::instances;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::{Line, Outline};

rule! {
    /// `nopreempt` or `preempt_delay` in an instance that begins as master.
    ///
    /// An instance that is to wait for the master must begin as backup. keepalived says `nopreempt
    /// will not work with initial state MASTER - clearing`: it preempts after all.
    ///
    /// ```text
    /// state MASTER
    /// nopreempt
    /// ```
    ///
    /// Remedy: `state BACKUP` on all routers, and a priority below 255.
    RULE: Warning "nopreempt-in-vain", "an instance that begins as master preempts";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for instance in instances(outline) {
        let block = instance.block;
        let owner = instance.priority() == 255;
        if !instance.starts_master() && !owner {
            continue;
        }
        let waits = |line: &&Line| matches!(line.keyword(), "nopreempt" | "preempt");
        let last = block.inner.iter().rfind(waits);
        let never = last.filter(|line| line.keyword() == "nopreempt");
        let zero = |line: &&Line| line.name().trim_matches(['0', '.']).is_empty();
        let later = block.last("preempt_delay").filter(|line| !zero(line));
        let later = later.filter(|_| instance.starts_master());
        for line in never.into_iter().chain(later) {
            let text = format!("keepalived clears {}", line.keyword());
            let mut finding = Diagnostic::new(&RULE, line.place(), text);
            if let Some(state) = block.last("state") {
                finding = finding.context(state.place(), "it begins like this");
            }
            found.push(finding.help("begin as BACKUP, with a priority below 255"));
        }
    }
}
