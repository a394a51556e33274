use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// `auth_pass` has more than 8 bytes.
    ///
    /// VRRP has room for 8: keepalived cuts the rest off and says so. Two passwords that begin
    /// alike are the same, and a router by another maker may refuse to be configured like that.
    ///
    /// ```text
    /// auth_pass correct-horse
    /// ```
    ///
    /// Remedy: at most 8 bytes.
    RULE: Warning "auth-pass-too-long", "only 8 bytes of a password count";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for instance in outline.each("vrrp_instance") {
        let lines = instance.within("authentication");
        let words = lines.filter(|line| line.keyword() == "auth_pass");
        for word in words.filter_map(|line| line.argument()) {
            if word.bytes > 8 {
                let text = format!("this one has {}", word.bytes);
                found.push(Diagnostic::new(&RULE, word.span, text).help("cut it to 8 yourself"));
            }
        }
    }
}
