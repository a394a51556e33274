//! Nothing is lost under traffic, run inside the laboratory: clients keep connections open and open
//! new ones through a director, while its daemon is reloaded, restarted, killed and exchanged.
//!
//! ```text
//!            ┌─ held: one connection, a request a second ─┐
//! clients ───┤                                            ├─▶ director ─▶ real servers
//!            └─ new: a connection for each request ───────┘      ▲
//!                                                 events ────────┘
//! ```
//!
//! No connection may be lost, except new ones that the kernel refuses while a scheduler is changed;
//! these are held against those of `ipvsadm -E`. keepalived's losses are printed beside.
//! `LVSCTL_SOAK=1` takes the full figures, `LVSCTL_SEED=N` draws other events.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    dead_code,
    unreachable_pub,
    reason = "a test may"
)]

#[path = "../tables/memory.rs"]
mod memory;
#[path = "../tables/options.rs"]
mod options;
#[path = "../../random/mod.rs"]
mod random;
#[path = "../stage/mod.rs"]
mod stage;

mod change;
mod event;
mod figures;
mod hammer;
mod load;
mod rival;
mod said;
mod scheduler;
mod story;
mod wanted;

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::thread::sleep;
use std::time::{Duration, Instant};

use event::{Count, Event};
use figures::Row;
use load::{Load, Size, Tally};
use options::Options;
use random::Random;
use stage::VIP;
use stage::director::Director;
use stage::topology::{Topology, Vip};
use story::Opening;

/// So many hosts the clients are on.
const HOSTS: usize = 4;
/// Without any event, for comparison.
const QUIET: Duration = Duration::from_secs(3);
const OUT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/lab/out/continuity.txt");

/// How much is done.
struct Scale {
    size: Size,
    count: Count,
    /// Changes of the scheduler, beside as many of `ipvsadm`.
    schedulers: usize,
}

impl Scale {
    fn of(options: &Options) -> Self {
        if options.soak {
            Self {
                size: Size {
                    held: 500,
                    rate: 200,
                },
                count: Count {
                    reloads: 50,
                    restarts: 20,
                    kills: 20,
                },
                schedulers: 25,
            }
        } else {
            Self {
                size: Size { held: 50, rate: 20 },
                count: Count {
                    reloads: 6,
                    restarts: 2,
                    kills: 2,
                },
                schedulers: 5,
            }
        }
    }
}

fn main() {
    let options = Options::of_environment();
    println!("continuity: {options}");
    let scale = Scale::of(&options);
    lvsctl::sys::limits::raise_descriptors().unwrap();
    let lab = Topology::up(Vip::Fixed);
    // Else all but the first six of a burst are refused by silence, and served at the next try.
    lab.dir1.sysctl("net.ipv4.icmp_ratelimit", "0");
    let at = SocketAddr::new(VIP.parse().unwrap(), wanted::PORT);
    let up = Instant::now();
    let mut rows = ours(&lab, at, &scale, options.seed);
    let ours = Instant::now();
    let refusals = scheduler::compare(&lab.dir1, &lab.clients[HOSTS], scale.schedulers);
    let compared = Instant::now();
    rows.extend(rival::rows(&lab, HOSTS, at, scale.size));
    println!(
        "continuity: {:.0?} lvsctl, {:.0?} schedulers, {:.0?} keepalived",
        ours - up,
        compared - ours,
        compared.elapsed()
    );
    let mut text = format!("{}\n", figures::head());
    for row in &rows {
        let _ = writeln!(text, "{row}");
    }
    let _ = write!(text, "{refusals}");
    print!("{text}");
    std::fs::write(OUT, text).unwrap();
    refusals.judge();
}

fn ours(lab: &Topology, at: SocketAddr, scale: &Scale, seed: u64) -> Vec<Row> {
    let director = &lab.dir1;
    let opening = Opening::new(director);
    let load = Load::start(&lab.clients[..HOSTS], at, scale.size);
    load.turn();
    let begun = Instant::now();
    sleep(QUIET);
    load.turn();
    let quiet = Instant::now();

    let mut random = Random::new(seed);
    let events = Event::draw(scale.count, &mut random);
    let mut story = opening.tell(director, &load, random);
    let count = events.len();
    for (nth, event) in (1..).zip(events) {
        story.happens(event);
        let lost = load.tally().losses.len();
        println!("continuity: {nth} of {count}, {event}: {lost} lost so far");
    }
    let (episodes, log) = story.end();
    let tally = load.end();
    print_work(director, &tally);
    let inexcusable = figures::inexcusable(&episodes, &tally);
    assert!(inexcusable.is_empty(), "{inexcusable:#?}\n{log}");
    let against = said::against(&log, &episodes);
    assert!(against.is_empty(), "{against:#?}\n{log}");
    let mut rows = vec![Row::of("nothing happens", &tally.losses, begun, quiet)];
    rows.extend(figures::rows(&episodes, &tally.losses));
    director.ask(&["ipvsadm", "-C"]);
    rows
}

/// Says how much was asked, all of it through the director.
fn print_work(director: &Director, tally: &Tally) {
    let Tally {
        held_answers,
        tried,
        served,
        slowest_held,
        slowest_new,
        ..
    } = tally;
    println!(
        "{held_answers} answers on held connections, the slowest after {slowest_held:.1?}; \
         {served} of {tried} new ones served, the slowest after {slowest_new:.1?}"
    );
    let directed = wanted::directed(&director.ask(&["ipvsadm", "-Ln", "--stats"]));
    assert!(directed >= *served, "{directed} came through the director");
}
