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
    /// What stands in its block, by the same place.
    inside: Vec<Option<Kind>>,
    /// Whether it names a script of a virtual server, by the same place.
    runs: Vec<bool>,
    root: Option<Kind>,
    /// Of lines as they are written: those that explain what others find there.
    explaining: Vec<AtWritten>,
    written: Vec<AtWritten>,
}

impl Looks {
    pub(super) fn of(inspections: &[&Inspection]) -> Self {
        let mut looks = Self {
            of_virtual_servers: Vec::new(),
            of_lines: vec![Vec::new(); KEYWORDS.len()],
            inside: KEYWORDS.iter().map(inside).collect(),
            runs: KEYWORDS.iter().map(runs).collect(),
            root: Kind::named("root"),
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
        if let Some(root) = self.root {
            self.at_line(root, node, facts, found);
        }
    }

    fn at_line(&self, kind: Kind, node: Node<'_>, facts: &mut Facts, found: &mut Vec<Diagnostic>) {
        if node.opaque() {
            return;
        }
        let Some(known) = kind.find(node.keyword().bytes) else {
            return;
        };
        let place = known.place();
        if facts.script.is_none() && self.runs.get(place) == Some(&true) {
            facts.script = node.argument(0).map(|word| word.span);
        }
        for look in self.of_lines.get(place).into_iter().flatten() {
            look(known, node, found);
        }
        if let Some(Some(kind)) = self.inside.get(place) {
            for inner in node.children() {
                self.at_line(*kind, inner, facts, found);
            }
        }
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

fn inside(known: &Keyword) -> Option<Kind> {
    match known.inside {
        Inside::Keywords(name) => Kind::named(name),
        Inside::Nothing | Inside::Values(_) => None,
    }
}

/// Whether virtual servers have scripts there.
fn runs(known: &Keyword) -> bool {
    match known.block {
        "virtual_server" => matches!(known.word, "quorum_up" | "quorum_down"),
        "real_server" => matches!(known.word, "notify_up" | "notify_down"),
        "MISC_CHECK" => known.word == "misc_path",
        _ => false,
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
