use crate::diag::{Diagnostic, Severity, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::Outline;

rule! {
    /// `reload_check_config` in a file that keepalived complains of.
    ///
    /// A reload then never takes the file. Where the complaint is of virtual servers or of
    /// `global_defs`, keepalived does not even start: it takes its virtual servers out of the
    /// kernel and ends with status 2. `--config-test` says the same as without the keyword.
    ///
    /// ```text
    /// global_defs {
    ///     reload_check_config
    ///     vrrp_garp_interval 0
    /// }
    /// ```
    ///
    /// Remedy: correct what keepalived complains of; the finding names the first place.
    RULE: Error silent "reload-check-config-ends", "keepalived does not take a file it complains of";
}

pub(super) const INSPECTION: Inspection = Inspection::findings(&RULE, look);

/// Of these it depends on the host, or on lvsctl, whether anybody complains.
const OTHERS: [&str; 2] = ["script-security-off", "without-effect"];

fn look(outline: &Outline, found: &[Diagnostic]) -> Option<Diagnostic> {
    let keyword = outline.globals("reload_check_config").next()?;
    let heard = |finding: &&Diagnostic| {
        !finding.rule.silent
            && finding.rule.severity >= Severity::Warning
            && !OTHERS.contains(&finding.rule.code)
    };
    let mut heard = found.iter().filter(heard);
    let first = heard.next()?;
    let finding = Diagnostic::new(&RULE, keyword.place(), "makes every complaint fatal").context(
        first.primary.span,
        format!("keepalived complains: {}", first.rule.code),
    );
    let finding = match heard.count() {
        0 => finding,
        1 => finding.note("and of one more place"),
        more => finding.note(format!("and of {more} more places")),
    };
    Some(finding.help("correct what keepalived complains of"))
}
