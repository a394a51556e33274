use super::instance::instances;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// A name behind `use_vmac` that Linux does not allow.
    ///
    /// A name has at most 15 bytes, and neither `/` nor a blank. keepalived says `too long or
    /// invalid characters - ignoring` and makes one up.
    ///
    /// ```text
    /// use_vmac virtual-interface-of-web
    /// ```
    ///
    /// Remedy: a shorter name.
    RULE: Warning "virtual-interface-name", "no interface can have this name";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for instance in instances(outline) {
        let lines = instance.block.each("use_vmac");
        let words = lines.flat_map(|line| line.arguments().iter().take(2));
        // With a colon it is a MAC address.
        for word in words.filter(|word| !word.text.contains(':')) {
            let bad =
                word.bytes > 15 || matches!(&*word.text, "." | "..") || word.text.contains('/');
            if bad {
                let text = match word.bytes {
                    16.. => format!("{} bytes, and 15 are the most", word.bytes),
                    _ => "not allowed".to_owned(),
                };
                let finding = Diagnostic::new(&RULE, word.span, text);
                found.push(finding.note("keepalived makes a name up"));
            }
        }
    }
}
