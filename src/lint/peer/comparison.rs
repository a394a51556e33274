use super::cluster::Cluster;
use crate::diag::{Diagnostic, Rule};

/// A rule that looks at several directors: what it finds, and how.
pub(super) struct Comparison {
    pub(super) rule: &'static Rule,
    look: fn(&Cluster<'_>, &mut Vec<Diagnostic>),
}

impl Comparison {
    pub(super) const fn new(
        rule: &'static Rule,
        look: fn(&Cluster<'_>, &mut Vec<Diagnostic>),
    ) -> Self {
        Self { rule, look }
    }

    pub(super) fn look(&self, cluster: &Cluster<'_>, found: &mut Vec<Diagnostic>) {
        (self.look)(cluster, found);
    }
}
