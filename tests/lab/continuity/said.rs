//! What the daemons of a story said, held against what happened.

use crate::event::Event;
use crate::story::Episode;

/// What speaks against it that all went well; empty where nothing does.
pub fn against(log: &str, episodes: &[Episode]) -> Vec<String> {
    let mut against: Vec<String> = log
        .lines()
        .filter(|line| {
            let signs = [" ERROR ", "repaired", "panicked"];
            signs.iter().any(|sign| line.contains(sign))
        })
        .map(str::to_owned)
        .collect();
    let starts = 1 + count(episodes, |event| !matches!(event, Event::Reload(_)));
    let said = log.matches("INFO starting").count();
    if said != starts {
        against.push(format!("{said} starts and not {starts}"));
    }
    let reloads = count(episodes, |event| matches!(event, Event::Reload(_)));
    let said = log.matches("INFO reloaded").count();
    if said < reloads {
        against.push(format!("{said} reloads and not {reloads}"));
    }
    against
}

fn count(episodes: &[Episode], kind: impl Fn(&Event) -> bool) -> usize {
    let events = episodes.iter().map(|episode| &episode.event);
    events.filter(|event| kind(event)).count()
}
