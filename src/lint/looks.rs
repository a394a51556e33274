use super::facts::Facts;
use super::inspection::{AtLine, AtVirtualServer, AtWritten, Inspection, Look};
use super::lexical::explains;
use super::lexical::line::{Line, worth_reading};
use super::virtual_server::VirtualServer;
use crate::conf::keyword::{Inside, KEYWORDS, Keyword, Kind};
use crate::conf::{Loaded, Node, rules};
use crate::diag::Diagnostic;

/// What the rules have to look at while a file is read, put together once.
pub(super) struct Looks {
    of_virtual_servers: Vec<AtVirtualServer>,
    /// By the place of the keyword in the table.
    of_lines: Vec<Vec<AtLine>>,
    /// Of lines as they are written: those that explain what others find there.
    explaining: Vec<AtWritten>,
    written: Vec<AtWritten>,
}

impl Looks {
    pub(super) fn of(inspections: &[&Inspection]) -> Self {
        let mut looks = Self {
            of_virtual_servers: Vec::new(),
            of_lines: vec![Vec::new(); KEYWORDS.len()],
            explaining: Vec::new(),
            written: Vec::new(),
        };
        for inspection in inspections {
            match inspection.look {
                Look::VirtualServer(look) => looks.of_virtual_servers.push(look),
                Look::Line(wants, look) => {
                    for (known, looks) in KEYWORDS.iter().zip(&mut looks.of_lines) {
                        if wants(known) {
                            looks.push(look);
                        }
                    }
                }
                Look::Written(look) if explains(inspection.rule) => looks.explaining.push(look),
                Look::Written(look) => looks.written.push(look),
                Look::Whole(_) | Look::Findings(_) | Look::Target => {}
            }
        }
        looks
    }

    /// Shows an outermost line and its block to the rules that look at it while it is there.
    pub(super) fn at_block(&self, node: Node<'_>, facts: &mut Facts, found: &mut Vec<Diagnostic>) {
        if node.opaque() {
            return;
        }
        if node.keyword().bytes == b"virtual_server" {
            let server = VirtualServer::of(node);
            facts.add(&server);
            for look in &self.of_virtual_servers {
                look(&server, found);
            }
        }
        each_line(node, &mut |known, node| {
            for look in self.of_lines.get(known.place()).into_iter().flatten() {
                look(known, node, found);
            }
        });
    }

    /// Shows the lines of every file to the rules that look at them as they are written. Of those
    /// that explain a line the first that finds something is enough.
    pub(super) fn at_texts(&self, loaded: &Loaded, found: &mut Vec<Diagnostic>) {
        let unknown = |finding: &Diagnostic| {
            [&rules::UNKNOWN_KEYWORD, &rules::UNKNOWN_BLOCK].contains(&finding.rule)
        };
        let any_unknown = loaded.diagnostics.iter().any(unknown);
        for (source, text) in loaded.sources.texts() {
            if !any_unknown && !worth_reading(&text.bytes) {
                continue;
            }
            let mut explained = 0;
            for line in Line::all(text, source) {
                found.extend(self.written.iter().filter_map(|look| look(&line)));
                if line.start() < explained || !line.worth_reading() {
                    continue;
                }
                if let Some(finding) = self.explaining.iter().find_map(|look| look(&line)) {
                    let context = finding.context.iter().map(|label| label.span.end as usize);
                    explained = context.max().unwrap_or(0);
                    found.push(finding);
                }
            }
        }
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
