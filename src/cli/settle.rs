//! The end of an apply: reading back what was written.

use std::mem;
use std::panic::resume_unwind;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use super::args;
use super::done::{Done, Timings};
use super::format::Format;
use super::plan::show_steps;
use super::source::Read;
use super::terminal::Terminal;
use crate::ipvs::Client;
use crate::model::service::ServiceKey;
use crate::model::table::Table;
use crate::plan::Object;
use crate::sys::state::{Folder, Lock, Record};

/// A namespace that is ours alone until this is dropped.
pub(super) struct Claimed {
    pub(super) kernel: Client,
    pub(super) folder: Folder,
    pub(super) lock: Lock,
}

/// What was sent, before it is known to be there.
pub(super) struct Changed {
    pub(super) done: Done,
    pub(super) want: Table,
    pub(super) record: Record,
}

/// What was found in the end.
struct Settled {
    mismatches: Result<Vec<Object>, String>,
    note: Option<String>,
    at: Instant,
}

/// Reads back what was written, and tells people meanwhile what was done: a pager that stands still
/// keeps nobody from the namespace.
pub(super) fn settle(
    args: &args::Apply,
    read: &Read,
    claimed: Claimed,
    changed: Changed,
    timings: &mut Timings,
    terminal: &mut Terminal<'_>,
) -> Done {
    let Changed {
        mut done,
        want,
        record,
    } = changed;
    let held = Mutex::new(Some((claimed, record)));
    let end = || {
        let held = held.lock().unwrap_or_else(PoisonError::into_inner).take();
        held.map(|(claimed, record)| end(claimed, &done, &want, record))
    };
    let settled = thread::scope(|scope| {
        let thread = thread::Builder::new().spawn_scoped(scope, end);
        // What was done is done, whether or not somebody still listens.
        if args.format == Format::Human {
            let _ = show_steps(&done.steps, read, terminal).and_then(|()| terminal.out.flush());
        }
        match thread {
            Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
            // As where no more threads may be started.
            Err(_) => end(),
        }
    });
    let settled = settled.expect("it is held until it is settled");
    mem::forget(want);
    timings.phase_until("verify", settled.at);
    match settled.mismatches {
        Ok(mismatches) => done.mismatches = mismatches,
        Err(sentence) => done.broke = done.broke.take().or(Some(sentence)),
    }
    done.notes.extend(settled.note);
    done
}

/// The end of a claim: the table is as was wanted, or known not to be, and so is the record.
fn end(mut claimed: Claimed, done: &Done, want: &Table, mut record: Record) -> Settled {
    let mismatches = done.check(&mut claimed.kernel, want);
    let unknown = mismatches.is_err();
    let stays = |key: &ServiceKey| unknown || want.contains_key(key) || done.left(key);
    let before = record.services.len();
    record.services.retain(stays);
    let written = if record.services.len() == before {
        Ok(())
    } else {
        claimed.folder.write(&record)
    };
    let out_of_date = |error| {
        let path = claimed.folder.path().display();
        format!("the record in {path} is out of date: {error}")
    };
    let note = written.err().map(out_of_date);
    drop(claimed.lock);
    Settled {
        mismatches,
        note,
        at: Instant::now(),
    }
}
