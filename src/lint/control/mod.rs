//! What of the findings is shown, and at which level: as the command line, the file itself and an
//! earlier answer want it.

mod allow;
mod baseline;
mod levels;

pub use baseline::Baseline;
pub use levels::{Levels, UnknownCode};

use super::Findings;
use crate::diag::Rule;

pub(super) static RULES: &[&Rule] = &[&allow::RULE];

/// Takes away what is excused, and gives every other finding the level that is wanted.
///
/// `judged` tells which rules this run looks with: an excuse for another is not called needless.
pub fn settle(
    reports: &mut [Findings],
    levels: &Levels,
    baseline: &mut Baseline,
    judged: impl Fn(&Rule) -> bool,
) {
    allow::excuse(reports, judged);
    for report in reports {
        report.diagnostics.retain_mut(|finding| {
            let Some(severity) = levels.of(finding.rule) else {
                return false;
            };
            finding.severity = severity;
            !baseline.has(finding, &report.sources)
        });
    }
}
