use std::io;

use super::args;
use super::broken;
use super::exit::Exit;
use super::format::Format;
use super::source::{self, Read};
use super::terminal::Terminal;
use crate::claim::{self, sentence};
use crate::health::all_up;
use crate::ipvs::observe;
use crate::model::service::ServiceKey;
use crate::model::table::Table;
use crate::plan::json::{Report, StepShape};
use crate::plan::{Step, diff, drain, keep_quiesced, keep_weights, order_notes, scope, show};
use crate::sys::clock;
use crate::sys::state::Folder;

/// Exit 0, or 1 with `--exit-code` where there is something to do; 2 where it could not be told.
pub(super) fn run(args: &args::Plan, terminal: &mut Terminal<'_>) -> io::Result<Exit> {
    let Some(new) = source::read(&args.source.file, &args.source, terminal)? else {
        return Ok(Exit::Refused);
    };
    let compared = match &args.from {
        Some(old) => match source::read(old, &args.source, terminal)? {
            None => return Ok(Exit::Refused),
            Some(old) => Ok(files(&old, &new)),
        },
        None => kernel(args, &new),
    };
    let compared = match compared {
        Ok(compared) => compared,
        Err(why) => {
            terminal.error(&why)?;
            return Ok(Exit::Refused);
        }
    };
    show(args.format, &compared, &new, terminal)?;
    let exits = args.exit_code && !compared.steps.is_empty();
    Ok(if exits { Exit::Partly } else { Exit::Done })
}

/// What there is to do, and what to say beside it.
struct Compared {
    steps: Vec<Step>,
    foreign: Vec<ServiceKey>,
    notes: Vec<String>,
}

fn files(old: &Read, new: &Read) -> Compared {
    let (old, new) = (all_up(&old.director), all_up(&new.director));
    Compared {
        steps: diff(&old, &new),
        foreign: Vec::new(),
        notes: order_notes(&old, &new),
    }
}

/// Compares with the kernel's table; a sentence where it cannot be read.
fn kernel(args: &args::Plan, new: &Read) -> Result<Compared, String> {
    let globals = &new.director.globals;
    let netns = args.place.netns.as_deref();
    claim::enter(netns, globals).map_err(sentence)?;
    claim::enter_ipvs(netns, globals).map_err(sentence)?;
    let mut kernel = claim::kernel().map_err(sentence)?;
    // Looked at, and not made: a plan leaves no trace.
    let folder = Folder::find(&args.place.state_dir, globals.instance.as_deref());
    let folder = folder.map_err(|error| format!("cannot tell the network namespace: {error}"))?;
    let (record, unusable) = folder.record();
    if let Some(why) = source::empties(&args.source, &new.director, record.services.len()) {
        return Err(why);
    }
    let want = all_up(&new.director);
    let expected = want.keys().chain(&record.services);
    let observed = observe(&mut kernel, &want, expected).map_err(sentence)?;
    let mut notes: Vec<String> = unusable.into_iter().collect();
    let scoped = scope(observed, &want, &record.services);
    let mut want = if args.keep_weights {
        keep_weights(&scoped.ours, want)
    } else {
        want
    };
    if let Some(process) = folder.held_by() {
        want = keep_quiesced(&scoped.ours, want);
        drain::hold(&mut want, &scoped.ours, &record.draining);
        let process = process.map_or("unknown".to_owned(), |process| process.to_string());
        notes.push(format!(
            "a daemon (process {process}) holds this table: what it knows of the servers' health is not known here"
        ));
        notes.extend(quiesced(&scoped.ours, &want));
        for ((service, dest), since) in &record.draining {
            let seconds = clock::now().since(*since).as_secs();
            notes.push(format!(
                "{dest} of {service} left the file {seconds} s ago and is draining"
            ));
        }
    }
    notes.extend(order_notes(&scoped.ours, &want));
    let steps = diff(&scoped.ours, &want);
    // A daemon lets connections end before it removes anything.
    if folder.held_by().is_none() {
        let left = broken::families(&want, &scoped.foreign);
        notes.extend(broken::notes(&mut kernel, &steps, &left).map_err(sentence)?);
    }
    Ok(Compared {
        steps,
        foreign: scoped.foreign,
        notes,
    })
}

fn quiesced(ours: &Table, want: &Table) -> Vec<String> {
    let mut notes = Vec::new();
    for (service, have) in ours {
        let Some(named) = want.get(service) else {
            continue;
        };
        for (dest, _) in have.pool.iter().filter(|(_, dest)| dest.weight.get() == 0) {
            if named.pool.contains(dest) {
                notes.push(format!(
                    "{dest} of {service} is at weight 0: down, as far as is known here"
                ));
            }
        }
    }
    notes
}

fn show(
    format: Format,
    compared: &Compared,
    new: &Read,
    terminal: &mut Terminal<'_>,
) -> io::Result<()> {
    let Compared {
        steps,
        foreign,
        notes,
    } = compared;
    if format == Format::Json {
        let shapes = steps
            .iter()
            .map(|step| StepShape::new(step, new.place(step)));
        let result = if steps.is_empty() {
            "nothing-to-do"
        } else {
            "to-do"
        };
        let mut report = Report::new(shapes.collect(), foreign, result);
        report.notes.clone_from(notes);
        return writeln!(terminal.out, "{}", report.render());
    }
    show_steps(steps, new, terminal)?;
    for note in notes {
        writeln!(terminal.out, "note: {note}")?;
    }
    writeln!(
        terminal.out,
        "{}",
        foreign_note(foreign).unwrap_or_default() + &show::summary(steps)
    )
}

/// A line for each.
pub(super) fn show_steps(
    steps: &[Step],
    read: &Read,
    terminal: &mut Terminal<'_>,
) -> io::Result<()> {
    let mut line = String::new();
    for step in steps {
        line.clear();
        show::add_line(&mut line, step, read.place(step), terminal.color_out);
        terminal.out.write_all(line.as_bytes())?;
    }
    Ok(())
}

/// How many services are somebody else's, as a line.
pub(super) fn foreign_note(foreign: &[ServiceKey]) -> Option<String> {
    match foreign.len() {
        0 => None,
        1 => Some("1 service is not ours and is left alone\n".to_owned()),
        many => Some(format!("{many} services are not ours and are left alone\n")),
    }
}
