use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::time::{Duration, Instant};

use serde_json::json;

use super::args;
use super::exit::Exit;
use super::format::Format;
use super::plan::foreign_note;
use super::source::{self, Read};
use super::terminal::Terminal;
use crate::claim;
use crate::health::all_up;
use crate::ipvs::{self, Client, Ipvs, Mismatch, Refusal, carry_out, verify};
use crate::model::director::Timeouts;
use crate::model::service::ServiceKey;
use crate::model::table::Table;
use crate::plan::json::{Report, StepShape};
use crate::plan::{Step, diff, drain, keep_weights, scope, show};
use crate::sys::clock;
use crate::sys::state::{Folder, Record};

/// Exit 0 done and verified, 1 partly refused, 2 nothing changed.
pub(super) fn run(args: &args::Apply, terminal: &mut Terminal<'_>) -> io::Result<Exit> {
    let mut timings = Timings::start();
    let Some(read) = source::read(&args.source.file, args.source.strict, terminal)? else {
        return Ok(Exit::Refused);
    };
    timings.phase("read");
    let done = match apply(args, &read, &mut timings, terminal)? {
        Ok(done) => done,
        Err(sentence) => {
            terminal.error(&sentence)?;
            return Ok(Exit::Refused);
        }
    };
    show(args, &done, &read, &timings, terminal)?;
    Ok(if done.is_whole() {
        Exit::Done
    } else {
        Exit::Partly
    })
}

/// What was done, and what was not.
#[derive(Default)]
struct Done {
    /// As planned.
    steps: Vec<Step>,
    refused: Vec<(Step, Refusal)>,
    skipped: Vec<Step>,
    foreign: Vec<ServiceKey>,
    mismatches: Vec<Mismatch>,
    timeouts: Option<Timeouts>,
    /// The kernel became unreachable on the way.
    broke: Option<String>,
    notes: Vec<String>,
}

impl Done {
    fn is_whole(&self) -> bool {
        self.refused.is_empty() && self.mismatches.is_empty() && self.broke.is_none()
    }

    fn is_nothing(&self) -> bool {
        self.steps.is_empty() && self.timeouts.is_none()
    }
}

fn whole(error: impl std::error::Error + Send + Sync + 'static) -> String {
    format!("{:#}", anyhow::Error::new(error))
}

fn apply(
    args: &args::Apply,
    read: &Read,
    timings: &mut Timings,
    terminal: &mut Terminal<'_>,
) -> io::Result<Result<Done, String>> {
    let (mut kernel, folder, _lock) = match claim(args, read) {
        Ok(claimed) => claimed,
        Err(refused) => return Ok(Err(whole(refused))),
    };
    let (record, unusable) = folder.record();
    if let Some(sentence) = unusable {
        terminal.warning(&sentence)?;
    }
    if let Some(rivals) = claim::rivals() {
        terminal.warning(&rivals)?;
    }
    let owned = record.services.len();
    if let Some(sentence) = source::empties(&args.source, &read.director, owned) {
        return Ok(Err(sentence));
    }
    Ok(converge(args, read, &mut kernel, &folder, record, timings))
}

fn claim(
    args: &args::Apply,
    read: &Read,
) -> Result<(Client, Folder, crate::sys::state::Lock), claim::Refused> {
    let globals = &read.director.globals;
    let netns = args.place.netns.as_deref();
    claim::enter(netns, globals)?;
    claim::enter_ipvs(netns, globals)?;
    let kernel = claim::kernel()?;
    let folder = claim::folder(&args.place.state_dir, globals)?;
    let lock = claim::lock(&folder)?;
    Ok((kernel, folder, lock))
}

/// From here on the kernel may change; an error before the first change is a sentence.
fn converge(
    args: &args::Apply,
    read: &Read,
    kernel: &mut Client,
    folder: &Folder,
    mut record: Record,
    timings: &mut Timings,
) -> Result<Done, String> {
    let mut want = all_up(&read.director);
    let named: BTreeSet<ServiceKey> = want.keys().copied().collect();
    let observed = kernel.table().map_err(whole)?;
    let scoped = scope(observed, &want, &record.services);
    if args.keep_weights {
        want = keep_weights(&scoped.ours, want);
    }
    let before = record.clone();
    drain(args, read, kernel, &scoped.ours, &mut record, &mut want).map_err(whole)?;
    let steps = diff(&scoped.ours, &want);
    let timeouts = timeouts(read, kernel).map_err(whole)?;
    let mut done = Done {
        steps: steps.clone(),
        foreign: scoped.foreign,
        timeouts,
        ..Done::default()
    };
    // Before the first change: a crash leaves nothing that nobody owns.
    record.services.extend(named.iter().copied());
    if record != before {
        folder.write(&record).map_err(whole)?;
    }
    timings.phase("plan");
    if let Some(timeouts) = &done.timeouts {
        kernel.set_timeouts(timeouts).map_err(whole)?;
    }
    match carry_out(kernel, steps) {
        Ok(report) => {
            done.refused = report.refused;
            done.skipped = report.skipped;
        }
        Err(error) => done.broke = Some(whole(error)),
    }
    timings.phase("program");
    done.check(kernel, &want);
    let kept: BTreeSet<ServiceKey> = want.keys().copied().collect();
    let stays = |key: &ServiceKey| kept.contains(key) || done.left(key);
    record.services.retain(stays);
    if record != before
        && let Err(error) = folder.write(&record)
    {
        let path = folder.path().display();
        done.notes
            .push(format!("the record in {path} is out of date: {error}"));
    }
    timings.phase("verify");
    Ok(done)
}

/// Leaves servers that are no longer in the file at weight 0 while they have connections.
fn drain(
    args: &args::Apply,
    read: &Read,
    kernel: &mut Client,
    ours: &Table,
    record: &mut Record,
    want: &mut Table,
) -> Result<(), ipvs::Error> {
    let now = clock::now();
    let servers = read.director.virtual_servers.iter();
    let named = servers.flat_map(|server| {
        let dests = server.real_servers.iter().map(|real| real.key);
        let of = |key: &ServiceKey| dests.clone().map(|dest| (*key, dest)).collect::<Vec<_>>();
        server.keys.iter().flat_map(of).collect::<Vec<_>>()
    });
    let named = named.collect();
    for server in drain::leaving(ours, &named) {
        record.draining.entry(server).or_insert(now);
    }
    let mut active = BTreeMap::new();
    let services: BTreeSet<ServiceKey> = record.draining.keys().map(|(key, _)| *key).collect();
    if args.removal_grace > Duration::ZERO {
        for service in services {
            for (dest, connections) in kernel.connections(&service)? {
                active.insert((service, dest), connections.active);
            }
        }
    }
    let connections = |service: &_, dest: &_| active.get(&(*service, *dest)).copied().unwrap_or(0);
    drain::settle(
        &mut record.draining,
        ours,
        &named,
        args.removal_grace,
        now,
        connections,
    );
    drain::hold(want, ours, &record.draining);
    Ok(())
}

/// The timeouts to set: those the file asks for that are not in force.
fn timeouts(read: &Read, kernel: &mut Client) -> Result<Option<Timeouts>, ipvs::Error> {
    let want = read.director.globals.timeouts;
    if want == Timeouts::default() {
        return Ok(None);
    }
    let have = kernel.timeouts()?;
    let differs = |want: u32, have: u32| if want == have { 0 } else { want };
    let set = Timeouts {
        tcp: differs(want.tcp, have.tcp),
        tcp_fin: differs(want.tcp_fin, have.tcp_fin),
        udp: differs(want.udp, have.udp),
    };
    Ok((set != Timeouts::default()).then_some(set))
}

impl Done {
    /// Reads back what was written.
    fn check(&mut self, kernel: &mut Client, want: &Table) {
        let touched: BTreeSet<ServiceKey> = self.steps.iter().map(|step| step.service).collect();
        let troubled: BTreeSet<ServiceKey> = self
            .refused
            .iter()
            .map(|(step, _)| step.service)
            .chain(self.skipped.iter().map(|step| step.service))
            .collect();
        match verify(kernel, &touched, want) {
            // What was refused is reported as that.
            Ok(mismatches) => self
                .mismatches
                .extend(mismatches.into_iter().filter(|mismatch| {
                    let (Mismatch::Service(key) | Mismatch::Dest(key, _)) = mismatch;
                    !troubled.contains(key)
                })),
            Err(error) => self.broke = self.broke.take().or(Some(whole(error))),
        }
    }

    /// Whether a service that was to go is still there, as far as is known.
    fn left(&self, key: &ServiceKey) -> bool {
        let refused = self.refused.iter().map(|(step, _)| step);
        let mut open = refused.chain(&self.skipped);
        self.broke.is_some() || open.any(|step| step.service == *key)
    }
}

fn show(
    args: &args::Apply,
    done: &Done,
    read: &Read,
    timings: &Timings,
    terminal: &mut Terminal<'_>,
) -> io::Result<()> {
    if args.format == Format::Json {
        return show_json(args, done, read, timings, terminal);
    }
    for step in &done.steps {
        let line = show::line(step, read.place(step).as_deref());
        writeln!(terminal.out, "{}", show::paint(&line, terminal.color_out))?;
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
    let object = |step: &Step| (step.service, step.dest());
    let refused = done
        .refused
        .iter()
        .map(|(step, refusal)| (object(step), refusal));
    let refused: BTreeMap<_, &Refusal> = refused.collect();
    let skipped: BTreeSet<_> = done.skipped.iter().map(object).collect();
    let shapes = done.steps.iter().map(|step| {
        let shape = StepShape::new(step, read.place(step));
        if let Some(refusal) = refused.get(&object(step)) {
            return shape.outcome("refused", Some(refusal.explain(step)));
        }
        let was_skipped = skipped.contains(&object(step));
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
    let differs = |mismatch: &Mismatch| format!("{mismatch} reads back otherwise");
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
struct Timings {
    last: Instant,
    phases: Vec<(&'static str, Duration)>,
}

impl Timings {
    fn start() -> Self {
        Self {
            last: Instant::now(),
            phases: Vec::new(),
        }
    }

    fn phase(&mut self, name: &'static str) {
        let now = Instant::now();
        self.phases.push((name, now - self.last));
        self.last = now;
    }
}
