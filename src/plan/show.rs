//! A plan as people read it.

use std::fmt::{self, Write as _};
use std::net::Ipv4Addr;

use super::step::{Change, Step};
use crate::model::limits::Thresholds;
use crate::model::persist::Granularity;
use crate::model::table::{Dest, Settings};

/// One line for a step: what changes, from what to what.
pub fn line(step: &Step) -> String {
    let mut line = String::with_capacity(128);
    let _ = write_change(step, &mut line); // a string takes all
    line
}

/// Adds the same to a text, with the file and the line that say so, in the colour of its sign where
/// colours are wanted. A plan may have a hundred thousand.
pub fn add_line(text: &mut String, step: &Step, place: Option<(&str, usize)>, color: bool) {
    if color {
        text.push_str(hue(step));
    }
    let _ = write_change(step, text); // a string takes all
    if let Some((file, line)) = place {
        text.push_str("  (");
        text.push_str(file);
        let _ = write!(text, ":{line})");
    }
    text.push_str(if color { "\x1b[0m\n" } else { "\n" });
}

fn hue(step: &Step) -> &'static str {
    match step.change {
        Change::AddService(_) | Change::AddDest(..) => "\x1b[32m",
        Change::RemoveService(_) | Change::RemoveDest(..) => "\x1b[31m",
        Change::EditService { .. } | Change::EditDest { .. } => "\x1b[33m",
    }
}

/// What stands for something that is not there.
pub const ABSENT: &str = "absent";

/// What the object of a step is before it, whole.
pub fn before(step: &Step) -> String {
    match &step.change {
        Change::AddService(_) | Change::AddDest(..) => ABSENT.to_owned(),
        Change::EditService { before, .. } => written(&**before, whole),
        Change::RemoveService(before) => written(before, whole),
        Change::EditDest { before, .. } | Change::RemoveDest(_, before) => {
            written(before, whole_dest)
        }
    }
}

/// What it is after it.
pub fn after(step: &Step) -> String {
    let settings = step.change.settings().map(|after| written(after, whole));
    let dest = || step.change.dest().map(|after| written(after, whole_dest));
    settings.or_else(dest).unwrap_or_else(|| ABSENT.to_owned())
}

fn written<T>(object: &T, write: impl FnOnce(&T, &mut String) -> fmt::Result) -> String {
    let mut text = String::new();
    let _ = write(object, &mut text); // a string takes all
    text
}

fn write_change(step: &Step, line: &mut String) -> fmt::Result {
    let service = &step.service;
    let sign = match step.change {
        Change::AddService(_) | Change::AddDest(..) => "+ ",
        Change::RemoveService(_) | Change::RemoveDest(..) => "- ",
        Change::EditService { .. } | Change::EditDest { .. } => "~ ",
    };
    line.push_str(sign);
    write!(line, "{service}")?;
    if let Some(dest) = step.dest() {
        line.push_str(" -> ");
        write!(line, "{dest}")?;
    }
    line.push_str("  ");
    match &step.change {
        Change::AddService(settings) | Change::RemoveService(settings) => whole(settings, line)?,
        Change::AddDest(_, dest) | Change::RemoveDest(_, dest) => whole_dest(dest, line)?,
        Change::EditService { before, after } => line.push_str(&settings_diff(before, after)),
        Change::EditDest { before, after, .. } => line.push_str(&dest_diff(before, after)),
    }
    Ok(())
}

/// How much is to do, in one line.
pub fn summary(steps: &[Step]) -> String {
    if steps.is_empty() {
        return "nothing to do: the table is as the file says".to_owned();
    }
    let count = |what: fn(&Change) -> bool| steps.iter().filter(|step| what(&step.change)).count();
    let added = count(|change| matches!(change, Change::AddService(_) | Change::AddDest(..)));
    let removed =
        count(|change| matches!(change, Change::RemoveService(_) | Change::RemoveDest(..)));
    let edited = steps.len() - added - removed;
    format!("{added} to add, {edited} to change, {removed} to remove")
}

/// The fields of a service with what each is, in the order they are shown.
fn fields(settings: &Settings) -> Vec<(&'static str, String)> {
    let on = |on: bool| if on { "on" } else { "off" }.to_owned();
    let persistence = settings.persistence;
    let timeout = persistence.map_or("off".to_owned(), |p| format!("{} s", p.timeout));
    let granularity = persistence.map_or("-".to_owned(), |p| p.granularity.to_string());
    let engine = settings.engine.as_ref();
    vec![
        ("scheduler", settings.scheduler.to_string()),
        ("flag-1", on(settings.flags.flag1)),
        ("flag-2", on(settings.flags.flag2)),
        ("flag-3", on(settings.flags.flag3)),
        ("ops", on(settings.one_packet)),
        ("persistence", timeout),
        ("granularity", granularity),
        ("engine", engine.map_or("-".to_owned(), ToString::to_string)),
    ]
}

fn dest_fields(dest: &Dest) -> Vec<(&'static str, String)> {
    vec![
        ("method", dest.method.to_string()),
        ("weight", dest.weight.to_string()),
        ("uthreshold", dest.thresholds.upper.to_string()),
        ("lthreshold", dest.thresholds.lower.to_string()),
    ]
}

/// What is worth saying of a service that is new or gone: all that is not off.
fn whole(settings: &Settings, line: &mut String) -> fmt::Result {
    line.push_str(settings.scheduler.as_str());
    let flags = [
        (" flag-1", settings.flags.flag1),
        (" flag-2", settings.flags.flag2),
        (" flag-3", settings.flags.flag3),
        (" ops", settings.one_packet),
    ];
    for (name, _) in flags.into_iter().filter(|(_, on)| *on) {
        line.push_str(name);
    }
    if let Some(persistence) = settings.persistence {
        write!(line, " persistence {} s", persistence.timeout)?;
        match persistence.granularity {
            Granularity::Netmask(Ipv4Addr::BROADCAST) | Granularity::Prefix(128) => {}
            granularity => write!(line, " granularity {granularity}")?,
        }
    }
    match &settings.engine {
        Some(engine) => write!(line, " engine {engine}"),
        None => Ok(()),
    }
}

/// The same of a dest.
fn whole_dest(dest: &Dest, line: &mut String) -> fmt::Result {
    write!(line, "{} weight {}", dest.method, dest.weight)?;
    let Thresholds { upper, lower } = dest.thresholds;
    if upper != 0 {
        write!(line, " uthreshold {upper}")?;
    }
    if lower != 0 {
        write!(line, " lthreshold {lower}")?;
    }
    Ok(())
}

fn differences(before: Vec<(&'static str, String)>, after: Vec<(&'static str, String)>) -> String {
    let pairs = before.into_iter().zip(after);
    let changed = pairs.filter(|((_, before), (_, after))| before != after);
    let words: Vec<String> = changed
        .map(|((name, before), (_, after))| format!("{name} {before} -> {after}"))
        .collect();
    words.join(", ")
}

/// What changes in a service, field by field.
pub fn settings_diff(before: &Settings, after: &Settings) -> String {
    differences(fields(before), fields(after))
}

/// What changes in a dest, field by field.
pub fn dest_diff(before: &Dest, after: &Dest) -> String {
    differences(dest_fields(before), dest_fields(after))
}
