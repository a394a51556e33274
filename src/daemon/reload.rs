use super::options::Options;
use super::report;
use crate::conf::{self, Disk};
use crate::diag::Verdict;
use crate::model::director::Director;

/// A file that may be acted on, or the sentence that says why not. Its findings are logged.
pub(super) fn read(options: &Options, owned: usize) -> Result<Director, String> {
    let loaded = conf::load(&Disk, &options.file);
    report::findings(&loaded.diagnostics, &loaded.sources);
    let first = |verdict: Option<Verdict>| {
        let mut findings = loaded.diagnostics.iter();
        let finding = findings.find(|finding| verdict.is_none_or(|v| finding.verdict == v))?;
        let place = loaded.sources.place(finding.primary.span);
        Some(format!(
            "{place} {}: {}",
            finding.rule.summary, finding.primary.text
        ))
    };
    let Some(director) = loaded.director else {
        return Err(first(Some(Verdict::Refused)).unwrap_or_default());
    };
    if options.strict
        && let Some(finding) = first(None)
    {
        return Err(format!("{finding} (--strict accepts no finding)"));
    }
    if director.virtual_servers.is_empty() && owned > 0 && !options.allow_empty {
        let file = &options.file;
        return Err(format!(
            "{file} names no virtual server and lvsctl owns {owned} (remedy: --allow-empty, if they are to be removed)"
        ));
    }
    Ok(director)
}

/// What a running daemon cannot change.
pub(super) fn needs_restart(old: &Director, new: &Director) -> Option<&'static str> {
    let (old, new) = (&old.globals, &new.globals);
    let changed = [
        (old.namespace != new.namespace, "net_namespace"),
        (
            old.ipvs_namespace != new.ipvs_namespace,
            "net_namespace_ipvs",
        ),
        (old.instance != new.instance, "instance"),
    ];
    let mut changed = changed.into_iter().filter(|(changed, _)| *changed);
    changed.next().map(|(_, word)| word)
}
