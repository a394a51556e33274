use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::time::{Duration, Instant};

use serde_json::json;

use super::args;
use super::format::Format;
use super::plan::foreign_note;
use super::source::Read;
use super::terminal::Terminal;
use crate::claim::sentence;
use crate::ipvs::{Client, Refusal, verify};
use crate::model::director::Timeouts;
use crate::model::service::ServiceKey;
use crate::model::table::Table;
use crate::plan::json::{Report, StepShape};
use crate::plan::{Object, Step, show};

/// What was done, and what was not.
#[derive(Default)]
pub(super) struct Done {
    /// As planned.
    pub(super) steps: Vec<Step>,
    pub(super) refused: Vec<(Step, Refusal)>,
    pub(super) skipped: Vec<Step>,
    pub(super) foreign: Vec<ServiceKey>,
    pub(super) mismatches: Vec<Object>,
    pub(super) timeouts: Option<Timeouts>,
    /// The kernel became unreachable on the way.
    pub(super) broke: Option<String>,
    pub(super) notes: Vec<String>,
}

impl Done {
    pub(super) fn is_whole(&self) -> bool {
        self.refused.is_empty() && self.mismatches.is_empty() && self.broke.is_none()
    }

    fn is_nothing(&self) -> bool {
        self.steps.is_empty() && self.timeouts.is_none()
    }
}

impl Done {
    /// Reads back what was written.
    pub(super) fn check(&self, kernel: &mut Client, want: &Table) -> Result<Vec<Object>, String> {
        let services = self
            .steps
            .chunk_by(|step, next| step.service == next.service);
        let touched: BTreeSet<ServiceKey> = services.map(|steps| steps[0].service).collect();
        let troubled: BTreeSet<ServiceKey> = self
            .refused
            .iter()
            .map(|(step, _)| step.service)
            .chain(self.skipped.iter().map(|step| step.service))
            .collect();
        let mut mismatches = verify(kernel, &touched, want).map_err(sentence)?;
        // What was refused is reported as that.
        mismatches.retain(|mismatch| {
            let service = mismatch.service();
            service.is_none_or(|service| !troubled.contains(&service))
        });
        Ok(mismatches)
    }

    /// Whether a service that was to go is still there, as far as is known.
    pub(super) fn left(&self, key: &ServiceKey) -> bool {
        let refused = self.refused.iter().map(|(step, _)| step);
        let mut open = refused.chain(&self.skipped);
        self.broke.is_some() || open.any(|step| step.service == *key)
    }
}

/// What machines are told of it, or people behind the steps.
pub(super) fn show(
    args: &args::Apply,
    done: &Done,
    read: &Read,
    timings: &Timings,
    terminal: &mut Terminal<'_>,
) -> io::Result<()> {
    if args.format == Format::Json {
        return show_json(args, done, read, timings, terminal);
    }
    for (step, refusal) in &done.refused {
        terminal.error(&format!(
            "the kernel refused to {step}: {}",
            refusal.explain(step)
        ))?;
    }
    for step in &done.skipped {
        terminal.warning(&format!("not done, because of what was refused: {step}"))?;
    }
    for mismatch in &done.mismatches {
        terminal.error(&format!(
            "{mismatch} was changed but reads back otherwise: somebody else changes this table"
        ))?;
    }
    if let Some(broke) = &done.broke {
        terminal.error(&format!("{broke}; how much of it was done is not known"))?;
    }
    for note in &done.notes {
        terminal.warning(note)?;
    }
    if let Some(Timeouts { tcp, tcp_fin, udp }) = done.timeouts {
        writeln!(
            terminal.out,
            "timeouts set, 0 left as it was: tcp {tcp} tcpfin {tcp_fin} udp {udp}"
        )?;
    }
    let foreign = foreign_note(&done.foreign).unwrap_or_default();
    let open = done.refused.len() + done.skipped.len();
    let result = if done.steps.is_empty() {
        show::summary(&done.steps)
    } else if done.is_whole() {
        format!("done and verified: {}", show::summary(&done.steps))
    } else {
        format!(
            "partly done: {open} of {} changes were not made",
            done.steps.len()
        )
    };
    writeln!(terminal.out, "{foreign}{result}")?;
    if args.timings {
        for (phase, took) in &timings.phases {
            writeln!(
                terminal.out,
                "{phase:8} {:10.3} ms",
                took.as_secs_f64() * 1e3
            )?;
        }
    }
    Ok(())
}

fn show_json(
    args: &args::Apply,
    done: &Done,
    read: &Read,
    timings: &Timings,
    terminal: &mut Terminal<'_>,
) -> io::Result<()> {
    let refused = done
        .refused
        .iter()
        .map(|(step, refusal)| (step.object(), refusal));
    let refused: BTreeMap<_, &Refusal> = refused.collect();
    let skipped: BTreeSet<_> = done.skipped.iter().map(Step::object).collect();
    let shapes = done.steps.iter().map(|step| {
        let shape = StepShape::new(step, read.place(step));
        if let Some(refusal) = refused.get(&step.object()) {
            return shape.outcome("refused", Some(refusal.explain(step)));
        }
        let was_skipped = skipped.contains(&step.object());
        shape.outcome(if was_skipped { "skipped" } else { "done" }, None)
    });
    let result = match (done.is_nothing(), done.is_whole()) {
        (true, true) => "nothing-to-do",
        (false, true) => "applied",
        (_, false) => "partly",
    };
    let mut report = Report::new(shapes.collect(), &done.foreign, result);
    report.notes.clone_from(&done.notes);
    report.notes.extend(done.broke.clone());
    let differs = |mismatch: &Object| format!("{mismatch} reads back otherwise");
    report.notes.extend(done.mismatches.iter().map(differs));
    if args.timings {
        let phases = timings.phases.iter();
        let phases = phases.map(|(phase, took)| (*phase, json!(took.as_secs_f64())));
        report.timings = Some(
            phases
                .map(|(phase, took)| (phase.to_owned(), took))
                .collect(),
        );
    }
    writeln!(terminal.out, "{}", report.render())
}

/// How long each phase took, for `--timings`.
pub(super) struct Timings {
    last: Instant,
    phases: Vec<(&'static str, Duration)>,
}

impl Timings {
    pub(super) fn start() -> Self {
        Self {
            last: Instant::now(),
            phases: Vec::new(),
        }
    }

    pub(super) fn phase(&mut self, name: &'static str) {
        self.phase_until(name, Instant::now());
    }

    /// One that ended then.
    pub(super) fn phase_until(&mut self, name: &'static str, end: Instant) {
        self.phases.push((name, end - self.last));
        self.last = end;
    }
}
