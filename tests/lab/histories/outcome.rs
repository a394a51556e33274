use std::fmt;
use std::time::Duration;

use lvsctl::model::moment::Moment;

use crate::compare::{Difference, differences};
use crate::gap::gaps;
use crate::history::History;
use crate::sequence::{Channel, Seen};

/// One thing of each of the two that are compared.
pub struct Both<T> {
    /// keepalived's.
    pub theirs: T,
    /// lvsctl's.
    pub ours: T,
}

/// What came of one history.
pub struct Outcome {
    /// When each had its first table.
    pub began: Both<Moment>,
    /// The first thing that happened to both of them; until then the time of each counts from its
    /// start.
    pub opened: Moment,
    pub seen: [(Channel, Both<Vec<Seen>>); 3],
    /// Why a program did not take part to the end; nothing excuses it.
    pub faults: Vec<String>,
    pub logs: String,
    pub took: Duration,
}

impl Outcome {
    /// All that differs, each as the ledger names it.
    pub fn differences(&self, history: &History) -> Vec<String> {
        let period = Duration::from_secs_f64(history.period());
        let mut all = Vec::new();
        for (channel, both) in &self.seen {
            let period = period + channel.emulation();
            let (name, ours) = (channel.name(), self.as_if_begun_together(&both.ours));
            for difference in differences(&both.theirs, &ours, period) {
                all.push(match difference {
                    Difference::Theirs(what) => format!("{name}: keepalived alone: {what}"),
                    Difference::Ours(what) => format!("{name}: lvsctl alone: {what}"),
                    Difference::Apart(what, _) => format!("{name}: not at the same time: {what}"),
                });
            }
        }
        all
    }

    /// What lvsctl did, had it begun when keepalived did.
    fn as_if_begun_together(&self, ours: &[Seen]) -> Vec<Seen> {
        let mut shifted = ours.to_vec();
        for seen in shifted.iter_mut().filter(|seen| seen.at < self.opened) {
            seen.at = self.began.theirs + seen.at.since(self.began.ours);
        }
        shifted
    }

    /// Where lvsctl left a service with a sorry server to nobody, however briefly.
    pub fn gaps(&self, history: &History) -> Vec<String> {
        if !history.has_sorry_server() {
            return Vec::new();
        }
        let gaps = gaps(&self.of(Channel::Tables).ours);
        let said = gaps
            .iter()
            .map(|what| format!("lvsctl has nobody to serve: {what}"));
        said.collect()
    }

    /// Where keepalived did not do what the history states.
    pub fn misstated(&self, history: &History) -> Vec<String> {
        let mut all = Vec::new();
        for (channel, both) in &self.seen {
            let stated = history.stated(*channel).iter();
            let stated: Vec<Seen> = stated
                .map(|line| Seen::at(Moment::default(), line))
                .collect();
            if !differences(&both.theirs, &stated, Duration::MAX).is_empty() {
                let name = channel.name();
                all.push(format!("{name}: keepalived does not do what is stated"));
            }
        }
        all
    }

    /// How many tables keepalived had that stood.
    pub fn tables(&self) -> usize {
        let theirs = &self.of(Channel::Tables).theirs;
        theirs.iter().filter(|seen| !seen.passing).count()
    }

    fn of(&self, wanted: Channel) -> &Both<Vec<Seen>> {
        let mut seen = self.seen.iter();
        let found = seen.find(|(channel, _)| *channel == wanted);
        &found.expect("every channel is seen").1
    }
}

/// Both sequences of each channel, with seconds since keepalived began.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (channel, both) in &self.seen {
            for (who, sequence) in [("keepalived", &both.theirs), ("lvsctl", &both.ours)] {
                if !sequence.is_empty() {
                    writeln!(f, "  {who}, {}:", channel.name())?;
                }
                for seen in sequence {
                    let since = seen.at.since(self.began.theirs).as_secs_f64();
                    let passing = if seen.passing { " (passing)" } else { "" };
                    writeln!(f, "    {since:6.2}  {}{passing}", seen.what)?;
                }
            }
        }
        Ok(())
    }
}
