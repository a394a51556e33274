use super::lexical::line::Line;
use super::outline::Outline;
use super::virtual_server::VirtualServer;
use crate::conf::Node;
use crate::conf::keyword::Keyword;
use crate::diag::{Diagnostic, Rule};

/// A rule of the linter: what it finds, and how.
pub(super) struct Inspection {
    pub(super) rule: &'static Rule,
    pub(super) look: Look,
}

/// What a rule is shown.
pub(super) enum Look {
    /// Everything that was read, when it was.
    Whole(fn(&Outline, &mut Vec<Diagnostic>)),
    /// One virtual server after the other, as they are read and before they are forgotten.
    VirtualServer(AtVirtualServer),
    /// Everything that was read, and everything that was found.
    Findings(fn(&Outline, &[Diagnostic]) -> Option<Diagnostic>),
    /// Every line of these keywords that its block knows.
    Line(fn(&Keyword) -> bool, AtLine),
    /// Every line of every file as it is written, comments and all.
    Written(AtWritten),
    /// All of it, where a release of keepalived is named.
    Target,
}

pub(super) type AtLine = fn(&'static Keyword, Node<'_>, &mut Vec<Diagnostic>);
pub(super) type AtVirtualServer = fn(&VirtualServer<'_>, &mut Vec<Diagnostic>);
pub(super) type AtWritten = fn(&Line<'_>) -> Option<Diagnostic>;

impl Inspection {
    pub(super) const fn whole(
        rule: &'static Rule,
        look: fn(&Outline, &mut Vec<Diagnostic>),
    ) -> Self {
        let look = Look::Whole(look);
        Self { rule, look }
    }

    pub(super) const fn virtual_server(rule: &'static Rule, look: AtVirtualServer) -> Self {
        let look = Look::VirtualServer(look);
        Self { rule, look }
    }

    pub(super) const fn line(rule: &'static Rule, look: AtLine) -> Self {
        Self::lines_of(rule, |_| true, look)
    }

    /// The same of those keywords alone that `wants` names, which is asked once for each.
    pub(super) const fn lines_of(
        rule: &'static Rule,
        wants: fn(&Keyword) -> bool,
        look: AtLine,
    ) -> Self {
        let look = Look::Line(wants, look);
        Self { rule, look }
    }

    pub(super) const fn findings(
        rule: &'static Rule,
        look: fn(&Outline, &[Diagnostic]) -> Option<Diagnostic>,
    ) -> Self {
        let look = Look::Findings(look);
        Self { rule, look }
    }

    /// After all others.
    pub(super) fn at_findings(&self, outline: &Outline, found: &mut Vec<Diagnostic>) {
        if let Look::Findings(look) = self.look {
            found.extend(look(outline, found));
        }
    }

    pub(super) const fn written(rule: &'static Rule, look: AtWritten) -> Self {
        let look = Look::Written(look);
        Self { rule, look }
    }

    pub(super) const fn of_target(rule: &'static Rule) -> Self {
        let look = Look::Target;
        Self { rule, look }
    }

    /// After the last block.
    pub(super) fn at_end(&self, outline: &Outline, found: &mut Vec<Diagnostic>) {
        if let Look::Whole(look) = self.look {
            look(outline, found);
        }
    }
}
