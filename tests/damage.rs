//! Public configurations cut off at a byte, or with a byte changed: findings or a configuration,
//! never a panic, a hang or a place outside the text.
//!
//! A few places of each file, drawn from a seed (`LVSCTL_SEED`); where `LVSCTL_SOAK` is set every byte
//! of every file, but of the largest as many, drawn, as are read in seconds.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may")]

mod random;
mod sound;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use random::Random;

use lvsctl::conf::{self, Memory, Options};

/// Places of a file outside a soak.
const FEW: usize = 6;
/// Bytes read of one file in a soak, for each kind of damage: every place of a file of 10,000 bytes.
const MUCH: usize = 100_000_000;

fn corpus() -> Option<Vec<PathBuf>> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    if !corpus.exists() {
        eprintln!("skipped: {} is absent", corpus.display());
        return None;
    }
    let mut files = Vec::new();
    for folder in ["lvs", "snippets", "vrrp"] {
        let entries = fs::read_dir(corpus.join(folder)).unwrap();
        files.extend(entries.map(|entry| entry.unwrap().path()));
    }
    // The largest first, so that no thread is left with one at the end.
    files.sort_by_key(|path| std::cmp::Reverse(fs::metadata(path).unwrap().len()));
    assert!(files.len() > 100);
    Some(files)
}

fn read(text: Vec<u8>, show: bool) {
    let files = Memory([("k.conf".to_owned(), text)].into());
    let loaded = conf::load(&files, "k.conf", &Options::default());
    if show {
        sound::check(&loaded);
    } else {
        sound::places(&loaded);
    }
}

/// The text cut off before `at`, and the text with one bit of that byte, or the whole byte, other.
fn damage(text: &[u8], at: usize) {
    // Showing findings takes longer than finding them: a share is shown.
    let show = at.is_multiple_of(61);
    read(text[..at].to_vec(), show);
    let mut other = text.to_vec();
    other[at] ^= 1 << (at % 8);
    read(other, show);
    let mut other = text.to_vec();
    other[at] = b"\0\"{}#$@~\n\xff\\ "[at % 12];
    read(other, show);
}

#[test]
fn no_damage_to_a_public_configuration_breaks_the_reader() {
    let Some(files) = corpus() else { return };
    let soak = std::env::var_os("LVSCTL_SOAK").is_some();
    let seed = std::env::var("LVSCTL_SEED").ok();
    let seed = seed.and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let places = |nth: usize, length: usize| -> Vec<usize> {
        let most = match length {
            _ if soak => MUCH / length.max(1),
            // A large file takes long to read; it has its turn in other seeds.
            20_001.. => 1,
            _ => FEW,
        };
        if soak && most >= length {
            return (0..length).collect();
        }
        let mut random = Random::new(seed ^ ((nth as u64) << 32));
        let draw = |_| random.below(length);
        (0..most.min(length)).map(draw).collect()
    };
    let (turn, tried) = (AtomicUsize::new(0), Mutex::new(0));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let nth = turn.fetch_add(1, Ordering::Relaxed);
                    let Some(path) = files.get(nth) else { return };
                    let text = fs::read(path).unwrap();
                    read(text.clone(), true);
                    let places = places(nth, text.len());
                    for at in &places {
                        damage(&text, *at);
                    }
                    *tried.lock().unwrap() += places.len();
                }
            });
        }
    });
    let tried = tried.into_inner().unwrap();
    eprintln!("seed {seed}: {tried} bytes of {} files", files.len());
}
