use crate::diag::{Diagnostic, Span, rule};
use crate::lint::group::members;
use crate::lint::inspection::Inspection;
use crate::lint::outline::{Line, Outline};

rule! {
    /// Two members of a group have an address and port in common, or are one mark.
    ///
    /// The kernel has one service for it. keepalived adds it twice, and the first of the two that
    /// leaves the file on a reload takes it away from the other.
    ///
    /// keepalived says nothing before it runs.
    ///
    /// ```text
    /// virtual_server_group web {
    ///     192.0.2.1-20 80
    ///     192.0.2.7 80
    /// }
    /// ```
    ///
    /// Remedy: each address once.
    RULE: Warning silent "overlapping-members", "two members of a group are the same service";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

/// What a line stands for: marks of a family, or addresses of a family and port, first to last.
type Extent = ((u8, u64), u128, u128);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for group in outline.each("virtual_server_group") {
        let lines = group.inner.iter();
        let mut all: Vec<(Extent, Span)> = lines
            .filter_map(|line| Some((extent(line)?, line.place())))
            .collect();
        all.sort_unstable();
        let Some(((mut kind, _, mut end), mut widest)) = all.first().copied() else {
            continue;
        };
        for ((other, start, last), place) in all.into_iter().skip(1) {
            if other == kind && start <= end {
                // Of the two the one that stands below is too many.
                let (before, after) = (widest.min(place), widest.max(place));
                let finding = Diagnostic::new(&RULE, after, "there is a member for this already");
                found.push(
                    finding
                        .context(before, "here")
                        .help("name each address once"),
                );
            }
            if other != kind || last > end {
                (kind, end, widest) = (other, last, place);
            }
        }
    }
}

fn extent(line: &Line) -> Option<Extent> {
    if line.keyword() == "fwmark" {
        let mark: u128 = line.name().parse().ok()?;
        let family = line.arguments().get(1).map_or(2, |word| match &*word.text {
            "inet" => 3,
            "inet6" => 4,
            _ => 5,
        });
        return Some(((family, 0), mark, mark));
    }
    let (first, last) = members::addresses(line)?;
    let port = match line.argument() {
        None => 0,
        Some(word) => word.text.parse::<u16>().ok()?,
    };
    let kind = (u8::from(first.is_ipv6()), port.into());
    Some((kind, members::number(first), members::number(last)))
}
