use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::{Line, Outline};

rule! {
    /// `notification_email` without `smtp_server`, or the other way round.
    ///
    /// keepalived sends mail only where it knows both, and says nothing of it.
    ///
    /// ```text
    /// global_defs {
    ///     notification_email {
    ///         ops@example.net
    ///     }
    /// }
    /// ```
    ///
    /// Remedy: the other, or neither.
    RULE: Info silent "mail-incomplete", "no mail is sent";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    // The other may stand where only the host knows.
    if outline.each("global_defs").any(|block| !block.whole) {
        return;
    }
    let (server, to) = (
        outline.globals("smtp_server").next(),
        outline.globals("notification_email").next(),
    );
    let (line, text, help) = match (server, to) {
        (None, Some(to)) if names_somebody(to) => {
            (to, "to be sent through no server", "add smtp_server")
        }
        (Some(server), None) => (server, "for mail to nobody", "add notification_email"),
        _ => return,
    };
    found.push(Diagnostic::new(&RULE, line.place(), text).help(help));
}

/// An empty block is a finding of its own.
fn names_somebody(block: &Line) -> bool {
    block.opens && !block.inner.is_empty() && block.whole
}
