use super::Severity;
use super::manual::{self, Piece};

/// What can be wrong. The code is kebab-case and names the trouble.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    pub code: &'static str,
    /// Never changes within a major version.
    pub severity: Severity,
    /// `keepalived --config-test` says nothing of it.
    pub silent: bool,
    /// True without context; the one line to show if only one can be shown.
    pub summary: &'static str,
    /// The Rust module that defines it.
    pub module: &'static str,
    /// The doc comment of the rule, line by line, each with the blank that follows its slashes.
    pub doc: &'static str,
}

impl Rule {
    /// What it looks at: the folder of the linter that it is in, or the reader's file.
    pub fn subject(&self) -> &'static str {
        let mut path = self
            .module
            .split("::")
            .skip_while(|part| *part != "rules" && *part != "lint");
        path.nth(1).unwrap_or_default()
    }

    /// The rule's manual entry in Markdown: what it finds, what keepalived does, an example between
    /// fences, the remedy.
    pub fn manual(&self) -> String {
        let lines = self.doc.lines();
        let lines = lines.map(|line| line.strip_prefix(' ').unwrap_or(line));
        lines.flat_map(|line| [line, "\n"]).collect()
    }

    /// The same, taken apart.
    pub fn pieces(&self) -> Vec<Piece> {
        manual::pieces(&self.manual())
    }
}

/// Defines a rule whose doc comment is its manual entry: `NAME: Error "code", "summary";`, and
/// `NAME: Error silent "code", "summary";` where `keepalived --config-test` says nothing of it.
macro_rules! rule {
    ($(#[doc = $line:literal])+ $visible:vis $name:ident: $severity:ident silent $code:literal, $summary:literal;) => {
        $crate::diag::rule!(@ [$($line)+] $visible $name $severity true $code $summary);
    };
    ($(#[doc = $line:literal])+ $visible:vis $name:ident: $severity:ident $code:literal, $summary:literal;) => {
        $crate::diag::rule!(@ [$($line)+] $visible $name $severity false $code $summary);
    };
    (@ [$($line:literal)+] $visible:vis $name:ident $severity:ident $silent:literal $code:literal $summary:literal) => {
        $(#[doc = $line])+
        $visible static $name: $crate::diag::Rule = $crate::diag::Rule {
            code: $code,
            severity: $crate::diag::Severity::$severity,
            silent: $silent,
            summary: $summary,
            module: module_path!(),
            doc: concat!($($line, "\n"),+),
        };
    };
}
pub(crate) use rule;
