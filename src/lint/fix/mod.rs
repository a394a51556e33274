//! Fixes of findings, applied to the files they are for until none is left.
//!
//! Nothing is written here. A fix that would change what the configuration means, or bring an error
//! that was not there, is left out and named.

mod edits;
mod overlay;

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Findings;
use crate::conf::{self, Files, Options, Snapshot, rules};
use crate::diag::{Diagnostic, Fix, Severity, Sources};
use crate::model::director::Director;
use edits::{Place, Taken, edited, with_its_line};
use overlay::{Overlay, Texts};

/// What became of the fixes.
#[derive(Debug)]
pub struct Fixed {
    /// What was found before.
    pub before: Vec<Findings>,
    /// Files that have another text now, by name.
    pub changes: Vec<Change>,
    pub refused: Vec<Refused>,
}

#[derive(Debug)]
pub struct Change {
    /// As a place of a finding names it.
    pub name: String,
    pub old: Arc<Vec<u8>>,
    pub new: Arc<Vec<u8>>,
    /// How many findings of each rule were fixed in it.
    pub fixed: BTreeMap<&'static str, usize>,
}

/// A fix that was not done, which is a defect of its rule.
#[derive(Debug)]
pub struct Refused {
    pub code: &'static str,
    /// As FILE:LINE in the text it was found in.
    pub place: String,
    pub reason: String,
}

/// Looks at the files with some of the fixes done; to find a fix that may not be done among ten
/// thousand takes 28.
const MOST_TRIALS: usize = 1_000;

/// What was fixed may bring another fix up; no file needs as many rounds as this.
const MOST_ROUNDS: usize = 100;

/// Applies every fix of what `find` finds in `paths`, and looks again, until it finds no fix.
pub fn fix(
    files: &dyn Files,
    paths: &[String],
    find: &dyn Fn(&dyn Files) -> Vec<Findings>,
) -> Fixed {
    let snapshot = Snapshot::new(files);
    let mut round = Round {
        snapshot: &snapshot,
        paths,
        find,
        meaning: OnceCell::new(),
        trials: 0,
        changed: BTreeMap::new(),
        refused: Vec::new(),
        hopeless: BTreeSet::new(),
    };
    let mut state = round.state(Texts::new());
    let before = state.findings.clone();
    for _ in 0..MOST_ROUNDS {
        let wanted = round.wanted(&state);
        if wanted.is_empty() {
            break;
        }
        let base = state.texts.clone();
        round.settle(&base, &mut Vec::new(), &wanted, &mut state);
    }
    let Round {
        changed, refused, ..
    } = round;
    let changes = changed.into_iter().filter_map(|(identity, about)| {
        let new = state.texts.get(&identity)?.clone();
        (new != about.old).then_some(Change { new, ..about })
    });
    let mut changes: Vec<Change> = changes.collect();
    changes.sort_by(|a, b| a.name.cmp(&b.name));
    Fixed {
        before,
        changes,
        refused,
    }
}

/// The files at one moment, and all there is to say of them.
struct State {
    texts: Texts,
    findings: Vec<Findings>,
}

impl State {
    fn errors(&self) -> BTreeMap<&'static str, usize> {
        let findings = self.findings.iter().flat_map(|file| &file.diagnostics);
        let mut errors = BTreeMap::new();
        for finding in findings.filter(|finding| finding.severity == Severity::Error) {
            *errors.entry(finding.rule.code).or_default() += 1;
        }
        errors
    }

    /// A rule that finds more errors here than in `before`, as far as that can be told.
    fn new_error(&self, before: &Self) -> Option<&'static str> {
        let known = before.errors();
        if known.contains_key(rules::TOO_MANY_FINDINGS.code) {
            return None;
        }
        let more = |(code, number): &(&'static str, usize)| {
            known.get(code).is_none_or(|known| known < number)
        };
        self.errors().into_iter().find(more).map(|(code, _)| code)
    }
}

/// One fix, and what it is for.
struct Wanted {
    code: &'static str,
    /// As FILE:LINE.
    place: String,
    edits: Vec<Place>,
    /// The same in every round, wherever its line stands by then.
    mark: Mark,
}

type Mark = (&'static str, String, Vec<u8>);

struct Round<'a> {
    snapshot: &'a Snapshot<'a>,
    paths: &'a [String],
    find: &'a dyn Fn(&dyn Files) -> Vec<Findings>,
    /// What the files meant before anything was done.
    meaning: OnceCell<Vec<Director>>,
    trials: usize,
    /// What was touched; `new` is not filled in yet.
    changed: BTreeMap<String, Change>,
    refused: Vec<Refused>,
    hopeless: BTreeSet<Mark>,
}

impl Round<'_> {
    fn overlay<'t>(&'t self, texts: &'t Texts) -> Overlay<'t> {
        Overlay {
            under: self.snapshot,
            texts,
        }
    }

    fn state(&self, texts: Texts) -> State {
        State {
            findings: (self.find)(&self.overlay(&texts)),
            texts,
        }
    }

    /// Of every file named, for every host that its conditional lines name.
    fn meaning(&self, texts: &Texts) -> Vec<Director> {
        let overlay = self.overlay(texts);
        let mut meaning = Vec::new();
        for path in self.paths {
            let (director, ids) = conf::readable(&overlay, path, &Options::default());
            meaning.push(director);
            for id in &ids {
                let options = Options {
                    config_id: Some(id),
                    ..Options::default()
                };
                meaning.push(conf::readable(&overlay, path, &options).0);
            }
        }
        meaning
    }

    /// The files with `texts`, or why they may not come after `before`.
    fn trial(&self, texts: Texts, before: &State) -> Result<State, String> {
        let first = self.meaning.get_or_init(|| self.meaning(&Texts::new()));
        if self.meaning(&texts) != *first {
            return Err("it would change what the configuration means".to_owned());
        }
        let state = self.state(texts);
        match state.new_error(before) {
            Some(code) => Err(format!("there would be one more error of {code}")),
            None => Ok(state),
        }
    }

    /// The fixes that can be done at once: each once, and of those that overlap the first.
    fn wanted(&mut self, state: &State) -> Vec<Wanted> {
        let mut taken = Taken::default();
        let mut all = Vec::new();
        for Findings {
            sources,
            diagnostics,
        } in &state.findings
        {
            for finding in diagnostics {
                if let Some(fix) = finding.offered(sources)
                    && let Some(wanted) = self.one(finding, fix, sources)
                    && taken.take(&wanted.edits)
                {
                    all.push(wanted);
                }
            }
        }
        all
    }

    fn one(&mut self, finding: &Diagnostic, fix: &Fix, sources: &Sources) -> Option<Wanted> {
        let mut written = fix.edits.iter();
        if written.all(|edit| sources.written(edit.span) == edit.text.as_bytes()) {
            return None;
        }
        let mut edits = Vec::new();
        for edit in &fix.edits {
            let text = sources.get(edit.span.source);
            let (start, end) = match &*edit.text {
                "" => with_its_line(&text.bytes, edit.span),
                _ => (edit.span.start, edit.span.end),
            };
            edits.push(Place {
                identity: self.snapshot.identity(self.path(&text.name)),
                start,
                end,
                text: edit.text.clone(),
            });
        }
        let first = fix.edits.first()?.span;
        let text = sources.get(first.source);
        let line = text.line(text.line_of(first.start)).to_vec();
        let mark = (finding.rule.code, text.name.to_string(), line);
        if self.hopeless.contains(&mark) {
            return None;
        }
        for (edit, place) in fix.edits.iter().zip(&edits) {
            let text = sources.get(edit.span.source);
            let known = self.changed.entry(place.identity.clone());
            known.or_insert_with(|| Change {
                name: text.name.to_string(),
                old: Arc::clone(&text.bytes),
                new: Arc::default(),
                fixed: BTreeMap::new(),
            });
        }
        edits.sort();
        Some(Wanted {
            code: finding.rule.code,
            place: sources.place(finding.primary.span).to_string(),
            edits,
            mark,
        })
    }

    /// The path that a text of this name was read from.
    fn path<'n>(&self, name: &'n str) -> &'n str {
        let standard = name == "standard input" && self.paths.iter().any(|path| path == "-");
        if standard { "-" } else { name }
    }

    /// Adds to `done` what of `group` may be done to `base`; where something may not, finds out by
    /// halves what it is.
    fn settle<'w>(
        &mut self,
        base: &Texts,
        done: &mut Vec<&'w Wanted>,
        group: &'w [Wanted],
        state: &mut State,
    ) {
        self.trials += 1;
        let mut all = done.clone();
        all.extend(group);
        let objection = match self.trial(self.applied(base, &all), state) {
            Ok(trial) => {
                for wanted in group {
                    self.count(wanted);
                }
                *done = all;
                *state = trial;
                return;
            }
            Err(objection) => objection,
        };
        if group.len() == 1 || self.trials > MOST_TRIALS {
            self.hopeless
                .extend(group.iter().map(|wanted| wanted.mark.clone()));
            self.refused.extend(group.iter().map(|wanted| Refused {
                code: wanted.code,
                place: wanted.place.clone(),
                reason: objection.clone(),
            }));
            return;
        }
        let (first, second) = group.split_at(group.len() / 2);
        self.settle(base, done, first, state);
        self.settle(base, done, second, state);
    }

    fn count(&mut self, wanted: &Wanted) {
        let first = wanted.edits.first();
        let change = first.and_then(|edit| self.changed.get_mut(&edit.identity));
        if let Some(change) = change {
            *change.fixed.entry(wanted.code).or_default() += 1;
        }
    }

    /// `base` with edits that do not overlap.
    fn applied(&self, base: &Texts, all: &[&Wanted]) -> Texts {
        let mut edits: Vec<&Place> = all.iter().flat_map(|wanted| &wanted.edits).collect();
        edits.sort();
        edits.dedup();
        let mut texts = base.clone();
        for edits in edits.chunk_by(|a, b| a.identity == b.identity) {
            let identity = &edits[0].identity;
            let known = base.get(identity);
            let old = known.or_else(|| self.changed.get(identity).map(|change| &change.old));
            if let Some(old) = old {
                texts.insert(identity.clone(), Arc::new(edited(old, edits)));
            }
        }
        texts
    }
}
