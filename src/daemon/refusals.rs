use std::collections::BTreeMap;

use super::keeper::Round;
use crate::ipvs::Refusal;
use crate::plan::{Object, Step};

/// What the kernel refuses just now. A refused step is tried again and again; what is said of it
/// is that it began, that its reason is another, and that it is over.
#[derive(Clone, Debug, Default)]
pub struct Refusals(BTreeMap<Object, Option<Refusal>>);

/// What a round changed about refusals.
#[derive(Debug, Default)]
pub struct Changed<'a> {
    pub refused: Vec<(&'a Step, Refusal)>,
    /// Not tried, because of what was refused.
    pub skipped: Vec<&'a Step>,
    pub over: Vec<Object>,
}

impl Refusals {
    /// Takes a round in, which looked at everything that was refused before: a round after a
    /// refusal is a whole one.
    pub fn follow<'a>(&mut self, round: &'a Round) -> Changed<'a> {
        let mut changed = Changed::default();
        let mut now = BTreeMap::new();
        for (step, refusal) in &round.refused {
            let object = step.object();
            if self.0.get(&object) != Some(&Some(*refusal)) {
                changed.refused.push((step, *refusal));
            }
            now.insert(object, Some(*refusal));
        }
        for step in &round.skipped {
            let object = step.object();
            if now.contains_key(&object) {
                continue;
            }
            if !self.0.contains_key(&object) {
                changed.skipped.push(step);
            }
            now.insert(object, None);
        }
        let before = std::mem::replace(&mut self.0, now);
        let over = before.into_keys();
        changed.over = over.filter(|object| !self.0.contains_key(object)).collect();
        changed
    }
}
