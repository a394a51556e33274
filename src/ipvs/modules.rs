use std::collections::BTreeMap;

use rustix::io::Errno;

use super::{Error, Ipvs, Outcome, Refusal};
use crate::model::name::Name;
use crate::model::schedule::Scheduler;
use crate::plan::{Change, Step};

/// What the kernel may have to load a module for.
type Needs<'a> = (&'a Scheduler, Option<&'a Name>);

/// Carries out changes to services, and asks for a module that is missing once and not for each.
///
/// The kernel starts a modprobe for every request whose module it lacks, under locks that stop
/// all generic netlink on the host: for a thousand services that is many seconds, at each attempt.
/// The outcomes are those of `steps` as they are left, those asked first in front.
pub(super) fn execute(kernel: &mut dyn Ipvs, steps: &mut [Step]) -> Result<Vec<Outcome>, Error> {
    let first = firsts_in_front(steps);
    let mut outcomes = kernel.execute(&steps[..first])?;
    let asked = steps.iter().zip(&outcomes);
    let missing = asked.filter(|(_, outcome)| is_missing(**outcome));
    let missing: Vec<Needs<'_>> = missing.filter_map(|(step, _)| needs(step)).collect();
    if missing.is_empty() {
        outcomes.append(&mut kernel.execute(&steps[first..])?);
        return Ok(outcomes);
    }
    let lacks = |step: &Step| needs(step).is_some_and(|needs| missing.contains(&needs));
    let rest: Vec<Step> = steps[first..]
        .iter()
        .filter(|step| !lacks(step))
        .cloned()
        .collect();
    let mut answers = kernel.execute(&rest)?.into_iter();
    let refused = Err(Refusal::Errno(Errno::NOENT.raw_os_error()));
    let of_rest = steps[first..].iter().map(|step| {
        if lacks(step) {
            return refused;
        }
        answers.next().unwrap_or(Err(Refusal::Lost))
    });
    outcomes.extend(of_rest);
    Ok(outcomes)
}

fn is_missing(outcome: Outcome) -> bool {
    outcome == Err(Refusal::Errno(Errno::NOENT.raw_os_error()))
}

fn needs(step: &Step) -> Option<Needs<'_>> {
    match &step.change {
        Change::AddService(settings)
        | Change::EditService {
            after: settings, ..
        } => Some((&settings.scheduler, settings.engine.as_ref())),
        _ => None,
    }
}

/// Moves the first step of each need to the front, and says how many these are.
fn firsts_in_front(steps: &mut [Step]) -> usize {
    let mut first: BTreeMap<Needs<'_>, usize> = BTreeMap::new();
    for (nth, step) in steps.iter().enumerate() {
        if let Some(needs) = needs(step) {
            first.entry(needs).or_insert(nth);
        }
    }
    let mut places: Vec<usize> = first.into_values().collect();
    places.sort_unstable();
    for (front, place) in places.iter().enumerate() {
        steps[front..=*place].rotate_right(1);
    }
    places.len()
}
