use std::collections::BTreeSet;
use std::fmt;

use super::{Error, Ipvs, Refusal, modules};
use crate::model::service::{DestKey, ServiceKey};
use crate::model::table::Table;
use crate::plan::{Change, Step, Wave};

/// What became of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub done: Vec<Step>,
    pub refused: Vec<(Step, Refusal)>,
    /// Not sent: they follow from a refused one, or would take away what its refusal left needed.
    pub skipped: Vec<Step>,
}

/// Carries a plan out, wave by wave, each acknowledged before the next is sent.
///
/// A service whose first two waves met a refusal gets no later ones: what was to replace the old
/// is not there, so the old stays.
pub fn carry_out(kernel: &mut dyn Ipvs, mut steps: Vec<Step>) -> Result<Report, Error> {
    steps.sort_by_key(Step::wave); // as `diff` leaves them
    let mut report = Report::default();
    let mut absent = BTreeSet::new();
    let mut halted = BTreeSet::new();
    for wave in Wave::ALL {
        let end = steps.partition_point(|step| step.wave() == wave);
        let rest = steps.split_off(end);
        let mut now = std::mem::replace(&mut steps, rest);
        let blocked = match wave {
            Wave::Services | Wave::Raise => &absent,
            Wave::Lower | Wave::RemoveDests | Wave::Fallback | Wave::RemoveServices => &halted,
        };
        if !blocked.is_empty() {
            let skipped = now.extract_if(.., |step| blocked.contains(&step.service));
            report.skipped.extend(skipped);
        }
        if now.is_empty() {
            continue;
        }
        let outcomes = match wave {
            Wave::Services => modules::execute(kernel, &mut now)?,
            _ => kernel.execute(&now)?,
        };
        for (step, outcome) in now.into_iter().zip(outcomes) {
            match outcome {
                Ok(()) => report.done.push(step),
                Err(refusal) => {
                    if matches!(step.change, Change::AddService(_)) {
                        absent.insert(step.service);
                    }
                    if wave <= Wave::Raise {
                        halted.insert(step.service);
                    }
                    report.refused.push((step, refusal));
                }
            }
        }
    }
    Ok(report)
}

/// An object that, read back, is not as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mismatch {
    Service(ServiceKey),
    Dest(ServiceKey, DestKey),
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(service) => write!(f, "service {service}"),
            Self::Dest(service, dest) => write!(f, "real server {dest} of {service}"),
        }
    }
}

/// Above so many services one read of the whole table is cheaper than one read of each.
const FEW: usize = 16;

/// Reads every service in `touched` back and compares it with `want`, all attributes.
pub fn verify(
    kernel: &mut dyn Ipvs,
    touched: &BTreeSet<ServiceKey>,
    want: &Table,
) -> Result<Vec<Mismatch>, Error> {
    let mut now = Table::new();
    if touched.len() > FEW {
        now = kernel.table()?;
    } else {
        for key in touched {
            if let Some(service) = kernel.service(key)? {
                now.insert(*key, service);
            }
        }
    }
    let mut mismatches = Vec::new();
    for key in touched {
        match (now.get(key), want.get(key)) {
            (None, None) => {}
            (Some(have), Some(want)) => {
                if have.settings != want.settings {
                    mismatches.push(Mismatch::Service(*key));
                }
                let have_keys = have.pool.iter().map(|(dest, _)| *dest);
                let want_keys = want.pool.iter().map(|(dest, _)| *dest);
                let dests: BTreeSet<DestKey> = have_keys.chain(want_keys).collect();
                let differ = |dest: &DestKey| have.pool.get(dest) != want.pool.get(dest);
                let differing = dests.into_iter().filter(differ);
                mismatches.extend(differing.map(|dest| Mismatch::Dest(*key, dest)));
            }
            _ => mismatches.push(Mismatch::Service(*key)),
        }
    }
    Ok(mismatches)
}
