//! Findings of one file, for people and for CI. Looks at the text alone.

mod check;
pub mod control;
mod facts;
pub mod fix;
mod globals;
mod group;
pub mod host;
mod inspection;
pub mod kernel;
mod lexical;
mod looks;
mod outline;
mod peer;
mod server;
mod service;
mod target;
mod unchecked;
mod virtual_server;
mod vrrp;

use std::collections::HashSet;

use crate::conf::{self, Files, Options, Snapshot};
use crate::diag::{Diagnostic, Place, Rule, Severity, Sources};
use inspection::Inspection;
use looks::Looks;
use outline::Outline;
pub use peer::{Disagreements, disagreements};
use target::Newer;
pub use target::Release;

/// What there is to say of one file, in the order of its text.
#[derive(Clone, Debug)]
pub struct Findings {
    pub sources: Sources,
    pub diagnostics: Vec<Diagnostic>,
}

impl Findings {
    pub fn worst(&self) -> Option<Severity> {
        self.diagnostics
            .iter()
            .map(|finding| finding.severity)
            .max()
    }
}

/// What is asked for beside the rules.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// What this release does not know is a finding.
    pub target: Option<Release>,
}

/// Every rule, the reader's and the linter's own, in the order of their codes.
pub fn rules() -> Vec<&'static Rule> {
    let own = inspections().map(|inspection| inspection.rule);
    let mut all: Vec<&'static Rule> = conf::rules::all().chain(own).collect();
    all.extend(control::RULES);
    all.extend(peer::rules());
    all.extend(host::rules());
    all.extend(kernel::rules());
    all.sort_by_key(|rule| rule.code);
    all
}

/// What a rule needs beside the text of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    Nothing,
    /// A release to compare with.
    Target,
    /// Another file.
    Peer,
    /// The machine.
    Host,
    Kernel,
}

/// What is needed for a finding of the rule.
pub fn needs(rule: &Rule) -> Needs {
    let among = |mut rules: Box<dyn Iterator<Item = &'static Rule>>| rules.any(|one| one == rule);
    match () {
        () if rule == target::INSPECTION.rule => Needs::Target,
        () if among(Box::new(peer::rules())) => Needs::Peer,
        () if among(Box::new(host::rules())) => Needs::Host,
        () if among(Box::new(kernel::rules())) => Needs::Kernel,
        () => Needs::Nothing,
    }
}

fn inspections() -> impl Iterator<Item = &'static Inspection> {
    let folders = [
        check::INSPECTIONS,
        globals::INSPECTIONS,
        group::INSPECTIONS,
        lexical::INSPECTIONS,
        server::INSPECTIONS,
        service::INSPECTIONS,
        vrrp::INSPECTIONS,
    ];
    folders.into_iter().flatten().chain(&[target::INSPECTION])
}

/// Reads `path`, or standard input for `-`: as a host reads it that no conditional line is for,
/// and then once for each id that conditional lines name.
///
/// The first answer is that of the nameless host; each other has only what is new.
pub fn run(files: &dyn Files, path: &str, wanted: &Wanted) -> Vec<Findings> {
    let snapshot = Snapshot::new(files);
    let first = read(&snapshot, path, &Options::default(), wanted);
    let mut known: HashSet<Key> = HashSet::new();
    let ids = first.ids.clone();
    let mut all = vec![new_of(first, None, &mut known)];
    let mut again: HashSet<Key> = HashSet::new();
    for id in &ids {
        let options = Options {
            config_id: Some(id),
            ..Options::default()
        };
        let loaded = read(&snapshot, path, &options, wanted);
        let keys = loaded.diagnostics.iter();
        again.extend(keys.map(|finding| key(finding, &loaded.sources)));
        all.push(new_of(loaded, Some(id), &mut known));
    }
    if !ids.is_empty() {
        nameless_alone(&mut all[0], &again);
    }
    // The first has the texts even where there is nothing to say of them.
    let mut first = true;
    all.retain(|findings| std::mem::take(&mut first) || !findings.diagnostics.is_empty());
    all
}

/// What one host finds, the one that `options` describe.
pub fn reading(files: &dyn Files, path: &str, options: &Options<'_>, wanted: &Wanted) -> Findings {
    let loaded = read(files, path, options, wanted);
    new_of(loaded, None, &mut HashSet::new())
}

/// Reads a file, and adds what the rules find to what the reader said.
fn read(files: &dyn Files, path: &str, options: &Options<'_>, wanted: &Wanted) -> conf::Loaded {
    let all: Vec<&Inspection> = inspections().collect();
    let looks = Looks::of(&all);
    let mut outline = Outline::default();
    let mut found = Vec::new();
    let mut newer = wanted.target.map(Newer::than);
    let mut loaded = conf::inspect(files, path, options, &mut |node| {
        if let Some(newer) = &mut newer {
            newer.at_block(node);
        }
        looks.at_block(node, &mut outline.facts, &mut found);
        outline.add(node);
    });
    for inspection in &all {
        inspection.at_end(&outline, &mut found);
    }
    if let Some(newer) = newer {
        newer.finish(&loaded.sources, &mut found);
    }
    let mut written = Vec::new();
    looks.at_texts(&loaded, &mut written);
    loaded.diagnostics.append(&mut found);
    lexical::explained(&mut loaded.diagnostics, &written, &loaded.sources);
    loaded.diagnostics.append(&mut written);
    for inspection in all {
        inspection.at_findings(&outline, &mut loaded.diagnostics);
    }
    let sources = &loaded.sources;
    let place = |finding: &Diagnostic| sources.reading_order(finding.primary.span);
    loaded.diagnostics.sort_by_cached_key(place);
    loaded
}

/// What makes two findings of two readings the same.
type Key = (&'static str, Place, String);

fn key(finding: &Diagnostic, sources: &Sources) -> Key {
    let place = sources.place(finding.primary.span);
    (finding.rule.code, place, finding.primary.text.clone())
}

/// Says of what no named host finds that it holds for others alone.
fn nameless_alone(first: &mut Findings, again: &HashSet<Key>) {
    let Findings {
        sources,
        diagnostics,
    } = first;
    for finding in diagnostics {
        if !again.contains(&key(finding, sources)) {
            let note = "only on a host that no conditional line is for";
            finding.notes.push(note.to_owned());
        }
    }
}

fn new_of(loaded: conf::Loaded, id: Option<&str>, known: &mut HashSet<Key>) -> Findings {
    let conf::Loaded {
        sources,
        mut diagnostics,
        ..
    } = loaded;
    diagnostics.retain_mut(|finding| {
        let new = known.insert(key(finding, &sources));
        if let Some(id) = id.filter(|_| new) {
            finding
                .notes
                .push(format!("on a host with --config-id {id}"));
        }
        new
    });
    Findings {
        sources,
        diagnostics,
    }
}
