//! Places in a file, and what to say about them.

mod fix;
pub mod github;
pub mod gitlab;
pub mod json;
mod manual;
mod message;
mod rule;
pub mod sarif;
mod source;
pub mod text;

pub use fix::{Edit, Fix};
pub use manual::Piece;
pub use message::brief;
pub use rule::Rule;
pub(crate) use rule::rule;
pub use source::{Link, Place, Shift, SourceId, Sources, Span, Text, Via};

/// How bad a finding is. A code's severity never changes within a major version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Advice.
    Info,
    /// keepalived loads it, but not as written, or some version will refuse it.
    Warning,
    /// keepalived refuses, crashes, or loses or changes a server, a service, a check or their
    /// traffic.
    Error,
}

impl Severity {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Whether a configuration with this finding is acted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// keepalived would say something and run on; so does lvsctl.
    Accepted,
    /// The daemon cannot do it yet and does nothing with the file; a one-shot can.
    NotByDaemon,
    /// Nothing is done with the file.
    Refused,
}

/// A place and what to say of it, in a few words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    pub span: Span,
    pub text: String,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub rule: &'static Rule,
    /// The rule's, unless who runs the linter wants another.
    pub severity: Severity,
    pub verdict: Verdict,
    /// What is wrong here.
    pub primary: Label,
    /// The other halves of the contradiction.
    pub context: Vec<Label>,
    /// What keepalived would do, and what else is worth knowing.
    pub notes: Vec<String>,
    /// What to do about it, in words.
    pub help: Option<String>,
    /// The edit, where there is one right answer.
    pub fix: Option<Box<Fix>>,
}

impl Diagnostic {
    /// Accepted, until [`Diagnostic::refuse`] says otherwise.
    pub fn new(rule: &'static Rule, span: Span, text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            rule,
            severity: rule.severity,
            verdict: Verdict::Accepted,
            primary: Label { span, text },
            context: Vec::new(),
            notes: Vec::new(),
            help: None,
            fix: None,
        }
    }

    #[must_use]
    pub fn refuse(mut self) -> Self {
        self.verdict = Verdict::Refused;
        self
    }

    #[must_use]
    pub fn context(mut self, span: Span, text: impl Into<String>) -> Self {
        let text = text.into();
        self.context.push(Label { span, text });
        self
    }

    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    #[must_use]
    pub fn fix(mut self, fix: Fix) -> Self {
        self.fix = Some(Box::new(fix));
        self
    }

    /// The fix, where every place of it is text of a file.
    pub fn offered(&self, sources: &Sources) -> Option<&Fix> {
        let fix = self.fix.as_deref();
        fix.filter(|fix| fix.of_written(sources))
    }
}
