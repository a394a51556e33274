use std::collections::VecDeque;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use lvsctl::sys::clock;

use crate::director::{Director, Programs};
use crate::history::History;
use crate::ledger::Ledger;
use crate::options::Options;
use crate::outcome::Outcome;
use crate::random::Random;
use crate::record::Record;
use crate::scene::Scene;
use crate::sequence::Channel;
use crate::step::Step;

/// So many histories in a sample.
const SAMPLE: usize = 8;
/// So many are told at once: they wait most of the time.
const AT_ONCE: usize = 8;
/// So long a program may take to its first table.
const START: Duration = Duration::from_secs(30);
const NAMES: [&str; 2] = ["keepalived", "lvsctl"];
/// What is still on its way when the last step is done.
const REST: Duration = Duration::from_secs(1);

/// Tells the histories that are wanted; how many did not get to their end or state what is not so.
pub fn all(options: &Options, ledger: &mut Ledger) -> usize {
    let mut histories = History::all();
    let known = histories.len();
    histories.retain(|history| options.wants(&history.name));
    if !options.soak && options.only.is_none() {
        Random::new(options.seed).shuffle(&mut histories);
        histories.truncate(SAMPLE);
    }
    let programs = Programs::new();
    let start = Instant::now();
    let count = histories.len();
    println!("histories: {count} of {known}");
    let waiting: Mutex<VecDeque<History>> = Mutex::new(histories.into());
    let ledger = Mutex::new(ledger);
    let faulty = Mutex::new(0);
    let next = || waiting.lock().unwrap().pop_front();
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(history) = next() {
                    let outcome = one(&history, &programs);
                    if !judge(&history, &outcome, options, &mut ledger.lock().unwrap()) {
                        *faulty.lock().unwrap() += 1;
                    }
                }
            });
        }
    });
    let faulty = faulty.into_inner().unwrap();
    let took = start.elapsed().as_secs();
    println!("histories: {count} told in {took} s, {faulty} with faults");
    faulty
}

/// Says what came of it. False where it has faults.
fn judge(history: &History, outcome: &Outcome, options: &Options, ledger: &mut Ledger) -> bool {
    let mut differences = Vec::new();
    if outcome.faults.is_empty() {
        differences = outcome.differences(history);
    }
    let listed = ledger.knows(&history.name, differences.iter().cloned());
    let mut faults = outcome.faults.clone();
    faults.extend(outcome.gaps(history));
    if std::env::var_os("LVSCTL_WRITE").is_some() {
        write(history, outcome);
    } else {
        faults.extend(outcome.misstated(history));
    }
    let word = match (faults.is_empty(), differences.len()) {
        (false, _) => "at fault".to_owned(),
        (true, 0) => "the same".to_owned(),
        (true, count) if listed => format!("{count} listed differences"),
        (true, _) => "not the same".to_owned(),
    };
    let tables = outcome.seen[0]
        .1
        .iter()
        .filter(|seen| !seen.passing)
        .count();
    let seconds = outcome.took.as_secs_f64();
    let mut said = format!(
        "{:40} {word}, {tables} tables, {seconds:.1} s\n",
        history.name
    );
    for line in faults.iter().chain(&differences) {
        let _ = writeln!(said, "  {line}");
    }
    if !faults.is_empty() || !listed || options.only.is_some() {
        let _ = write!(said, "{outcome}");
        keep(&format!("{}.log", history.name), &outcome.logs);
    }
    print!("{said}");
    faults.is_empty()
}

static STARTING: Mutex<()> = Mutex::new(());

/// Tells one history.
fn one(history: &History, programs: &Programs) -> Outcome {
    // Starting is the hard work: one at a time, so that each is quick.
    let mut starting = Some(STARTING.lock().unwrap_or_else(PoisonError::into_inner));
    let start = Instant::now();
    let mut scene = Scene::new(&crate::stage::topology::prefix());
    scene.write("keepalived.conf", history.first_file());
    let records = [
        Record::start(&scene.keepalived),
        Record::start(&scene.lvsctl),
    ];
    let mut directors: Vec<Director> = Vec::new();
    let mut opened = None;
    let mut faults = Vec::new();
    for step in &history.steps {
        if starting.is_none() && opened.is_none() && !matches!(step, Step::Wait(_)) {
            opened = Some(clock::now());
        }
        match step {
            Step::Start(numbers, kind) => scene.start(numbers, *kind),
            Step::Kill(numbers) => scene.kill(numbers),
            Step::Silence(numbers) => scene.silence(numbers, true),
            Step::Speak(numbers) => scene.silence(numbers, false),
            Step::Publish(number, page) => scene.publish(*number, page),
            Step::Withdraw(number, page) => scene.withdraw(*number, page),
            Step::Write(name, text) => scene.write(name, text),
            Step::Erase(name) => scene.erase(name),
            Step::Wait(time) => thread::sleep(*time),
            Step::Begin => {
                directors = begin(programs, &scene, &records, &mut faults);
                starting = None;
            }
            Step::Reload(name) => {
                if let Some(name) = name {
                    let text = history
                        .file(name)
                        .unwrap_or_else(|| panic!("no file {name}"));
                    scene.write("keepalived.conf", text);
                }
                let running = directors.iter_mut().filter_map(|d| d.runs().then_some(d));
                running.for_each(|director| director.reload());
            }
            Step::Stop => stop(&mut directors, &mut faults),
        }
    }
    thread::sleep(REST);
    let ends_by_itself = history.steps.contains(&Step::Stop);
    for (director, name) in directors.iter_mut().zip(NAMES) {
        if !ends_by_itself
            && !director.runs()
            && !faults.iter().any(|f: &String| f.starts_with(name))
        {
            faults.push(format!("{name} ended"));
        }
    }
    let mut logs = String::new();
    for (director, name) in directors.iter().zip(NAMES) {
        let _ = writeln!(logs, "--- {name}\n{}", director.log());
    }
    drop(directors);
    let seen = Channel::ALL.map(|channel| {
        let [theirs, ours] = [&records[0], &records[1]].map(|record| record.sequence(channel));
        (channel, theirs, ours)
    });
    Outcome {
        began: [0, 1].map(|nth: usize| records[nth].begun().unwrap_or_default()),
        opened: opened.unwrap_or_else(clock::now),
        seen: seen.to_vec(),
        faults,
        logs,
        took: start.elapsed(),
    }
}

/// keepalived takes longer to start: lvsctl follows when the other has its first table.
fn begin(
    programs: &Programs,
    scene: &Scene,
    records: &[Record; 2],
    faults: &mut Vec<String>,
) -> Vec<Director> {
    let mut keepalived = Director::keepalived(programs, scene);
    if !keepalived.wait(START, || records[0].begun().is_some()) {
        faults.push(format!(
            "keepalived does not start: {}",
            keepalived.last_word()
        ));
    }
    let mut lvsctl = Director::lvsctl(programs, scene);
    if !lvsctl.wait(START, || records[1].begun().is_some()) {
        faults.push(format!("lvsctl does not start: {}", lvsctl.last_word()));
    }
    vec![keepalived, lvsctl]
}

/// Both are told before either is waited for.
fn stop(directors: &mut [Director], faults: &mut Vec<String>) {
    for director in directors.iter_mut() {
        if director.runs() {
            director.terminate();
        }
    }
    for (director, name) in directors.iter_mut().zip(NAMES) {
        let status = director.end();
        if !status.success() {
            faults.push(format!("{name} ends with {status}"));
        }
    }
}

/// Leaves the history with what keepalived did where the host can see it.
fn write(history: &History, outcome: &Outcome) {
    let text = fs::read_to_string(&history.path).unwrap();
    let end = ["\n== tables\n", "\n== fifo\n", "\n== scripts\n"];
    let end = end
        .iter()
        .filter_map(|head| text.find(head))
        .min()
        .unwrap_or(text.len());
    let mut written = format!("{}\n", text[..end].trim_end());
    for (channel, theirs, _) in &outcome.seen {
        if !theirs.is_empty() {
            let _ = writeln!(written, "\n== {}", channel.name());
        }
        for seen in theirs.iter().filter(|seen| !seen.passing) {
            let _ = writeln!(written, "{}", seen.what);
        }
    }
    keep(&format!("{}.history", history.name), &written);
}

/// Leaves a file where the host can see it.
fn keep(name: &str, text: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/lab/out/histories");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(name), text).unwrap();
}
