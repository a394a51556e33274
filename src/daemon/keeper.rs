use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::goal::{Goal, Standing};
use super::refusals::{Changed, Refusals};
use super::timeouts::{Outcome, Retimed, Timekeeper};
use crate::ipvs::{self, Ipvs, Refusal, Report, carry_out, observe};
use crate::model::moment::Moment;
use crate::model::patch::Patch;
use crate::model::service::{DestKey, ServiceKey};
use crate::model::table::{Connections, Dest, Table};
use crate::plan::{
    Change, Drift, Noted, Step, diff, drain, holds, pace, replay, replay_all, scope,
};
use crate::sys::state::Record;

/// Brings the kernel's table to what it should be, round by round. The only writer.
pub struct Keeper<K> {
    kernel: K,
    record: Record,
    /// Where the record is kept; the daemon goes on where it cannot be.
    store: Box<Store>,
    /// What was kept there last.
    stored: Option<Record>,
    grace: Duration,
    /// What is ours as it was left; `None` before the first round.
    known: Option<Table>,
    /// Nothing has come between that makes `known` doubtful: an error, or a refusal that shows it.
    sure: bool,
    refusals: Refusals,
    /// What the file said in the last round.
    standing: Option<Arc<Standing>>,
    drift: Drift,
    timeouts: Timekeeper,
}

/// Writes a record down.
type Store = dyn FnMut(&Record) -> io::Result<()> + Send;

/// What one round did.
#[derive(Clone, Debug, Default)]
pub struct Round {
    /// The kernel's table was read.
    pub looked: bool,
    /// What was wanted otherwise than before.
    pub done: Vec<Step>,
    /// What somebody else had changed.
    pub repaired: Vec<Step>,
    pub refused: Vec<(Step, Refusal)>,
    pub skipped: Vec<Step>,
    /// What of these is new, and what is refused no more.
    pub refusals: Changed,
    /// Objects that are not as they should be, because the kernel refuses it.
    pub still_refused: usize,
    pub noted: Noted,
    pub retimed: Option<Retimed>,
    /// Objects that are left as somebody else made them.
    pub left_alone: usize,
    /// Dests that left the file and are still there.
    pub draining: usize,
    /// Changes left to the next round, which is to follow at once.
    pub postponed: usize,
    /// Why the record could not be written.
    pub unrecorded: Option<String>,
}

impl Round {
    /// The table was not as it was left, or is left otherwise.
    pub fn found_something(&self) -> bool {
        let steps = self.done.len() + self.repaired.len() + self.refusals.refused.len();
        steps + self.left_alone > 0 || self.noted != Noted::default()
    }

    /// Somebody changes something again and again.
    pub fn tells_of_a_fight(&self) -> bool {
        let retimed = self.retimed.map(|retimed| retimed.outcome);
        !self.noted.fights.is_empty() || matches!(retimed, Some(Outcome::Yielded { .. }))
    }
}

/// How a round came to know the table.
#[derive(Clone, Copy)]
struct Sight<'a> {
    looked: bool,
    /// It was known before.
    sure: bool,
    /// It was told to look.
    told: bool,
    /// How it was left, if it was read since.
    believed: Option<&'a Table>,
}

impl<K: Ipvs> Keeper<K> {
    pub fn new(
        kernel: K,
        record: Record,
        grace: Duration,
        store: impl FnMut(&Record) -> io::Result<()> + Send + 'static,
    ) -> Self {
        Self {
            kernel,
            record,
            store: Box::new(store),
            stored: None,
            grace,
            known: None,
            sure: false,
            refusals: Refusals::default(),
            standing: None,
            drift: Drift::default(),
            timeouts: Timekeeper::default(),
        }
    }

    /// From now on what others change is reported and not repaired.
    pub fn hands_off(&mut self) {
        self.drift = Drift::hands_off();
    }

    pub fn kernel(&mut self) -> &mut K {
        &mut self.kernel
    }

    /// Services that are ours by record, before any goal is known.
    pub fn owned(&self) -> usize {
        self.record.services.len()
    }

    /// Whether these services are in the kernel as they are known; false where nobody can say.
    pub fn finds_unchanged(&mut self, suspects: &BTreeSet<ServiceKey>) -> bool {
        let Some(known) = self.known() else {
            return false;
        };
        let known = suspects.iter().filter_map(|key| known.get_key_value(key));
        let known: Table = known.map(|(key, known)| (*key, known.clone())).collect();
        let found = self.kernel.services(suspects, &known);
        found.is_ok_and(|found| found == known)
    }

    /// What is ours, if it is known to be so: as it was left.
    pub fn known(&self) -> Option<&Table> {
        self.known.as_ref().filter(|_| self.sure)
    }

    /// When something that is left alone for a while is to be looked at again.
    pub fn next_end(&self, now: Moment) -> Option<Moment> {
        self.drift.next_end(now)
    }

    /// From now on what goes is removed at once, whatever its connections and whoever wants it.
    pub fn hurry(&mut self) {
        self.grace = Duration::ZERO;
        self.drift = Drift::default();
    }

    /// Compares with the kernel and changes what differs. Reads the table where `look` says so,
    /// or where it is not known; else goes by what it left.
    pub fn round(&mut self, goal: &Goal, look: bool, now: Moment) -> Result<Round, ipvs::Error> {
        let sure = self.known().is_some();
        let looked = look || !sure;
        let observed = if looked {
            self.sure = false;
            let expected = goal.desired.keys().chain(&self.record.services);
            let likely = self.known.as_ref().unwrap_or(&goal.desired);
            Some(observe(&mut self.kernel, likely, expected)?)
        } else {
            None
        };
        let believed = self.known.take();
        let (mut ours, believed) = match observed {
            // Foreign services play no part in a round that does not look.
            None => (believed.unwrap_or_default(), None),
            Some(table) => (
                scope(table, &goal.desired, &self.record.services).ours,
                believed,
            ),
        };
        let sight = Sight {
            looked,
            sure,
            told: look,
            believed: believed.as_ref(),
        };
        let round = self.converge(goal, &mut ours, sight, now);
        self.sure &= round.is_ok();
        self.known = Some(ours);
        round
    }

    /// Brings `ours` to what it should be.
    fn converge(
        &mut self,
        goal: &Goal,
        ours: &mut Table,
        sight: Sight<'_>,
        now: Moment,
    ) -> Result<Round, ipvs::Error> {
        let looked = sight.looked;
        let standing = self.standing.as_ref();
        let changed = !standing.is_some_and(|old| Arc::ptr_eq(old, &goal.standing));
        if changed {
            self.drift.renew();
        }
        self.settle_drains(goal, ours, changed, now)?;
        // A copy of it would be as large as the table: there is none where nothing drains.
        let mut want = Cow::Borrowed(&goal.desired);
        if !self.record.draining.is_empty() {
            drain::hold(want.to_mut(), ours, &self.record.draining);
        }
        let steps = diff(ours, &want);
        // A look and a new file try again what was refused.
        let whole = looked || changed;
        let (mut steps, repairs, noted) = match sight.believed {
            // A file that is new is brought about whole, whoever changed what.
            Some(believed) if !(changed && self.drift.is_hands_off()) => {
                let seen = self.drift.look(steps, believed, now);
                (seen.steps, seen.repairs, seen.noted)
            }
            _ => (self.drift.pass(steps), BTreeSet::new(), Noted::default()),
        };
        if !whole {
            steps = self.refusals.pass_round(steps);
        }
        let put_off = if self.is_paced(sight) && repairs.is_empty() {
            pace(&mut steps)
        } else {
            Vec::new()
        };
        let mut round = Round {
            looked,
            noted,
            postponed: put_off.len(),
            draining: self.record.draining.len(),
            ..Round::default()
        };
        // On record before the first change: a crash leaves nothing that nobody owns.
        self.record.services.extend(want.keys());
        self.keep_record(&mut round);
        let asked = self.standing.as_ref().map(|standing| standing.timeouts);
        let drift = (looked && !changed).then_some(&mut self.drift);
        round.retimed = self.timeouts.hold(
            &mut self.kernel,
            asked.unwrap_or_default(),
            goal.standing.timeouts,
            drift,
            now,
        )?;

        let report = self.carry_out(steps, sight.believed.filter(|_| sight.sure))?;
        self.sure = !report.is_doubtful();
        round.refusals = self.refusals.follow(&report, whole.then_some(&put_off));
        round.still_refused = self.refusals.len();
        replay_all(ours, &report.done);
        let stays = |key: &ServiceKey| want.contains_key(key) || ours.contains_key(key);
        self.record.services.retain(stays);
        self.keep_record(&mut round);
        let mut done = report.done;
        let repaired = done.extract_if(.., |step| repairs.contains(&step.object()));
        round.repaired = repaired.collect();
        round.done = done;
        round.refused = report.refused;
        round.skipped = report.skipped;
        round.left_alone = self.left_alone();
        self.standing = Some(Arc::clone(&goal.standing));
        Ok(round)
    }

    /// Makes a part of a goal that otherwise stands look otherwise: nothing else is looked at. A
    /// whole round where it is not known how the table is.
    ///
    /// Pools are moved and not copied: they may be large, and a verdict is waiting.
    pub fn patch(
        &mut self,
        goal: &mut Goal,
        patch: Patch,
        now: Moment,
    ) -> Result<Round, ipvs::Error> {
        let stands = self.standing.as_ref();
        let stands = stands.is_some_and(|old| Arc::ptr_eq(old, &goal.standing));
        let Some(mut known) = self.known.take_if(|_| stands && self.sure) else {
            patch.apply(&mut goal.desired);
            return self.round(goal, false, now);
        };
        let services = &patch.services;
        let ours = services.keys().filter_map(|key| known.remove_entry(key));
        let ours: Table = ours.collect();
        let mut steps = if self.record.draining.is_empty() {
            diff(&ours, services)
        } else {
            let mut want = services.clone();
            drain::hold(&mut want, &ours, &self.record.draining);
            diff(&ours, &want)
        };
        let dests = patch.dests.iter();
        steps.extend(dests.filter_map(|(at, want)| edit(&known, *at, *want)));
        known.extend(ours);
        patch.apply(&mut goal.desired);
        let steps = self.refusals.pass(self.drift.pass(steps), &known);
        let report = carry_out(&mut self.kernel, steps);
        let done = report.as_ref().map(|report| report.done.iter());
        for step in done.into_iter().flatten() {
            replay(&mut known, step);
        }
        self.known = Some(known);
        self.sure = report.as_ref().is_ok_and(|report| !report.is_doubtful());
        let report = report?;
        Ok(Round {
            refusals: self.refusals.follow(&report, None),
            still_refused: self.refusals.len(),
            done: report.done,
            refused: report.refused,
            skipped: report.skipped,
            left_alone: self.left_alone(),
            draining: self.record.draining.len(),
            ..Round::default()
        })
    }

    /// Whether changes that take the kernel long go over several rounds. In doubt each of them reads the
    /// table, and for want of a module each has one looked for: there had better be one.
    fn is_paced(&self, sight: Sight<'_>) -> bool {
        (sight.told || sight.sure) && !self.refusals.lack_a_module()
    }

    /// What is refused again keeps nothing from being put back as it was left.
    fn carry_out(
        &mut self,
        mut steps: Vec<Step>,
        believed: Option<&Table>,
    ) -> Result<Report, ipvs::Error> {
        let Some(believed) = believed.filter(|_| !self.refusals.is_empty()) else {
            return carry_out(&mut self.kernel, steps);
        };
        let back = steps.extract_if(.., |step| holds(believed, step)).collect();
        let back = carry_out(&mut self.kernel, back)?;
        Ok(back.and(carry_out(&mut self.kernel, steps)?))
    }

    fn left_alone(&self) -> usize {
        self.drift.left_alone() + usize::from(self.timeouts.are_left())
    }

    /// Servers that left the file stay at weight 0 for a while; what merely turned up goes.
    fn settle_drains(
        &mut self,
        goal: &Goal,
        ours: &Table,
        changed: bool,
        now: Moment,
    ) -> Result<(), ipvs::Error> {
        let named = &goal.standing.named;
        let mut draining = self.record.draining.clone();
        if changed && !self.grace.is_zero() {
            for server in drain::leaving(ours, named) {
                draining.entry(server).or_insert(now);
            }
        }
        let all = self.connections(&draining)?;
        let of = |service: &_, dest: &_| all.get(&(*service, *dest)).copied().unwrap_or_default();
        drain::settle(&mut draining, ours, named, self.grace, now, of);
        self.record.draining = draining;
        Ok(())
    }

    fn connections(
        &mut self,
        draining: &drain::Draining,
    ) -> Result<BTreeMap<(ServiceKey, DestKey), Connections>, ipvs::Error> {
        let mut all = BTreeMap::new();
        let mut last = None;
        for (service, _) in draining.keys() {
            if last.replace(*service) == Some(*service) {
                continue;
            }
            for (dest, connections) in self.kernel.connections(service)? {
                all.insert((*service, dest), connections);
            }
        }
        Ok(all)
    }

    fn keep_record(&mut self, round: &mut Round) {
        if self.stored.as_ref() == Some(&self.record) {
            return;
        }
        match (self.store)(&self.record) {
            Ok(()) => self.stored = Some(self.record.clone()),
            Err(error) => round.unrecorded = Some(error.to_string()),
        }
    }
}

/// What makes one dest of a table look as it should.
fn edit(known: &Table, (service, dest): (ServiceKey, DestKey), after: Dest) -> Option<Step> {
    let change = match known.get(&service)?.pool.get(&dest) {
        None => Change::AddDest(dest, after),
        Some(&before) if before == after => return None,
        Some(&before) => Change::EditDest {
            dest,
            before,
            after,
        },
    };
    Some(Step { service, change })
}
