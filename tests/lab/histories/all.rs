use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use crate::director::Programs;
use crate::history::History;
use crate::keep::{keep, keep_as_stated};
use crate::ledger::Ledger;
use crate::options::Options;
use crate::outcome::Outcome;
use crate::random::Random;
use crate::tell::tell;

/// So many histories in a sample.
const SAMPLE: usize = 8;
/// So many are told at once: they wait most of the time.
const AT_ONCE: usize = 8;

/// Tells the histories that are wanted; how many did not get to their end or state what is not so.
pub fn run(options: &Options, ledger: &mut Ledger) -> usize {
    let mut histories = History::all();
    let known = histories.len();
    histories.retain(|history| options.wants(&history.name));
    if !options.soak && options.only.is_none() {
        Random::new(options.seed).shuffle(&mut histories);
        histories.truncate(SAMPLE);
    }
    let count = histories.len();
    println!("histories: {count} of {known}");
    let programs = Programs::new();
    let start = Instant::now();
    let waiting: Mutex<VecDeque<History>> = Mutex::new(histories.into());
    let next = || waiting.lock().unwrap().pop_front();
    let judged = Mutex::new((ledger, 0));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(history) = next() {
                    let outcome = tell(&history, &programs);
                    let (ledger, faulty) = &mut *judged.lock().unwrap();
                    *faulty += usize::from(!judge(&history, &outcome, options, ledger));
                }
            });
        }
    });
    let (_, faulty) = judged.into_inner().unwrap();
    let took = start.elapsed().as_secs();
    println!("histories: {count} told in {took} s, {faulty} with faults");
    faulty
}

/// Says what came of one. False where it has faults.
fn judge(history: &History, outcome: &Outcome, options: &Options, ledger: &mut Ledger) -> bool {
    let mut faults = outcome.faults.clone();
    faults.extend(outcome.gaps(history));
    if options.write {
        keep_as_stated(history, outcome);
    } else {
        faults.extend(outcome.misstated(history));
    }
    // Of one that did not take part, all would differ.
    let took_part = outcome.faults.is_empty();
    let differences = if took_part {
        outcome.differences(history)
    } else {
        Vec::new()
    };
    let listed = ledger.knows(&history.name, differences.iter().cloned());
    let word = match (faults.is_empty(), differences.len()) {
        (false, _) => "at fault".to_owned(),
        (true, 0) => "the same".to_owned(),
        (true, count) if listed => format!("{count} listed differences"),
        (true, _) => "not the same".to_owned(),
    };
    let (name, seconds) = (&history.name, outcome.took.as_secs_f64());
    let mut said = format!(
        "{name:40} {word}, {} tables, {seconds:.1} s\n",
        outcome.tables()
    );
    for line in faults.iter().chain(&differences) {
        let _ = writeln!(said, "  {line}");
    }
    if !faults.is_empty() || !listed || options.only.is_some() {
        let _ = write!(said, "{outcome}");
        keep(&format!("{name}.log"), &outcome.logs);
    }
    print!("{said}");
    faults.is_empty()
}
