use std::sync::Arc;

use super::{Asks, says};
use crate::conf::keyword::{Keyword, Kind};
use crate::conf::lowering::{Lowering, Taken};
use crate::conf::rules;
use crate::conf::tree::Node;
use crate::diag::Diagnostic;
use crate::model::check::WatchedFile;

pub(super) fn read(to: &mut Lowering<'_>, kind: Kind, node: Node<'_>) -> Option<Asks> {
    let mut file: Option<WatchedFile> = None;
    let mut own = None;
    to.walk(kind, node.children(), |to, known, node| {
        match known.word {
            "track_file" => file = watched(to, node).or(file.take()),
            "weight" => own = weight(to, known, node).or(own),
            _ => return Taken::No,
        }
        Taken::Yes
    });
    if file.is_none() && !says(node, "track_file") {
        let finding = Diagnostic::new(
            &rules::NO_TRACK_FILE,
            node.span(),
            "there is nothing to read",
        )
        .note("keepalived drops the check, and the server is up for ever")
        .help("add track_file with the name of a track_file block");
        to.report(finding.refuse());
    }
    let mut file = file?;
    (file.weight, file.reverse) = own.unwrap_or((file.weight, file.reverse));
    Some(Asks::File(Arc::new(file)))
}

/// The file, with the weight its own block gives it.
fn watched(to: &mut Lowering<'_>, node: Node<'_>) -> Option<WatchedFile> {
    let word = node.argument(0)?;
    let name = word.value();
    let Some(file) = to.watched.file(&name).cloned() else {
        let text = format!("no track_file {name} with a file stands before this line");
        let finding = Diagnostic::new(&rules::UNDEFINED_TRACK_FILE, word.span, text)
            .note("keepalived drops the check, and the server is up for ever");
        to.report(finding.refuse());
        return None;
    };
    Some(WatchedFile {
        name,
        path: file.path,
        weight: file.weight,
        reverse: file.reverse,
    })
}

fn weight(to: &mut Lowering<'_>, known: &Keyword, node: Node<'_>) -> Option<(i32, bool)> {
    let weight = to
        .integer(known, node)
        .and_then(|weight| i32::try_from(weight).ok())?;
    let Some(word) = node.argument(1) else {
        return Some((weight, false));
    };
    match word.text() {
        "reverse" => Some((weight, true)),
        "noreverse" => Some((weight, false)),
        _ => {
            to.bad_value(&word, "reverse or noreverse");
            None
        }
    }
}
