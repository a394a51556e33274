use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::goal::{Goal, Standing};
use crate::ipvs::{self, Ipvs, Refusal, carry_out};
use crate::model::director::Timeouts;
use crate::model::moment::Moment;
use crate::model::patch::Patch;
use crate::model::service::{DestKey, ServiceKey};
use crate::model::table::{Dest, Table};
use crate::plan::{Change, Step, diff, drain, replay, scope};
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
    /// The whole table as it must be after our own last change; `None` where that is not known.
    known: Option<Table>,
    /// What the file said in the last round.
    standing: Option<Arc<Standing>>,
    /// The kernel's timeouts before the first of ours.
    timeouts_before: Option<Timeouts>,
}

/// Writes a record down.
type Store = dyn FnMut(&Record) -> io::Result<()> + Send;

/// What one round did.
#[derive(Clone, Debug, Default)]
pub struct Round {
    pub done: Vec<Step>,
    pub refused: Vec<(Step, Refusal)>,
    pub skipped: Vec<Step>,
    /// The table was found otherwise than we left it, and `done` repaired it.
    pub repaired: bool,
    /// Dests that left the file and are still there.
    pub draining: usize,
    /// Why the record could not be written.
    pub unrecorded: Option<String>,
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
            standing: None,
            timeouts_before: None,
        }
    }

    pub fn kernel(&mut self) -> &mut K {
        &mut self.kernel
    }

    /// Services that are ours by record, before any goal is known.
    pub fn owned(&self) -> usize {
        self.record.services.len()
    }

    /// From now on what goes is removed at once, whatever its connections.
    pub fn hurry(&mut self) {
        self.grace = Duration::ZERO;
    }

    /// Compares with the kernel and changes what differs. Reads the table where `look` says so,
    /// or where it is not known; else goes by what it left.
    pub fn round(&mut self, goal: &Goal, look: bool, now: Moment) -> Result<Round, ipvs::Error> {
        let changed = !self
            .standing
            .as_ref()
            .is_some_and(|old| Arc::ptr_eq(old, &goal.standing));
        let believed = self.known.take();
        let observed = match believed {
            Some(known) if !look => known,
            _ => self.kernel.table()?,
        };
        let scoped = scope(observed, &goal.desired, &self.record.services);
        let mut ours = scoped.ours;
        let mut want = goal.desired.clone();
        self.drain(goal, &ours, &mut want, changed, now)?;
        let steps = diff(&ours, &want);
        let mut round = Round {
            // A goal that is new may differ for good reason; at a mere look nothing should.
            repaired: look && !changed && self.standing.is_some(),
            draining: self.record.draining.len(),
            ..Round::default()
        };
        // On record before the first change: a crash leaves nothing that nobody owns.
        self.record.services.extend(want.keys());
        self.keep_record(&mut round);
        self.set_timeouts(&goal.standing.timeouts)?;

        let report = carry_out(&mut self.kernel, steps)?;
        for step in &report.done {
            replay(&mut ours, step);
        }
        let whole = report.refused.is_empty();
        let stays = |key: &ServiceKey| want.contains_key(key) || ours.contains_key(key);
        self.record.services.retain(stays);
        self.keep_record(&mut round);
        round.repaired &= !report.done.is_empty();
        round.done = report.done;
        round.refused = report.refused;
        round.skipped = report.skipped;
        self.standing = Some(Arc::clone(&goal.standing));
        // A refusal means that the kernel is not as we think: the next round looks. Foreign
        // services play no part in a round that does not look.
        self.known = whole.then_some(ours);
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
        let Some(mut known) = self.known.take_if(|_| stands) else {
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
        let report = carry_out(&mut self.kernel, steps)?;
        for step in &report.done {
            replay(&mut known, step);
        }
        self.known = report.refused.is_empty().then_some(known);
        Ok(Round {
            done: report.done,
            refused: report.refused,
            skipped: report.skipped,
            draining: self.record.draining.len(),
            ..Round::default()
        })
    }

    /// Servers that left the file stay at weight 0 for a while; what merely turned up goes.
    fn drain(
        &mut self,
        goal: &Goal,
        ours: &Table,
        want: &mut Table,
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
        let active = self.active(&draining)?;
        let active = |service: &_, dest: &_| active.get(&(*service, *dest)).copied().unwrap_or(0);
        drain::settle(&mut draining, ours, named, self.grace, now, active);
        drain::hold(want, ours, &draining);
        self.record.draining = draining;
        Ok(())
    }

    fn active(
        &mut self,
        draining: &drain::Draining,
    ) -> Result<BTreeMap<(ServiceKey, DestKey), u32>, ipvs::Error> {
        let mut active = BTreeMap::new();
        let mut last = None;
        for (service, _) in draining.keys() {
            if last.replace(*service) == Some(*service) {
                continue;
            }
            for (dest, connections) in self.kernel.connections(service)? {
                active.insert((*service, dest), connections.active);
            }
        }
        Ok(active)
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

    /// Sets what the file asks for, and what was before where it asks no more.
    fn set_timeouts(&mut self, want: &Timeouts) -> Result<(), ipvs::Error> {
        let asked = self.standing.as_ref().map(|standing| standing.timeouts);
        if asked.unwrap_or_default() == *want {
            return Ok(());
        }
        let before = match self.timeouts_before {
            Some(before) => before,
            None => *self.timeouts_before.insert(self.kernel.timeouts()?),
        };
        let or = |want: u32, before: u32| if want == 0 { before } else { want };
        let timeouts = Timeouts {
            tcp: or(want.tcp, before.tcp),
            tcp_fin: or(want.tcp_fin, before.tcp_fin),
            udp: or(want.udp, before.udp),
        };
        if timeouts != self.kernel.timeouts()? {
            self.kernel.set_timeouts(&timeouts)?;
        }
        Ok(())
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
