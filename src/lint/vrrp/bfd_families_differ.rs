use super::bfd_without_neighbour::neighbour;
use super::instance::address;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::outline::{Line, Outline};

rule! {
    /// `source_ip` of a `bfd_instance` is of another family than its neighbour.
    ///
    /// keepalived says `are not of the same family, disabling instance`: whatever tracks it loses
    /// its subject.
    ///
    /// ```text
    /// bfd_instance peer {
    ///     source_ip 2001:db8::1
    ///     neighbor_ip 192.0.2.2
    /// }
    /// ```
    ///
    /// Remedy: both IPv4 or both IPv6.
    RULE: Warning "bfd-families-differ", "a BFD instance has addresses of two families";
}

pub(super) const INSPECTION: Inspection = Inspection::whole(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for block in outline.each("bfd_instance") {
        let ip = |line: &Line| address(line.name());
        let (Some(source), Some(other)) = (block.last("source_ip"), neighbour(block)) else {
            continue;
        };
        if let (Some(own), Some(its)) = (ip(source), ip(other))
            && own.is_ipv4() != its.is_ipv4()
        {
            let finding = Diagnostic::new(&RULE, source.named_place(), "keepalived drops this one");
            found.push(finding.context(other.named_place(), "the neighbour"));
        }
    }
}
