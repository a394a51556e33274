//! A plan as people read it.

use std::fmt::Write as _;

use super::step::{Change, Step};
use crate::model::table::{Dest, Settings};

/// One line for a step: what changes, from what to what, and where the file says so.
pub fn line(step: &Step, place: Option<&str>) -> String {
    let service = &step.service;
    let mut line = match &step.change {
        Change::AddService(settings) => format!("+ {service}  {}", whole(settings)),
        Change::RemoveService(settings) => format!("- {service}  {}", whole(settings)),
        Change::EditService { before, after } => {
            format!("~ {service}  {}", settings_diff(before, after))
        }
        Change::AddDest(key, dest) => format!("+ {service} -> {key}  {}", whole_dest(dest)),
        Change::RemoveDest(key, dest) => format!("- {service} -> {key}  {}", whole_dest(dest)),
        Change::EditDest {
            dest,
            before,
            after,
        } => format!("~ {service} -> {dest}  {}", dest_diff(before, after)),
    };
    if let Some(place) = place {
        let _ = write!(line, "  ({place})");
    }
    line
}

/// What stands for something that is not there.
pub const ABSENT: &str = "absent";

/// What the object of a step is before it, whole.
pub fn before(step: &Step) -> String {
    match &step.change {
        Change::AddService(_) | Change::AddDest(..) => ABSENT.to_owned(),
        Change::EditService { before, .. } | Change::RemoveService(before) => whole(before),
        Change::EditDest { before, .. } | Change::RemoveDest(_, before) => whole_dest(before),
    }
}

/// What it is after it.
pub fn after(step: &Step) -> String {
    let settings = step.change.settings().map(whole);
    let dest = || step.change.dest().map(whole_dest);
    settings.or_else(dest).unwrap_or_else(|| ABSENT.to_owned())
}

/// The line in the colour of its sign, if colours are wanted.
pub fn paint(line: &str, color: bool) -> String {
    let hue = match line.as_bytes().first() {
        Some(b'+') => "32",
        Some(b'-') => "31",
        _ => "33",
    };
    if color {
        format!("\x1b[{hue}m{line}\x1b[0m")
    } else {
        line.to_owned()
    }
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

/// What is worth saying of something new or gone: all that is not off.
fn given(fields: Vec<(&'static str, String)>) -> String {
    let idle = ["off", "-", "0", "255.255.255.255", "/128"];
    let always = |name| matches!(name, "scheduler" | "method" | "weight");
    let worth = fields
        .into_iter()
        .filter(|(name, value)| always(name) || !idle.contains(&value.as_str()));
    let words: Vec<String> = worth
        .map(|(name, value)| match (name, value.as_str()) {
            ("scheduler" | "method", _) => value,
            (_, "on") => name.to_owned(),
            _ => format!("{name} {value}"),
        })
        .collect();
    words.join(" ")
}

fn whole(settings: &Settings) -> String {
    given(fields(settings))
}

fn whole_dest(dest: &Dest) -> String {
    given(dest_fields(dest))
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
