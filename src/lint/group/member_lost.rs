use std::net::IpAddr;

use crate::conf::Node;
use crate::conf::keyword::Keyword;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;

rule! {
    /// A line of a group with two members.
    ///
    /// A member is a line: an address and its port, or a mark. What follows is passed over, so that
    /// the second member gets no service.
    ///
    /// keepalived says nothing.
    ///
    /// ```text
    /// virtual_server_group web {
    ///     192.0.2.1 80 192.0.2.2 80
    /// }
    /// ```
    ///
    /// Remedy: a line for each.
    RULE: Error silent "member-lost", "the second member on a line is lost";
}

pub(super) const INSPECTION: Inspection = Inspection::lines_of(&RULE, is_group, look);

fn is_group(known: &Keyword) -> bool {
    known.word == "virtual_server_group"
}

fn look(_: &'static Keyword, group: Node<'_>, found: &mut Vec<Diagnostic>) {
    for line in group.children().filter(|line| !line.opaque()) {
        if let Some((index, true)) = surplus(line)
            && let Some(word) = line.argument(index)
        {
            let text = "keepalived does not read this far";
            let finding = Diagnostic::new(&RULE, word.span, text);
            found.push(finding.help("give it a line of its own"));
        }
    }
}

/// The first word of a member's line that keepalived passes over, and whether it is a member too.
pub(in crate::lint) fn surplus(line: Node<'_>) -> Option<(usize, bool)> {
    let enough = if line.keyword().bytes == b"fwmark" {
        2
    } else {
        1
    };
    let word = line.argument(enough)?;
    let text = word.text();
    let end = text.find(['-', '/']).unwrap_or(text.len());
    let member = text == "fwmark" || text[..end].parse::<IpAddr>().is_ok();
    Some((enough, member))
}
