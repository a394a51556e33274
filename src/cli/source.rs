use std::io;

use super::args;
use super::terminal::Terminal;
use crate::conf::{self, Disk, Loaded};
use crate::diag::{Verdict, text};
use crate::model::director::Director;

/// A file that may be acted on.
pub(super) struct Read {
    pub(super) director: Director,
    pub(super) loaded: Loaded,
}

/// Reads a file and says what there is to say of it; `None` where it is refused.
pub(super) fn read(
    path: &str,
    strict: bool,
    terminal: &mut Terminal<'_>,
) -> io::Result<Option<Read>> {
    let mut loaded = conf::load(&Disk, path);
    let rendered = text::render(&loaded.diagnostics, &loaded.sources, terminal.color_err);
    terminal.err.write_all(rendered.as_bytes())?;
    let refused = loaded
        .diagnostics
        .iter()
        .filter(|finding| finding.verdict == Verdict::Refused);
    let refused = refused.count();
    match loaded.director.take() {
        None => {
            let s = if refused == 1 { "" } else { "s" };
            terminal.error(&format!(
                "{path} is refused for {refused} finding{s}; nothing was changed"
            ))?;
            Ok(None)
        }
        Some(_) if strict && !loaded.diagnostics.is_empty() => {
            terminal.error(&format!(
                "{path} is refused, because --strict accepts no finding; nothing was changed"
            ))?;
            Ok(None)
        }
        Some(director) => Ok(Some(Read { director, loaded })),
    }
}

/// The sentence that refuses a file without virtual servers while some are ours.
pub(super) fn empties(source: &args::Source, director: &Director, owned: usize) -> Option<String> {
    let empties = director.virtual_servers.is_empty() && owned > 0 && !source.allow_empty;
    empties.then(|| {
        format!(
            "{} names no virtual server and lvsctl owns {owned} (remedy: --allow-empty, if they are to be removed); nothing was changed",
            source.file
        )
    })
}

impl Read {
    /// Where the file asks for what a step does, as FILE:LINE.
    pub(super) fn place(&self, step: &crate::plan::Step) -> Option<String> {
        let places = &self.loaded.places;
        let span = match step.dest() {
            Some(dest) => places.dest(&step.service, &dest),
            None => places.service(&step.service),
        };
        span.map(|span| self.loaded.sources.place(span).to_string())
    }
}
