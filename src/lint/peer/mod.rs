//! Across files: directors of one pair or cluster, which must agree where traffic depends on it.
//!
//! What belongs to one host is not compared: `router_id`, interfaces, source addresses, mail,
//! scripts.

mod address_differs;
mod auth_differs;
mod check_differs;
mod cluster;
mod comparison;
mod director;
mod group_differs;
mod instance_missing;
mod interval_differs;
mod interval_varies;
mod order_differs;
mod pair;
mod priority_equal;
mod real_server_differs;
mod real_server_missing;
mod router;
mod router_id_differs;
mod setting;
mod source_equal;
mod sync_daemon_differs;
mod sync_daemon_missing;
mod timeouts_differ;
mod transport_differs;
mod two_masters;
mod unicast_unnamed;
mod version_differs;
mod virtual_server_differs;
mod virtual_server_missing;

use crate::conf::{self, Files, Options, Snapshot};
use crate::diag::{Diagnostic, Rule, Sources};
use crate::lint::Findings;
use cluster::Cluster;
use comparison::Comparison;
use director::Director;

/// Every rule that compares.
static COMPARISONS: &[Comparison] = &[
    address_differs::COMPARISON,
    auth_differs::COMPARISON,
    check_differs::COMPARISON,
    group_differs::COMPARISON,
    instance_missing::COMPARISON,
    interval_differs::COMPARISON,
    interval_varies::COMPARISON,
    order_differs::COMPARISON,
    priority_equal::COMPARISON,
    real_server_differs::COMPARISON,
    real_server_missing::COMPARISON,
    router_id_differs::COMPARISON,
    source_equal::COMPARISON,
    sync_daemon_differs::COMPARISON,
    sync_daemon_missing::COMPARISON,
    timeouts_differ::COMPARISON,
    transport_differs::COMPARISON,
    two_masters::COMPARISON,
    unicast_unnamed::COMPARISON,
    version_differs::COMPARISON,
    virtual_server_differs::COMPARISON,
    virtual_server_missing::COMPARISON,
];

pub(super) fn rules() -> impl Iterator<Item = &'static Rule> {
    COMPARISONS.iter().map(|comparison| comparison.rule)
}

/// What directors disagree on.
#[derive(Clone, Debug)]
pub struct Disagreements {
    pub findings: Findings,
    /// Where the files are, in words, whose virtual servers were not compared because they are
    /// refused.
    pub aside: Vec<String>,
}

/// Compares directors, each with its own file; or with one file for all, the hosts that its
/// conditional lines name. `None` where there is nothing to compare with.
///
/// What is wrong in a file alone is what [`super::run`] finds.
pub fn disagreements(files: &dyn Files, paths: &[String]) -> Option<Disagreements> {
    let snapshot = Snapshot::new(files);
    let mut sources = Sources::default();
    let directors = match paths {
        [path] => hosts(&snapshot, path, &mut sources)?,
        paths => {
            let all = paths.iter().filter_map(|path| {
                let whereabouts = format!("in {path}");
                let options = Options::default();
                Director::read(&snapshot, path, whereabouts, &options, &mut sources)
            });
            all.collect()
        }
    };
    let refused = directors.iter().filter(|director| director.table.is_none());
    let aside = refused
        .map(|director| director.whereabouts.clone())
        .collect();
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    let cluster = Cluster::of(&directors);
    for comparison in COMPARISONS {
        comparison.look(&cluster, &mut diagnostics);
    }
    let place = |finding: &Diagnostic| sources.reading_order(finding.primary.span);
    diagnostics.sort_by_cached_key(place);
    Some(Disagreements {
        findings: Findings {
            sources,
            diagnostics,
        },
        aside,
    })
}

/// The hosts that the conditional lines of a file name; with one name, that host and any other.
fn hosts(files: &dyn Files, path: &str, sources: &mut Sources) -> Option<Vec<Director>> {
    let ids = conf::load(files, path, &Options::default()).ids;
    let mut directors = Vec::new();
    let mut read = |id: Option<&str>, whereabouts: String| {
        let options = Options {
            config_id: id,
            ..Options::default()
        };
        directors.extend(Director::read(files, path, whereabouts, &options, sources));
    };
    match ids.len() {
        0 => return None,
        1 => read(None, "on any other host".to_owned()),
        _ => {}
    }
    for id in &ids {
        read(Some(id), format!("on {id}"));
    }
    Some(directors)
}
