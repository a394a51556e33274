//! `notify_up`, `notify_down`, `quorum_up` and `quorum_down`.

use tracing::warn;

use crate::health::{News, Part};
use crate::model::script::Script;
use crate::sys::scripts::Scripts;

/// Runs the script that the file has for an event, if it has one, with no more arguments than are
/// written there.
///
/// Events are told in the order in which they are handed in; nothing is waited for.
pub fn tell(scripts: &Scripts, news: &News) {
    let Some((word, script)) = script(news) else {
        return;
    };
    if let Err(error) = scripts.tell(script, event(word, news)) {
        warn!(%script, event = event(word, news), %error, "a notify script is not run");
    }
}

/// The script, and the word of the file that names it.
fn script(news: &News) -> Option<(&'static str, &Script)> {
    let server = news.about.server()?;
    let (up, down, words) = match news.about.part {
        Part::Check { .. } => return None,
        Part::RealServer(place) => {
            let details = server.real_servers.get(place)?.details.as_ref()?;
            let words = ["notify_up", "notify_down"];
            (&details.notify_up, &details.notify_down, words)
        }
        Part::Quorum { .. } => {
            let details = server.details.as_ref()?;
            let words = ["quorum_up", "quorum_down"];
            (&details.quorum_up, &details.quorum_down, words)
        }
    };
    let [word_up, word_down] = words;
    if news.up {
        Some((word_up, up.as_ref()?))
    } else {
        Some((word_down, down.as_ref()?))
    }
}

/// For the log: the word, and of whom.
fn event(word: &str, news: &News) -> String {
    let Some(server) = news.about.server() else {
        return word.to_owned();
    };
    let key = &server.key;
    match news.about.part {
        Part::RealServer(place) if let Some(real) = server.real_servers.get(place) => {
            format!("{word} of {} of {key}", real.key)
        }
        _ => format!("{word} of {key}"),
    }
}
