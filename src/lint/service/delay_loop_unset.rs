use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// Checks without a word on how often they are made.
    ///
    /// The default is every 60 seconds: a failed server gets clients for a minute before anybody
    /// looks. This is said once in a file.
    ///
    /// keepalived says nothing.
    ///
    /// ```text
    /// virtual_server 192.0.2.1 80 {
    ///     lb_algo rr
    /// ```
    ///
    /// Remedy: `delay_loop`, which is in seconds.
    RULE: Info silent "delay-loop-unset", "servers are checked once a minute";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    let unhurried = &outline.facts.unhurried;
    if let Some(place) = unhurried.first {
        let text = format!("those of this virtual server{}", unhurried.others("of"));
        let finding = Diagnostic::new(&RULE, place, text);
        found.push(finding.help("add delay_loop SECONDS"));
    }
}
