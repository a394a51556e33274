use std::collections::{BTreeMap, BTreeSet};

use rustix::io::Errno;

use crate::ipvs::{Refusal, Report};
use crate::model::limits::Weight;
use crate::model::service::ServiceKey;
use crate::model::table::{Dest, Table};
use crate::plan::{Object, Step, Wave, is_left, replay};

/// What the kernel refuses just now, and what was not done because of it.
///
/// It is tried again by rounds that look, ever more rarely; what comes between goes by without it.
/// What is said of it is that it began, that its reason is another, and that it is over.
#[derive(Clone, Debug, Default)]
pub struct Refusals {
    /// No reason stands for what was not done because of others.
    reasons: BTreeMap<Object, Option<Refusal>>,
    /// What is not tried before the next look.
    waiting: BTreeMap<Object, Step>,
}

/// What a round changed about refusals.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    pub refused: Vec<(Step, Refusal)>,
    /// Not tried, because of what was refused.
    pub skipped: Vec<Step>,
    pub over: Vec<Object>,
}

impl Refusals {
    pub fn is_empty(&self) -> bool {
        self.reasons.is_empty()
    }

    /// How many objects are not as they should be.
    pub fn len(&self) -> usize {
        self.reasons.len()
    }

    /// A module is not there that services need.
    pub fn lack_a_module(&self) -> bool {
        let absent = Refusal::Errno(Errno::NOENT.raw_os_error());
        let mut reasons = self.reasons.iter();
        reasons.any(|(object, reason)| object.dest().is_none() && *reason == Some(absent))
    }

    /// The steps of verdicts, without those that would be refused again; but where they would leave
    /// nobody to serve in what is `ours`, what waits is tried before.
    pub fn pass(&self, steps: Vec<Step>, ours: &Table) -> Vec<Step> {
        let mut steps = self.without_waiting(steps);
        for service in self.halted() {
            if empties(&steps, &service, ours) {
                let changed: BTreeSet<Object> = steps.iter().map(Step::object).collect();
                let waiting = self.waiting.iter();
                let more = waiting
                    .filter(|(object, step)| step.service == service && !changed.contains(object));
                steps.extend(more.map(|(_, step)| step.clone()));
            }
        }
        steps
    }

    /// The steps of a round that tries nothing again. Where what is new was refused, what is old
    /// stays.
    pub fn pass_round(&self, steps: Vec<Step>) -> Vec<Step> {
        let (mut steps, halted) = (self.without_waiting(steps), self.halted());
        steps.retain(|step| step.wave() <= Wave::Raise || !halted.contains(&step.service));
        steps
    }

    fn without_waiting(&self, mut steps: Vec<Step>) -> Vec<Step> {
        if !self.waiting.is_empty() {
            steps.retain(|step| !is_left(&self.waiting, step));
        }
        steps
    }

    /// Services in which something new waits.
    fn halted(&self) -> BTreeSet<ServiceKey> {
        let waiting = self.waiting.values();
        let new = waiting.filter(|step| step.wave() <= Wave::Raise);
        new.map(|step| step.service).collect()
    }

    /// Takes in what became of steps. Where these were all there are, but for some that are put off,
    /// what is not among them is over.
    pub fn follow(&mut self, report: &Report, all_but: Option<&Vec<Step>>) -> Changed {
        let mut changed = Changed::default();
        if self.is_empty() && report.refused.is_empty() {
            return changed;
        }
        let before = self.reasons.clone();
        if let Some(put_off) = all_but {
            self.waiting.clear();
            let put_off: BTreeSet<Object> = put_off.iter().map(Step::object).collect();
            self.reasons.retain(|object, _| put_off.contains(object));
        }
        for step in &report.done {
            self.forget(&step.object());
        }
        for (step, refusal) in &report.refused {
            let object = step.object();
            if before.get(&object) != Some(&Some(*refusal)) {
                changed.refused.push((step.clone(), *refusal));
            }
            self.reasons.insert(object, Some(*refusal));
            self.waiting.insert(object, step.clone());
        }
        for step in &report.skipped {
            let object = step.object();
            if !before.contains_key(&object) {
                changed.skipped.push(step.clone());
            }
            self.reasons.insert(object, None);
            self.waiting.insert(object, step.clone());
        }
        let over = before.into_keys();
        changed.over = over
            .filter(|object| !self.reasons.contains_key(object))
            .collect();
        changed
    }

    fn forget(&mut self, object: &Object) {
        self.reasons.remove(object);
        self.waiting.remove(object);
    }
}

/// Whether a service of `ours` serves, and would not after the steps.
fn empties(steps: &[Step], service: &ServiceKey, ours: &Table) -> bool {
    let serves = |table: &Table| {
        let service = table.get(service);
        let mut dests = service.into_iter().flat_map(|service| service.pool.iter());
        dests.any(|(_, dest): (_, &Dest)| dest.weight > Weight::QUIESCED)
    };
    let steps = steps.iter().filter(|step| step.service == *service);
    let of_service = ours.get_key_value(service);
    let mut after: Table = of_service
        .into_iter()
        .map(|(key, have)| (*key, have.clone()))
        .collect();
    steps.for_each(|step| replay(&mut after, step));
    serves(ours) && !serves(&after)
}
