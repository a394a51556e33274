use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::fight::{Fights, Ruling};
use super::object::Object;
use super::replay::holds;
use super::step::{Change, Step};
use crate::model::moment::Moment;
use crate::model::table::Table;

/// What others changed of what is ours: what is repaired of it, what is left alone.
#[derive(Clone, Debug, Default)]
pub struct Drift {
    /// Nothing is repaired, all of it is left alone.
    hands_off: bool,
    /// Objects left as they were found, each with the step that would make it right. One absent
    /// service stands for all its dests.
    left: BTreeMap<Object, Step>,
    fights: Fights,
}

/// Steps of one look at the kernel, by why they are needed.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// To be carried out.
    pub steps: Vec<Step>,
    /// Which of them put right what somebody else changed.
    pub repairs: BTreeSet<Object>,
    pub noted: Noted,
}

/// What is to be told of what is not repaired.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Noted {
    /// Left alone from now on, or found otherwise than when they were first.
    pub left: Vec<Step>,
    /// Left alone until now, and found as they should be.
    pub righted: Vec<Object>,
    pub fights: Vec<Fight>,
    /// Fights that are over.
    pub over: Vec<Object>,
}

/// An object that somebody else wants otherwise; it is left alone for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fight {
    pub object: Object,
    /// How often it was repaired until now.
    pub repairs: u32,
    /// How long it is now left as the other wants it.
    pub wait: Duration,
    /// What would make it right.
    pub step: Step,
}

impl Drift {
    /// One that repairs nothing.
    pub fn hands_off() -> Self {
        Self {
            hands_off: true,
            ..Self::default()
        }
    }

    /// Whether nothing is repaired.
    pub fn is_hands_off(&self) -> bool {
        self.hands_off
    }

    /// The order to bring about a file: nothing is left alone any longer.
    pub fn renew(&mut self) {
        self.left.clear();
    }

    /// How many objects are left as somebody else made them.
    pub fn left_alone(&self) -> usize {
        self.left.len()
    }

    /// Sorts the steps of a look: where the kernel is not as it was `believed` to be, somebody else
    /// changed it. A step that would have been needed anyway is done in any case: what is wanted
    /// of this object has changed too.
    pub fn look(&mut self, steps: Vec<Step>, believed: &Table, now: Moment) -> Seen {
        let mut seen = Seen::default();
        let before = std::mem::take(&mut self.left);
        let mut differ = BTreeSet::new();
        for step in steps {
            let object = step.object();
            differ.insert(object);
            if is_of_absent(&self.left, &step) {
                continue;
            }
            let left = before.get(&object).filter(|left| left.same_aim(&step));
            let stays = left.is_some() || is_of_absent(&before, &step);
            let turned = || self.hands_off && !holds(believed, &step);
            if !stays && (!was_changed(believed, &step) || turned()) {
                seen.steps.push(step);
            } else if self.hands_off {
                if left != Some(&step) {
                    seen.noted.left.push(step.clone());
                }
                self.left.insert(object, step);
            } else {
                self.judge(object, step, now, &mut seen);
            }
        }
        let righted = before.into_keys().filter(|object| !differ.contains(object));
        seen.noted.righted = righted.collect();
        seen.noted.over = self.fights.over(now);
        seen
    }

    /// The steps without those that would touch what is left alone. A step that wants something
    /// new of such an object is done, and the object ours again.
    pub fn pass(&mut self, mut steps: Vec<Step>) -> Vec<Step> {
        if self.left.is_empty() {
            return steps;
        }
        steps.retain(|step| !is_left(&self.left, step));
        for step in &steps {
            self.left.remove(&step.object());
        }
        steps
    }

    /// When something that is left alone for a while is to be looked at again.
    pub fn next_end(&self, now: Moment) -> Option<Moment> {
        self.fights.next_end(now)
    }

    /// Rules on an object that somebody else changed and that no step is about.
    pub fn rule(&mut self, object: Object, now: Moment) -> Ruling {
        self.fights.rule(object, now)
    }

    fn judge(&mut self, object: Object, step: Step, now: Moment, seen: &mut Seen) {
        // Dests go and come with their service: it is one repair.
        let service = Object::Service(step.service);
        let ruling = match step.change {
            Change::AddDest(..) if seen.repairs.contains(&service) => Ruling::Repair,
            _ => self.fights.rule(object, now),
        };
        match ruling {
            Ruling::Repair => {
                seen.repairs.insert(object);
                seen.steps.push(step);
            }
            Ruling::Wait => {
                self.left.insert(object, step);
            }
            Ruling::Yield { repairs, wait } => {
                seen.noted.fights.push(Fight {
                    object,
                    repairs,
                    wait,
                    step: step.clone(),
                });
                self.left.insert(object, step);
            }
        }
    }
}

/// Whether a step would do what is left undone: the same, or something in a service that is left absent.
pub fn is_left(left: &BTreeMap<Object, Step>, step: &Step) -> bool {
    let same = left.get(&step.object());
    same.is_some_and(|left| left.same_aim(step)) || is_of_absent(left, step)
}

/// Whether it is about a dest of a service that is left absent.
fn is_of_absent(left: &BTreeMap<Object, Step>, step: &Step) -> bool {
    let service = left.get(&Object::Service(step.service));
    step.dest().is_some()
        && service.is_some_and(|left| matches!(left.change, Change::AddService(_)))
}

/// Whether the object was found otherwise than it was believed to be. Of a service that was not
/// known nothing was believed.
fn was_changed(believed: &Table, step: &Step) -> bool {
    let Some(service) = believed.get(&step.service) else {
        return false;
    };
    let dest = |key| service.pool.get(key);
    match &step.change {
        Change::AddService(_) => true,
        Change::EditService { before, .. } => service.settings != **before,
        Change::RemoveService(before) => service.settings != *before,
        Change::AddDest(key, _) => dest(key).is_some(),
        Change::EditDest {
            dest: key, before, ..
        }
        | Change::RemoveDest(key, before) => dest(key) != Some(before),
    }
}
