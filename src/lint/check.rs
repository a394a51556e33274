use super::outline::Outline;
use crate::diag::{Diagnostic, Rule, Severity};

/// A rule of the linter: what it finds, and how.
pub(super) struct Check {
    pub(super) rule: &'static Rule,
    look: fn(&Outline, &mut Vec<Diagnostic>),
}

impl Check {
    pub(super) const fn new(rule: &'static Rule, look: fn(&Outline, &mut Vec<Diagnostic>)) -> Self {
        Self { rule, look }
    }

    pub(super) fn look(&self, outline: &Outline, found: &mut Vec<Diagnostic>) {
        (self.look)(outline, found);
    }
}

/// keepalived loads the file, but not as written, or some version will refuse it.
pub(super) const fn warning(code: &'static str, summary: &'static str) -> Rule {
    Rule {
        code,
        severity: Severity::Warning,
        summary,
    }
}

/// keepalived refuses the file or loses what is written.
pub(super) const fn error(code: &'static str, summary: &'static str) -> Rule {
    Rule {
        code,
        severity: Severity::Error,
        summary,
    }
}
