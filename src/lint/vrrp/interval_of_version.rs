use super::instance::instances;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// `advert_int` that its version of VRRP cannot send.
    ///
    /// Version 2 counts whole seconds: keepalived rounds. Version 3, which IPv6 always is, counts
    /// hundredths up to 40.95 s: keepalived rounds and cuts.
    ///
    /// ```text
    /// advert_int 0.5
    /// ```
    ///
    /// Remedy: whole seconds, or `version 3`.
    RULE: Warning "interval-of-version", "this version of VRRP cannot say advert_int";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for instance in instances(outline) {
        let lines = instance
            .block
            .each("advert_int")
            .filter_map(|line| line.argument());
        let Some(word) = lines.last() else { continue };
        let (whole, part) = word.text.split_once('.').unwrap_or((&word.text, ""));
        let part = part.trim_end_matches('0');
        let Ok(seconds) = whole.parse::<u32>() else {
            continue;
        };
        let text = match instance.version() {
            2 if !part.is_empty() => "version 2 counts whole seconds: keepalived rounds",
            3 if part.len() > 2 => "version 3 counts hundredths: keepalived rounds",
            3 if seconds > 40 || seconds == 40 && part > "95" => {
                "version 3 knows at most 40.95 s: keepalived uses that"
            }
            _ => continue,
        };
        found.push(Diagnostic::new(&RULE, word.span, text));
    }
}
