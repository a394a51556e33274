use super::facts::Facts;
use super::lexical::explains;
use super::lexical::line::{Line, worth_reading};
use super::outline::Outline;
use super::virtual_server::VirtualServer;
use crate::conf::keyword::{Inside, Keyword, Kind};
use crate::conf::{Loaded, Node, rules};
use crate::diag::{Diagnostic, Rule};

/// A rule of the linter: what it finds, and how.
pub(super) struct Inspection {
    pub(super) rule: &'static Rule,
    look: Look,
}

/// What a rule is shown.
enum Look {
    /// Everything that was read, when it was.
    Whole(fn(&Outline, &mut Vec<Diagnostic>)),
    /// One virtual server after the other, as they are read and before they are forgotten.
    VirtualServer(fn(&VirtualServer<'_>, &mut Vec<Diagnostic>)),
    /// Everything that was read, and everything that was found.
    Findings(fn(&Outline, &[Diagnostic]) -> Option<Diagnostic>),
    /// Every line that its block knows.
    Line(fn(&'static Keyword, Node<'_>, &mut Vec<Diagnostic>)),
    /// Every line of every file as it is written, comments and all.
    Written(fn(&Line<'_>) -> Option<Diagnostic>),
    /// All of it, where a release of keepalived is named.
    Target,
}

impl Inspection {
    pub(super) const fn whole(
        rule: &'static Rule,
        look: fn(&Outline, &mut Vec<Diagnostic>),
    ) -> Self {
        let look = Look::Whole(look);
        Self { rule, look }
    }

    pub(super) const fn virtual_server(
        rule: &'static Rule,
        look: fn(&VirtualServer<'_>, &mut Vec<Diagnostic>),
    ) -> Self {
        let look = Look::VirtualServer(look);
        Self { rule, look }
    }

    pub(super) const fn line(
        rule: &'static Rule,
        look: fn(&'static Keyword, Node<'_>, &mut Vec<Diagnostic>),
    ) -> Self {
        let look = Look::Line(look);
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

    pub(super) const fn written(
        rule: &'static Rule,
        look: fn(&Line<'_>) -> Option<Diagnostic>,
    ) -> Self {
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

    fn at_virtual_server(&self, server: &VirtualServer<'_>, found: &mut Vec<Diagnostic>) {
        if let Look::VirtualServer(look) = self.look {
            look(server, found);
        }
    }
}

/// Shows an outermost line and its block to the rules that look at it while it is there.
pub(super) fn at_block(
    inspections: &[&Inspection],
    node: Node<'_>,
    facts: &mut Facts,
    found: &mut Vec<Diagnostic>,
) {
    if node.opaque() {
        return;
    }
    if node.keyword().bytes == b"virtual_server" {
        let server = VirtualServer::of(node);
        facts.add(&server);
        for inspection in inspections {
            inspection.at_virtual_server(&server, found);
        }
    }
    let of_lines = inspections
        .iter()
        .filter_map(|inspection| match inspection.look {
            Look::Line(look) => Some(look),
            _ => None,
        });
    let of_lines: Vec<_> = of_lines.collect();
    if !of_lines.is_empty() {
        each_line(node, &mut |known, node| {
            for look in &of_lines {
                look(known, node, found);
            }
        });
    }
}

/// Calls `see` for an outermost line and the lines of its block, as far as they are known.
pub(super) fn each_line(node: Node<'_>, see: &mut dyn FnMut(&'static Keyword, Node<'_>)) {
    if let Some(root) = Kind::named("root") {
        at_line(root, node, see);
    }
}

fn at_line(kind: Kind, node: Node<'_>, see: &mut dyn FnMut(&'static Keyword, Node<'_>)) {
    if node.opaque() {
        return;
    }
    let Some(known) = kind.find(node.keyword().bytes) else {
        return;
    };
    see(known, node);
    if let Inside::Keywords(name) = known.inside
        && let Some(kind) = Kind::named(name)
    {
        for inner in node.children() {
            at_line(kind, inner, see);
        }
    }
}

/// Shows the lines of every file to the rules that look at them as they are written. Of those that
/// explain a line the first that finds something is enough.
pub(super) fn at_texts(inspections: &[&Inspection], loaded: &Loaded, found: &mut Vec<Diagnostic>) {
    let Loaded {
        sources,
        diagnostics,
        ..
    } = loaded;
    let unknown = |finding: &Diagnostic| {
        [&rules::UNKNOWN_KEYWORD, &rules::UNKNOWN_BLOCK].contains(&finding.rule)
    };
    let any_unknown = diagnostics.iter().any(unknown);
    let looks = inspections
        .iter()
        .filter_map(|inspection| match inspection.look {
            Look::Written(look) => Some((explains(inspection.rule), look)),
            _ => None,
        });
    let (explaining, others): (Vec<_>, Vec<_>) = looks.partition(|(explains, _)| *explains);
    for (source, text) in sources.texts() {
        if !any_unknown && !worth_reading(&text.bytes) {
            continue;
        }
        let mut explained = 0;
        for line in Line::all(text, source) {
            found.extend(others.iter().filter_map(|(_, look)| look(&line)));
            if line.start() < explained || !line.worth_reading() {
                continue;
            }
            if let Some(finding) = explaining.iter().find_map(|(_, look)| look(&line)) {
                let context = finding.context.iter().map(|label| label.span.end as usize);
                explained = context.max().unwrap_or(0);
                found.push(finding);
            }
        }
    }
}
