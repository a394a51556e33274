//! Configurations by chance, drawn from the keyword table.
//!
//! A run is dealt **demands**: every keyword that acts, every end of its range, every form of an
//! address, every word of a closed vocabulary. Each demand becomes a virtual server that meets it
//! and is drawn by chance in all else.

mod coverage;
mod demand;
mod group;
#[path = "../../../random/mod.rs"]
pub mod random;
mod real_server;
mod sloppy;
mod virtual_server;
mod vocabulary;

use demand::Demand;
use random::Random;

pub use coverage::missing;

/// One configuration.
pub struct Drawn {
    /// `drawn`, with what is wrong with it where something is.
    pub name: String,
    pub text: String,
}

/// At least so many virtual servers in each.
const FEWEST: usize = 3;

/// So many configurations, always the same for the same seed and number.
pub fn configurations(seed: u64, count: usize) -> Vec<Drawn> {
    let mut random = Random::new(seed);
    let mut sloppy = sloppy::all();
    random.shuffle(&mut sloppy);
    let dealt = deal(&mut random, count);
    let mut drawn = Vec::new();
    for (nth, demands) in dealt.iter().enumerate() {
        drawn.push(one(&mut random, demands, sloppy.get(nth)));
    }
    drawn
}

/// Every demand to some configuration, and to each configuration enough of them.
fn deal(random: &mut Random, count: usize) -> Vec<Vec<Demand>> {
    let mut hands: Vec<Vec<Demand>> = (0..count).map(|_| Vec::new()).collect();
    let mut at = 0;
    while hands.iter().any(|hand| hand.len() < FEWEST) {
        let mut deck = demand::all();
        random.shuffle(&mut deck);
        for demand in deck {
            // Two virtual servers of one mark are one service.
            while hands[at % count].iter().any(|other| demand.excludes(other)) {
                at += 1;
            }
            hands[at % count].push(demand);
            at += 1;
        }
    }
    hands
}

fn one(random: &mut Random, demands: &[Demand], sloppy: Option<&sloppy::Sloppy>) -> Drawn {
    let mut blocks = Vec::new();
    for (nth, demand) in demands.iter().enumerate() {
        let number = nth + 1;
        blocks.push(match demand {
            Demand::Timeouts(words) => {
                format!("global_defs {{\n    lvs_timeouts {words}\n}}\n")
            }
            demand => virtual_server::draw(random, number, demand),
        });
    }
    let mut name = "drawn".to_owned();
    if let Some(sloppy) = sloppy {
        name = format!("drawn/{}", sloppy.name);
        let at = random.below(blocks.len() + 1);
        blocks.insert(at, sloppy.text.clone());
    }
    let mut text = blocks.join("\n");
    for (check, needs) in real_server::NEEDS {
        if text.contains(check) {
            text.insert_str(0, needs);
        }
    }
    Drawn { name, text }
}
