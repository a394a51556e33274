use super::facts::Facts;
use super::inspection::{AtLine, AtVirtualServer, AtWritten, Inspection, Look};
use super::lexical::explains;
use super::lexical::line::{Line, worth_reading};
use super::virtual_server::VirtualServer;
use crate::conf::keyword::{KEYWORDS, Keyword};
use crate::conf::{Loaded, Node, rules};
use crate::diag::Diagnostic;

/// What the rules have to look at while a file is read, put together once.
pub(super) struct Looks {
    of_virtual_servers: Vec<AtVirtualServer>,
    /// By the place of the keyword in the table.
    of_lines: Vec<Vec<AtLine>>,
    /// Whether it names a script of a virtual server, by the same place.
    runs: Vec<bool>,
    /// Of lines as they are written: those that explain what others find there.
    explaining: Vec<AtWritten>,
    written: Vec<AtWritten>,
}

impl Looks {
    pub(super) fn of(inspections: &[&Inspection]) -> Self {
        let mut looks = Self {
            of_virtual_servers: Vec::new(),
            of_lines: vec![Vec::new(); KEYWORDS.len()],
            runs: KEYWORDS.iter().copied().map(runs).collect(),
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
        for (known, line) in known_lines(node) {
            let place = known.place();
            if facts.script.is_none() && self.runs.get(place) == Some(&true) {
                facts.script = line.argument(0).map(|word| word.span);
            }
            for look in self.of_lines.get(place).into_iter().flatten() {
                look(known, line, found);
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

/// Whether virtual servers have scripts there.
fn runs(known: &Keyword) -> bool {
    match known.block {
        "virtual_server" => matches!(known.word, "quorum_up" | "quorum_down"),
        "real_server" => matches!(known.word, "notify_up" | "notify_down"),
        "MISC_CHECK" => known.word == "misc_path",
        _ => false,
    }
}

/// An outermost line and the lines of its block, as far as they are known.
pub(super) fn known_lines(node: Node<'_>) -> impl Iterator<Item = (&'static Keyword, Node<'_>)> {
    node.all().filter_map(|line| Some((line.known()?, line)))
}
