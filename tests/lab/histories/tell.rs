use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use lvsctl::model::moment::Moment;
use lvsctl::sys::clock;

use crate::director::Programs;
use crate::history::History;
use crate::outcome::Outcome;
use crate::pair::Pair;
use crate::scene::Scene;
use crate::sequence::Channel;
use crate::stage::topology::prefix;
use crate::step::Step;

/// What is still on its way when the last step is done.
const REST: Duration = Duration::from_secs(1);

/// Starting is the hard work: one at a time, so that each is quick.
static STARTING: Mutex<()> = Mutex::new(());

/// A history that is being told.
struct Telling<'a> {
    history: &'a History,
    programs: &'a Programs,
    scene: Scene,
    pair: Pair,
    starting: Option<MutexGuard<'static, ()>>,
    /// The first thing that happened to both.
    opened: Option<Moment>,
}

/// Tells a history from start to end.
pub fn tell(history: &History, programs: &Programs) -> Outcome {
    let starting = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
    let start = Instant::now();
    let scene = Scene::new(&prefix());
    scene.write("keepalived.conf", history.first_file());
    let mut telling = Telling {
        history,
        programs,
        pair: Pair::new(&scene),
        scene,
        starting: Some(starting),
        opened: None,
    };
    history.steps.iter().for_each(|step| telling.step(step));
    thread::sleep(REST);
    telling.end(start.elapsed())
}

impl Telling<'_> {
    fn step(&mut self, step: &Step) {
        let begun = self.starting.is_none();
        if begun && !matches!(step, Step::Wait(_)) {
            self.opened.get_or_insert_with(clock::now);
        }
        let (scene, pair) = (&mut self.scene, &mut self.pair);
        match step {
            Step::Start(numbers, kind) => scene.start(numbers, *kind),
            Step::Kill(numbers) => scene.kill(numbers),
            Step::Silence(numbers) => scene.silence(numbers),
            Step::Speak(numbers) => scene.speak(numbers),
            Step::Publish(number, page) => scene.publish(*number, page),
            Step::Withdraw(number, page) => scene.withdraw(*number, page),
            Step::Write(name, text) => scene.write(name, text),
            Step::Erase(name) => scene.erase(name),
            Step::Wait(time) => thread::sleep(*time),
            Step::Begin => {
                pair.begin(self.programs, scene);
                self.starting = None;
            }
            Step::Reload(file) => {
                if let Some(file) = file {
                    scene.write("keepalived.conf", self.history.file(file));
                }
                pair.reload();
            }
            Step::Stop => pair.stop(),
        }
    }

    fn end(mut self, took: Duration) -> Outcome {
        if !self.history.steps.contains(&Step::Stop) {
            self.pair.still_run();
        }
        Outcome {
            began: self.pair.began(),
            opened: self.opened.unwrap_or_else(clock::now),
            seen: Channel::ALL.map(|channel| (channel, self.pair.seen(channel))),
            faults: self.pair.faults().to_vec(),
            logs: self.pair.logs(),
            took,
        }
    }
}
