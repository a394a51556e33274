use std::io;

use super::args;
use super::terminal::Terminal;
use crate::conf::{self, Disk, Loaded, Near, Options};
use crate::diag::{Diagnostic, Verdict, text};
use crate::model::director::Director;
use crate::plan::Step;
use crate::sys::host;

/// A file that may be acted on.
pub(super) struct Read {
    pub(super) director: Director,
    pub(super) loaded: Loaded,
    near: Near,
}

/// Reads a file and says what there is to say of it; `None` where it is refused.
pub(super) fn read(
    path: &str,
    args: &args::Source,
    terminal: &mut Terminal<'_>,
) -> io::Result<Option<Read>> {
    let id = args.config_id.clone().unwrap_or_else(host::short_name);
    let options = Options {
        config_id: Some(&id),
        environment: Some(&host::environment),
    };
    let mut loaded = conf::load(&Disk, path, &options);
    let (only_daemon, said): (Vec<Diagnostic>, Vec<Diagnostic>) = loaded
        .diagnostics
        .drain(..)
        .partition(|finding| finding.verdict == Verdict::NotByDaemon);
    loaded.diagnostics = said;
    let rendered = text::render(&loaded.diagnostics, &loaded.sources, terminal.color_err);
    terminal.err.write_all(rendered.as_bytes())?;
    let refused = loaded.refusals(false).count();
    match loaded.director.take() {
        None => {
            let s = if refused == 1 { "" } else { "s" };
            terminal.error(&format!(
                "{path} is refused for {refused} finding{s}; nothing was changed"
            ))?;
            Ok(None)
        }
        Some(_) if args.strict && !loaded.diagnostics.is_empty() => {
            terminal.error(&format!(
                "{path} is refused, because --strict accepts no finding; nothing was changed"
            ))?;
            Ok(None)
        }
        Some(director) => {
            if !only_daemon.is_empty() {
                terminal.note(&for_the_daemon(&only_daemon, &loaded))?;
            }
            let near = Near::default();
            Ok(Some(Read {
                director,
                loaded,
                near,
            }))
        }
    }
}

/// Says which words of the file wait for a daemon that can do them.
fn for_the_daemon(findings: &[Diagnostic], loaded: &Loaded) -> String {
    let mut words: Vec<String> = findings
        .iter()
        .map(|finding| {
            String::from_utf8_lossy(loaded.sources.written(finding.primary.span)).into_owned()
        })
        .collect();
    words.sort();
    words.dedup();
    format!(
        "every server is taken as healthy; the daemon cannot do these words of the file yet: {}",
        words.join(", ")
    )
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
    /// Where the file asks for what a step does: its name, and the line from 1.
    pub(super) fn place(&self, step: &Step) -> Option<(&str, usize)> {
        let places = &self.loaded.places;
        let (director, near) = (&self.director, &self.near);
        let span = match step.dest() {
            Some(dest) => places.dest_near(director, &step.service, &dest, near),
            None => places.service_near(director, &step.service, near),
        };
        span.map(|span| self.loaded.sources.line_of(span))
    }
}
