use std::collections::BTreeSet;

use super::options::Options;
use super::report;
use crate::conf::{self, Disk, Recall};
use crate::diag::Diagnostic;
use crate::model::director::Director;
use crate::model::service::{DestKey, VirtualServerKey};
use crate::sys::host;

/// A file that may be acted on, or the sentence that says why not. Its findings are logged. What is
/// the same in `old` is shared with it, and what reads as before is taken from `recall`.
pub(super) fn read(
    options: &Options,
    old: &Director,
    recall: &mut Recall,
    owned: usize,
) -> Result<Director, String> {
    let id = options.config_id.clone().unwrap_or_else(host::short_name);
    let reading = conf::Options {
        config_id: Some(&id),
        environment: Some(&host::environment),
    };
    let loaded = conf::load_beside(&Disk, &options.file, &reading, old, recall);
    report::findings(&loaded.diagnostics, &loaded.sources);
    let sentence = |finding: &Diagnostic| {
        let place = loaded.sources.place(finding.primary.span);
        format!("{place} {}: {}", finding.rule.summary, finding.primary.text)
    };
    // What refuses the file for everybody comes first.
    let first = loaded.refusals(false).chain(loaded.refusals(true)).next();
    if let Some(finding) = first {
        return Err(sentence(finding));
    }
    if options.strict
        && let Some(finding) = loaded.diagnostics.first()
    {
        return Err(format!(
            "{} (--strict accepts no finding)",
            sentence(finding)
        ));
    }
    let Some(director) = loaded.director else {
        return Err("the file cannot be used".to_owned());
    };
    if director.virtual_servers.is_empty() && owned > 0 && !options.allow_empty {
        let file = &options.file;
        return Err(format!(
            "{file} names no virtual server and lvsctl owns {owned} (remedy: --allow-empty, if they are to be removed)"
        ));
    }
    Ok(director)
}

/// What a reload goes on with, or the sentence that says why it is refused.
pub(super) fn next(
    options: &Options,
    old: &Director,
    recall: &mut Recall,
) -> Result<Director, String> {
    let new = read(options, old, recall, old.virtual_servers.len())?;
    if let Some(word) = needs_restart(old, &new) {
        return Err(format!("{word} changed, which needs a restart"));
    }
    match options.max_removal {
        Some(percent) => removes_too_much(old, &new, percent).map_or(Ok(new), Err),
        None => Ok(new),
    }
}

/// The sentence, where more than this share of the real servers would go, in percent.
fn removes_too_much(old: &Director, new: &Director, percent: u8) -> Option<String> {
    let stay: BTreeSet<_> = real_servers(new).collect();
    let mut before = real_servers(old);
    let of = real_servers(old).count();
    let first = before.by_ref().find(|server| !stay.contains(server))?;
    let gone = 1 + before.filter(|server| !stay.contains(server)).count();
    (gone * 100 > of * usize::from(percent)).then(|| {
        let (virtual_server, real_server) = first;
        format!(
            "it takes away {gone} of {of} real servers, more than {percent} % (first: {real_server} of {virtual_server}; remedy: restart the daemon, or raise --max-removal, if they are to go)"
        )
    })
}

fn real_servers(director: &Director) -> impl Iterator<Item = (&VirtualServerKey, &DestKey)> {
    director.virtual_servers.iter().flat_map(|server| {
        let real = server.real_servers.iter();
        real.map(|real| (&server.key, &real.key))
    })
}

/// What a running daemon cannot change.
fn needs_restart(old: &Director, new: &Director) -> Option<&'static str> {
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
