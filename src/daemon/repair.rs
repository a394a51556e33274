use std::collections::BTreeMap;

use crate::model::service::ServiceKey;
use crate::plan::{Change, Step};

/// Something that somebody else had changed, put right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Repair<'a> {
    pub step: &'a Step,
    /// Dests that came back with their service.
    pub along: usize,
}

/// The repairs among `steps`: a service that was absent is one, with all its dests.
pub fn repairs(steps: &[Step]) -> Vec<Repair<'_>> {
    let mut absent: BTreeMap<ServiceKey, usize> = BTreeMap::new();
    for step in steps {
        match step.change {
            Change::AddService(_) => drop(absent.insert(step.service, 0)),
            Change::AddDest(..) => {
                if let Some(along) = absent.get_mut(&step.service) {
                    *along += 1;
                }
            }
            _ => {}
        }
    }
    let whole = steps.iter().filter(|step| {
        !matches!(step.change, Change::AddDest(..)) || !absent.contains_key(&step.service)
    });
    let along = |step: &Step| match step.change {
        Change::AddService(_) => absent.get(&step.service).copied().unwrap_or(0),
        _ => 0,
    };
    whole
        .map(|step| Repair {
            step,
            along: along(step),
        })
        .collect()
}
