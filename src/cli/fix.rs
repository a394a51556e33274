//! `lint --fix` and `lint --diff`.

use std::io;
use std::path::Path;

use super::diff;
use super::exit::Exit;
use super::findings::counted;
use super::lint::{self, Question};
use super::terminal::Terminal;
use crate::conf::{Disk, Files};
use crate::lint::fix::{self, Change, Fixed};
use crate::sys::replace::replace;

pub(super) fn run(question: &Question<'_>, terminal: &mut Terminal<'_>) -> io::Result<Exit> {
    let args = question.args;
    if args.fix && args.files.iter().any(|file| file == "-") {
        terminal.error("standard input is no file that could be changed (remedy: --diff)")?;
        return Ok(Exit::Refused);
    }
    let find = |files: &dyn Files| question.look(files);
    let fixed = fix::fix(&Disk, &args.files, &find);
    let mut least = Exit::Done;
    for refused in &fixed.refused {
        terminal.error(&format!(
            "{}: the fix of {} was left out, because {}",
            refused.place, refused.code, refused.reason
        ))?;
        least = Exit::Partly;
    }
    let exit = if args.diff {
        show(&fixed, terminal)?;
        lint::exit(&fixed.before)
    } else {
        let written = write(&fixed.changes, terminal)?;
        let left = question.ask(&Disk);
        left.show(args.format, terminal)?;
        worse(written, left.exit())
    };
    Ok(worse(least, exit))
}

/// The difference alone, so that patch(1) can read it.
fn show(fixed: &Fixed, terminal: &mut Terminal<'_>) -> io::Result<()> {
    for Change { name, old, new, .. } in &fixed.changes {
        let text = diff::unified(name, old, new, terminal.color_out);
        terminal.out.write_all(&text)?;
    }
    Ok(())
}

fn write(changes: &[Change], terminal: &mut Terminal<'_>) -> io::Result<Exit> {
    let mut failed = 0;
    for change in changes {
        let name = &change.name;
        if let Err(error) = replace(Path::new(name), &change.old, &change.new) {
            terminal.error(&format!("{name} was left as it is: {error}"))?;
            failed += 1;
            continue;
        }
        let each = change.fixed.iter();
        let each: Vec<String> = each
            .map(|(code, number)| format!("{number} {code}"))
            .collect();
        let all = counted(change.fixed.values().sum(), "finding");
        terminal.note(&format!("{name}: {all} fixed ({})", each.join(", ")))?;
    }
    Ok(match failed {
        0 => Exit::Done,
        all if all == changes.len() => Exit::Refused,
        _ => Exit::Partly,
    })
}

fn worse(a: Exit, b: Exit) -> Exit {
    if a.code() > b.code() { a } else { b }
}
