use std::collections::HashMap;
use std::sync::Arc;

use super::keyword::{Keyword, Kind};
use super::session;
use super::tree::Node;
use super::value;
use crate::model::check::Bfd;
use crate::model::text::Text;

/// What a check can watch and other blocks define: files and BFD sessions. keepalived looks them
/// up when it reads the check, so that only what stands before it counts.
#[derive(Debug, Default)]
pub(super) struct Watched {
    files: HashMap<Text, TrackFile>,
    sessions: HashMap<Text, Arc<Bfd>>,
}

/// A `track_file` block.
#[derive(Clone, Debug)]
pub(super) struct TrackFile {
    pub(super) path: Text,
    pub(super) weight: i32,
    pub(super) reverse: bool,
}

impl Watched {
    /// Takes a block up if it defines one. Its mistakes are found elsewhere.
    pub(super) fn read(&mut self, known: &Keyword, node: Node<'_>) {
        let Some(name) = node.argument(0) else { return };
        match known.word {
            "track_file" | "vrrp_track_file" => {
                // Of two with one name the first counts, and one without a file is none.
                if let Some(file) = track_file(known, node) {
                    self.files.entry(name.value()).or_insert(file);
                }
            }
            "bfd_instance" if for_checks(node) => {
                // Of two with one name, or between the same two ends, the first counts.
                if let Some(session) = session::read(known, name.value(), node)
                    && !self
                        .sessions
                        .values()
                        .any(|other| other.clashes_with(&session))
                {
                    self.sessions
                        .entry(name.value())
                        .or_insert_with(|| Arc::new(session));
                }
            }
            _ => {}
        }
    }

    pub(super) fn file(&self, name: &Text) -> Option<&TrackFile> {
        self.files.get(name)
    }

    pub(super) fn session(&self, name: &Text) -> Option<&Arc<Bfd>> {
        self.sessions.get(name)
    }
}

fn track_file(block: &Keyword, node: Node<'_>) -> Option<TrackFile> {
    let kind = Kind::named(block.word)?;
    let mut path = None;
    let mut weight = None;
    for line in node.children() {
        let Some(argument) = line.argument(0) else {
            continue;
        };
        match line.keyword().text() {
            "file" => path = Some(argument.value()),
            // The first counts.
            "weight" if weight.is_none() => {
                let number = kind
                    .find(b"weight")
                    .and_then(|known| value::integer(known, &argument).ok());
                let number = number
                    .and_then(|number| i32::try_from(number).ok())
                    .unwrap_or(1);
                let reverse = line
                    .argument(1)
                    .is_some_and(|word| word.text() == "reverse");
                weight = Some((number, reverse));
            }
            _ => {}
        }
    }
    let (weight, reverse) = weight.unwrap_or((1, false));
    path.map(|path| TrackFile {
        path,
        weight,
        reverse,
    })
}

/// A session that says whom it is for, and not checks, is none of theirs.
fn for_checks(node: Node<'_>) -> bool {
    let says = |word| node.children().any(|line| line.keyword().text() == word);
    says("checker") || !says("vrrp")
}
