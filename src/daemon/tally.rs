use super::agenda::Cue;
use super::keeper::Round;
use super::repair::repairs;
use super::timeouts::Outcome;

/// What others changed of what is ours since the start, what became of it, and what is not as it
/// should be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Services repaired; one that was absent counts once, with all its dests.
    pub services: u64,
    /// Dests repaired, in services that were there.
    pub dests: u64,
    /// Times the connection timeouts were repaired.
    pub timeouts: u64,
    /// Rounds with repairs, by what had them look.
    pub by_canary: u64,
    pub by_resync: u64,
    pub by_other: u64,
    /// Times that something was given up for a while, because somebody changes it again and again.
    pub fights: u64,
    /// Objects that are left just now as somebody else made them.
    pub left_alone: usize,
    /// Objects that the kernel refuses just now to have as they should be.
    pub refused: usize,
}

impl Tally {
    /// Adds what one round did; `cue` is why it read the table.
    pub fn add(&mut self, round: &Round, cue: Option<Cue>) {
        let (mut services, mut dests) = (0, 0);
        for repair in repairs(&round.repaired) {
            match repair.step.dest() {
                None => services += 1,
                Some(_) => dests += 1,
            }
        }
        let outcome = round.retimed.map(|retimed| retimed.outcome);
        let timeouts = u64::from(outcome == Some(Outcome::Repaired));
        let yielded = u64::from(matches!(outcome, Some(Outcome::Yielded { .. })));
        self.services += services;
        self.dests += dests;
        self.timeouts += timeouts;
        if services + dests + timeouts > 0 {
            match cue {
                Some(Cue::Canary) => self.by_canary += 1,
                Some(Cue::Resync) => self.by_resync += 1,
                Some(Cue::Family | Cue::Fight | Cue::Retry) | None => self.by_other += 1,
            }
        }
        let fights = u64::try_from(round.noted.fights.len()).unwrap_or(u64::MAX);
        self.fights += fights + yielded;
        self.left_alone = round.left_alone;
        self.refused = round.still_refused;
    }
}
