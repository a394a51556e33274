use std::fmt;
use std::time::Duration;

use lvsctl::model::moment::Moment;

use crate::compare::{Difference, differences};
use crate::gap::gaps;
use crate::history::History;
use crate::sequence::{Channel, Seen};

/// What came of one history.
pub struct Outcome {
    /// When each had its first table: keepalived, lvsctl.
    pub began: [Moment; 2],
    /// The first thing that happened to both of them; until then the time of each counts from its
    /// start.
    pub opened: Moment,
    /// What was seen on each channel: of keepalived, of lvsctl.
    pub seen: Vec<(Channel, Vec<Seen>, Vec<Seen>)>,
    /// Why a program did not take part to the end; nothing excuses it.
    pub faults: Vec<String>,
    pub logs: String,
    pub took: Duration,
}

/// What emulation may add to the time between a cause and what is seen of it.
const EMULATION: Duration = Duration::from_millis(700);

impl Outcome {
    /// All that differs, each as the ledger names it.
    pub fn differences(&self, history: &History) -> Vec<String> {
        let period = Duration::from_secs_f64(history.period()) + EMULATION;
        let mut all = Vec::new();
        for (channel, theirs, ours) in &self.seen {
            let name = channel.name();
            for difference in differences(theirs, &self.as_if_begun_together(ours), period) {
                all.push(match difference {
                    Difference::Theirs(what) => format!("{name}: keepalived alone: {what}"),
                    Difference::Ours(what) => format!("{name}: lvsctl alone: {what}"),
                    Difference::Apart(what, _) => format!("{name}: not at the same time: {what}"),
                });
            }
        }
        all
    }

    /// Where lvsctl left a service with a sorry server to nobody, however briefly.
    pub fn gaps(&self, history: &History) -> Vec<String> {
        if !history.has_sorry_server() {
            return Vec::new();
        }
        let tables = self
            .seen
            .iter()
            .filter(|(channel, ..)| *channel == Channel::Tables);
        let gaps = tables.flat_map(|(_, _, ours)| gaps(ours));
        gaps.map(|what| format!("lvsctl has nobody to serve: {what}"))
            .collect()
    }

    /// What lvsctl did, had it begun when keepalived did.
    fn as_if_begun_together(&self, ours: &[Seen]) -> Vec<Seen> {
        let [theirs, own] = self.began;
        let mut shifted = ours.to_vec();
        for seen in shifted.iter_mut().filter(|seen| seen.at < self.opened) {
            seen.at = theirs + seen.at.since(own);
        }
        shifted
    }

    /// Where keepalived did not do what the history states.
    pub fn misstated(&self, history: &History) -> Vec<String> {
        let mut all = Vec::new();
        for (channel, theirs, _) in &self.seen {
            let stated: Vec<Seen> = history
                .stated(*channel)
                .iter()
                .map(|line| timeless(line))
                .collect();
            if !differences(theirs, &stated, Duration::MAX).is_empty() {
                all.push(format!(
                    "{}: keepalived does not do what is stated",
                    channel.name()
                ));
            }
        }
        all
    }
}

/// A line that a history states, without a time.
fn timeless(line: &str) -> Seen {
    Seen {
        at: Moment::default(),
        what: line.to_owned(),
        passing: false,
    }
}

/// Both sequences of each channel, with seconds since the start.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (channel, theirs, ours) in &self.seen {
            for (who, sequence) in [("keepalived", theirs), ("lvsctl", ours)] {
                if !sequence.is_empty() {
                    writeln!(f, "  {who}, {}:", channel.name())?;
                }
                for seen in sequence {
                    let since = seen.at.since(self.began[0]).as_secs_f64();
                    let passing = if seen.passing { " (passing)" } else { "" };
                    writeln!(f, "    {since:6.2}  {}{passing}", seen.what)?;
                }
            }
        }
        Ok(())
    }
}
