use crate::conf::keyword::{Inside, Kind};
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::{Line, Outline};

rule! {
    /// A word between the keyword of a list and its brace.
    ///
    /// A list such as `static_routes` has no name. keepalived says `has extra parameters` and takes
    /// the brace for the first line of the list.
    ///
    /// ```text
    /// static_routes uplink {
    ///     198.51.100.0/24 via 192.0.2.1 dev eth0
    /// }
    /// ```
    ///
    /// Remedy: leave the word out.
    RULE: Warning "named-list", "a list has no name";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    if let Some(root) = Kind::named("root") {
        walk(root, outline.lines(), found);
    }
}

fn walk(kind: Kind, lines: &[Line], found: &mut Vec<Diagnostic>) {
    for line in lines {
        let Some(known) = kind.find(line.keyword().as_bytes()) else {
            continue;
        };
        match known.inside {
            Inside::Keywords(name) => {
                if let Some(kind) = Kind::named(name) {
                    walk(kind, &line.inner, found);
                }
            }
            Inside::Values(_) if known.arguments.is_empty() => {
                if let Some(word) = line.argument().filter(|_| line.opens) {
                    let text = "keepalived takes the brace for the first line";
                    found.push(Diagnostic::new(&RULE, word.span, text).help("leave it out"));
                }
            }
            _ => {}
        }
    }
}
