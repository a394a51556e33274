use std::collections::BTreeSet;

use super::{Error, Ipvs, Refusal, modules};
use crate::model::service::{DestKey, ServiceKey};
use crate::model::table::{Service, Table};
use crate::plan::{Change, Object, Step, Wave};

/// What became of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub done: Vec<Step>,
    pub refused: Vec<(Step, Refusal)>,
    /// Not sent: they follow from a refused one, or would take away what its refusal left needed.
    pub skipped: Vec<Step>,
}

/// What became of one step.
enum Fate {
    Done,
    Refused(Refusal),
    Skipped,
}

impl Report {
    /// Whether a refusal shows that the table is not as it was taken to be.
    pub fn is_doubtful(&self) -> bool {
        let mut refused = self.refused.iter();
        refused.any(|(step, refusal)| refusal.contradicts(step))
    }

    /// With what became of another plan.
    #[must_use]
    pub fn and(mut self, mut other: Self) -> Self {
        self.done.append(&mut other.done);
        self.refused.append(&mut other.refused);
        self.skipped.append(&mut other.skipped);
        self
    }

    /// A large plan that was wholly carried out is not copied.
    fn new(steps: Vec<Step>, fates: Vec<Fate>) -> Self {
        let mut report = Self::default();
        if fates.iter().all(|fate| matches!(fate, Fate::Done)) {
            report.done = steps;
            return report;
        }
        for (step, fate) in steps.into_iter().zip(fates) {
            match fate {
                Fate::Done => report.done.push(step),
                Fate::Refused(refusal) => report.refused.push((step, refusal)),
                Fate::Skipped => report.skipped.push(step),
            }
        }
        report
    }
}

/// Carries a plan out, wave by wave, each acknowledged before the next is sent.
///
/// A service whose first two waves met a refusal gets no later ones: what was to replace the old
/// is not there, so the old stays.
pub fn carry_out(kernel: &mut dyn Ipvs, mut steps: Vec<Step>) -> Result<Report, Error> {
    if !steps.is_sorted_by_key(Step::wave) {
        steps.sort_by_key(Step::wave);
    }
    let mut fates = Vec::with_capacity(steps.len());
    let mut absent = BTreeSet::new();
    let mut halted = BTreeSet::new();
    let mut rest = &mut steps[..];
    for wave in Wave::ALL {
        let end = rest.partition_point(|step| step.wave() == wave);
        let (now, later) = rest.split_at_mut(end);
        rest = later;
        let blocked = match wave {
            Wave::Services | Wave::Raise => &absent,
            Wave::Lower | Wave::RemoveDests | Wave::Fallback | Wave::RemoveServices => &halted,
        };
        let first = fates.len();
        execute(kernel, wave, now, blocked, &mut fates)?;
        for (step, fate) in now.iter().zip(&fates[first..]) {
            if matches!(fate, Fate::Refused(_)) {
                if matches!(step.change, Change::AddService(_)) {
                    absent.insert(step.service);
                }
                if wave <= Wave::Raise {
                    halted.insert(step.service);
                }
            }
        }
    }
    Ok(Report::new(steps, fates))
}

/// Sends the steps of one wave, except for services that are `blocked`.
fn execute(
    kernel: &mut dyn Ipvs,
    wave: Wave,
    now: &mut [Step],
    blocked: &BTreeSet<ServiceKey>,
    fates: &mut Vec<Fate>,
) -> Result<(), Error> {
    let fate = |outcome| match outcome {
        Ok(()) => Fate::Done,
        Err(refusal) => Fate::Refused(refusal),
    };
    let is_blocked = |step: &Step| blocked.contains(&step.service);
    if now.is_empty() {
        return Ok(());
    }
    if blocked.is_empty() {
        let outcomes = match wave {
            Wave::Services => modules::execute(kernel, now)?,
            _ => kernel.execute(now)?,
        };
        fates.extend(outcomes.into_iter().map(fate));
        return Ok(());
    }
    let sent: Vec<Step> = now
        .iter()
        .filter(|step| !is_blocked(step))
        .cloned()
        .collect();
    let outcomes = if sent.is_empty() {
        Vec::new()
    } else {
        kernel.execute(&sent)?
    };
    let mut outcomes = outcomes.into_iter();
    fates.extend(now.iter().map(|step| {
        if is_blocked(step) {
            return Fate::Skipped;
        }
        // A step that nobody answered for was not carried out, as far as is known.
        outcomes.next().map_or(Fate::Refused(Refusal::Lost), fate)
    }));
    Ok(())
}

/// Reads every service in `touched` back and compares it with `want`, all attributes. What is not as
/// it should be is returned.
///
/// What differs is read once more, by its key: a reading of many may be torn.
pub fn verify(
    kernel: &mut dyn Ipvs,
    touched: &BTreeSet<ServiceKey>,
    want: &Table,
) -> Result<Vec<Object>, Error> {
    let now = kernel.services(touched, want)?;
    let mut mismatches = Vec::new();
    for key in touched {
        let want = want.get(key);
        if now.get(key) != want {
            let have = kernel.service(key)?;
            mismatches.extend(differences(key, have.as_ref(), want));
        }
    }
    Ok(mismatches)
}

fn differences(key: &ServiceKey, have: Option<&Service>, want: Option<&Service>) -> Vec<Object> {
    let (have, want) = match (have, want) {
        (None, None) => return Vec::new(),
        (Some(have), Some(want)) => (have, want),
        _ => return vec![Object::Service(*key)],
    };
    let mut mismatches = Vec::new();
    if have.settings != want.settings {
        mismatches.push(Object::Service(*key));
    }
    let dests = have.pool.iter().chain(want.pool.iter());
    let dests: BTreeSet<DestKey> = dests.map(|(dest, _)| *dest).collect();
    let differ = |dest: &DestKey| have.pool.get(dest) != want.pool.get(dest);
    let differing = dests.into_iter().filter(differ);
    mismatches.extend(differing.map(|dest| Object::Dest(*key, dest)));
    mismatches
}
