use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// `timeout` of a `vrrp_script` above its `interval`.
    ///
    /// A run that is not over when the next is due puts it off: the script is then asked less often
    /// than the interval says, and a hanging one is noticed only after the timeout, `fall` times.
    /// keepalived says nothing.
    ///
    /// ```text
    /// vrrp_script web {
    ///     script "/usr/local/bin/check-web"
    ///     interval 2
    ///     timeout 30
    /// }
    /// ```
    ///
    /// Remedy: a timeout of at most the interval.
    RULE: Info silent "script-outlasts-interval", "a script may run longer than its interval";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for script in outline.each("vrrp_script") {
        let seconds = |keyword: &str| {
            let line = script.last(keyword)?;
            Some((line.name().parse::<u32>().ok()?, line.named_place()))
        };
        let Some((timeout, place)) = seconds("timeout") else {
            continue;
        };
        let interval = seconds("interval");
        let every = interval.map_or(1, |(seconds, _)| seconds);
        let known = interval.is_some() || script.first("interval").is_none() && script.whole;
        if known && timeout > every.max(1) {
            let text = format!("{timeout} s, and it is due every {every} s");
            let finding = Diagnostic::new(&RULE, place, text)
                .note("a run that is not over puts the next one off")
                .help(format!(
                    "a timeout of at most {} s, or a longer interval",
                    every.max(1)
                ));
            found.push(match interval {
                Some((_, place)) => finding.context(place, "the interval"),
                None => finding.note("an interval that is not written is 1 s"),
            });
        }
    }
}
