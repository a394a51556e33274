use std::collections::{BTreeMap, BTreeSet};
use std::panic::resume_unwind;
use std::time::Duration;
use std::{io, mem, thread};

use super::args;
use super::broken;
use super::done::{self, Done, Timings};
use super::exit::Exit;
use super::settle::{Changed, Claimed, settle};
use super::source::{self, Read};
use super::terminal::Terminal;
use crate::claim::{self, sentence};
use crate::health::all_up;
use crate::ipvs::{self, Client, Ipvs, carry_out, observe};
use crate::model::director::Timeouts;
use crate::model::service::ServiceKey;
use crate::model::table::Table;
use crate::plan::{Named, diff, drain, keep_weights, scope};
use crate::sys::state::{Folder, Record};
use crate::sys::{allocator, clock};

/// Exit 0 done and verified, 1 partly refused, 2 nothing changed.
pub(super) fn run(args: &args::Apply, terminal: &mut Terminal<'_>) -> io::Result<Exit> {
    allocator::keep();
    let mut timings = Timings::start();
    let Some(read) = source::read(&args.source.file, &args.source, terminal)? else {
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
    let _ = done::show(args, &done, &read, &timings, terminal);
    let exit = if done.is_whole() {
        Exit::Done
    } else {
        Exit::Partly
    };
    // The process ends: giving a hundred thousand allocations back one by one would be waited for.
    mem::forget((done, read));
    Ok(exit)
}

fn apply(
    args: &args::Apply,
    read: &Read,
    timings: &mut Timings,
    terminal: &mut Terminal<'_>,
) -> io::Result<Result<Done, String>> {
    let mut claimed = match claim(args, read) {
        Ok(claimed) => claimed,
        Err(refused) => return Ok(Err(sentence(refused))),
    };
    let (record, unusable) = claimed.folder.record();
    if let Some(sentence) = unusable {
        terminal.warning(&sentence)?;
    }
    // Looks at every process of the host, while the kernel is read and changed.
    let rivals = thread::Builder::new().spawn(claim::rivals);
    let owned = record.services.len();
    if let Some(sentence) = source::empties(&args.source, &read.director, owned) {
        return Ok(Err(sentence));
    }
    let done = change(args, read, &mut claimed, record, timings);
    let done = done.map(|changed| settle(args, read, claimed, changed, timings, terminal));
    let rivals = match rivals {
        Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
        // As where no more threads may be started.
        Err(_) => claim::rivals(),
    };
    if let Some(rivals) = rivals {
        terminal.warning(&rivals)?;
    }
    Ok(done)
}

fn claim(args: &args::Apply, read: &Read) -> Result<Claimed, claim::Refused> {
    let globals = &read.director.globals;
    let netns = args.place.netns.as_deref();
    claim::enter(netns, globals)?;
    claim::enter_ipvs(netns, globals)?;
    let kernel = claim::kernel()?;
    let folder = claim::folder(&args.place.state_dir, globals)?;
    let lock = claim::lock(&folder)?;
    Ok(Claimed {
        kernel,
        folder,
        lock,
    })
}

/// From here on the kernel may change; an error before the first change is a sentence.
fn change(
    args: &args::Apply,
    read: &Read,
    claimed: &mut Claimed,
    mut record: Record,
    timings: &mut Timings,
) -> Result<Changed, String> {
    let kernel = &mut claimed.kernel;
    let mut want = all_up(&read.director);
    let unnamed = record.services.iter();
    let unnamed = unnamed.filter(|key| !want.contains_key(key));
    let expected = want.keys().chain(unnamed);
    let observed = observe(kernel, &want, expected).map_err(sentence)?;
    let scoped = scope(observed, &want, &record.services);
    if args.keep_weights {
        want = keep_weights(&scoped.ours, want);
    }
    let before = record.draining.clone();
    drain(args, read, kernel, &scoped.ours, &mut record, &mut want).map_err(sentence)?;
    let steps = diff(&scoped.ours, &want);
    let left = broken::families(&want, &scoped.foreign);
    let notes = broken::notes(kernel, &steps, &left).map_err(sentence)?;
    let timeouts = timeouts(read, kernel).map_err(sentence)?;
    let mut done = Done {
        foreign: scoped.foreign,
        timeouts,
        notes,
        ..Done::default()
    };
    // Before the first change: a crash leaves nothing that nobody owns.
    let fresh = want.keys().filter(|key| !record.services.contains(*key));
    let fresh: BTreeSet<ServiceKey> = fresh.copied().collect();
    if !fresh.is_empty() || record.draining != before {
        record.services.extend(fresh);
        put_on_record(&claimed.folder, &record)?;
    }
    if !steps.is_empty() {
        claim::preload(&read.director);
    }
    timings.phase("plan");
    if let Some(timeouts) = &done.timeouts {
        kernel.set_timeouts(timeouts).map_err(sentence)?;
    }
    match carry_out(kernel, steps) {
        Ok(report) => {
            done.steps = report.done;
            done.refused = report.refused;
            done.skipped = report.skipped;
        }
        Err(error) => done.broke = Some(sentence(error)),
    }
    if !done.is_whole() {
        // As planned, in its order: a large plan that went well is there once.
        done.steps = diff(&scoped.ours, &want);
    }
    timings.phase("program");
    mem::forget(scoped.ours);
    Ok(Changed { done, want, record })
}

/// A record that cannot be written would leave services that nobody owns after the next change of
/// the file: nothing is begun then.
fn put_on_record(folder: &Folder, record: &Record) -> Result<(), String> {
    folder.write(record).map_err(|source| {
        let path = folder.path().display().to_string();
        let refused = sentence(claim::Refused::State { path, source });
        format!("{refused}; nothing was changed, because what lvsctl makes must be on record first")
    })
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
    let unnamed = ours.iter().any(|(key, have)| {
        let want = want.get(key).map(|want| &want.pool);
        let named = |(dest, _): (&_, &_)| want.is_some_and(|want| want.contains(dest));
        !have.pool.iter().all(named)
    });
    if !unnamed && record.draining.is_empty() {
        return Ok(());
    }
    let now = clock::now();
    let named = Named::by(&read.director);
    for server in drain::leaving(ours, &named) {
        record.draining.entry(server).or_insert(now);
    }
    let mut all = BTreeMap::new();
    let services: BTreeSet<ServiceKey> = record.draining.keys().map(|(key, _)| *key).collect();
    if args.removal_grace > Duration::ZERO {
        for service in services {
            for (dest, connections) in kernel.connections(&service)? {
                all.insert((service, dest), connections);
            }
        }
    }
    let connections =
        |service: &_, dest: &_| all.get(&(*service, *dest)).copied().unwrap_or_default();
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
