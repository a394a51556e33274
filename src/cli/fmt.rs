use std::io;
use std::path::Path;

use super::args::Fmt;
use super::diff;
use super::exit::Exit;
use super::terminal::Terminal;
use crate::conf::{Disk, Files};
use crate::diag::{Sources, Span};
use crate::fmt::{self, Refusal};
use crate::sys::replace::replace;

/// Exit 2 where a file was left though it should have been looked at, 1 where one is laid out
/// otherwise and somebody only asks, else 0. A file that is left stops no other.
pub(super) fn run(args: &Fmt, terminal: &mut Terminal<'_>) -> io::Result<Exit> {
    let mut exit = Exit::Done;
    for name in &args.files {
        let of_file = one(args, name, terminal)?;
        if of_file.code() > exit.code() {
            exit = of_file;
        }
    }
    Ok(exit)
}

fn one(args: &Fmt, name: &str, terminal: &mut Terminal<'_>) -> io::Result<Exit> {
    let input = name == "-";
    let shown = if input { "standard input" } else { name };
    let old = match Disk.read(name) {
        Ok(found) => found.bytes,
        Err(error) => {
            terminal.error(&format!("{shown}: {error}"))?;
            return Ok(Exit::Refused);
        }
    };
    let new = match fmt::format(&old) {
        Ok(new) => new,
        Err(Refusal { at, why }) => {
            let mut sources = Sources::default();
            let source = sources.add(shown, old, None);
            let at = u32::try_from(at).unwrap_or(u32::MAX);
            let span = Span {
                source,
                start: at,
                end: at,
            };
            let place = sources.place(span);
            let column = place.column;
            terminal.error(&format!(
                "{place}:{column}: {why}; the file is left as it is"
            ))?;
            return Ok(Exit::Refused);
        }
    };
    let differs = *old != new;
    if args.check || args.diff {
        if differs && args.check {
            writeln!(terminal.out, "{name}")?;
        } else if differs {
            let text = diff::unified(shown, &old, &new, terminal.color_out);
            terminal.out.write_all(&text)?;
        }
        return Ok(if differs { Exit::Partly } else { Exit::Done });
    }
    if input {
        terminal.out.write_all(&new)?;
    } else if differs && let Err(error) = replace(Path::new(name), &old, &new) {
        terminal.error(&format!("{name} was left as it is: {error}"))?;
        return Ok(Exit::Refused);
    }
    Ok(Exit::Done)
}
