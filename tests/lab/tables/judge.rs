use std::collections::BTreeSet;
use std::fmt;

use crate::apply::Ours;
use crate::bench::Bench;
use crate::compare::{Difference, differences};
use crate::keepalived::Theirs;
use crate::reading::{self, Finding};
use crate::waiting;

/// So many differences of one file are shown.
const SHOWN: usize = 12;

/// What came of one file.
#[derive(Debug)]
pub struct Judgement {
    /// How many services keepalived made, or why it got nowhere.
    pub theirs: Result<usize, String>,
    pub ours: Verdict,
}

#[derive(Debug)]
pub enum Verdict {
    Refused(Vec<Finding>),
    /// With no difference where the tables are the same, or where there is but one.
    Taken(Vec<Difference>),
    /// lvsctl itself went wrong.
    Broken(String),
}

/// Puts one file to both.
pub fn judge(bench: &Bench, file: &str) -> Judgement {
    let (theirs, ours) = bench.fill(file);
    let ours = match (&theirs, ours) {
        (_, Ours::Failed(why)) => Verdict::Broken(why),
        (_, Ours::Refused(findings)) => Verdict::Refused(findings),
        (Theirs::Failed(_), Ours::Filled(_)) => Verdict::Taken(Vec::new()),
        (Theirs::Filled(theirs), Ours::Filled(mut ours)) => {
            if let Ok(director) = reading::read(file) {
                waiting::without(&mut ours.table, &director);
            }
            Verdict::Taken(differences(&ours, theirs))
        }
    };
    let theirs = match theirs {
        Theirs::Filled(filled) => Ok(filled.table.len()),
        Theirs::Failed(why) => Err(why),
    };
    Judgement { theirs, ours }
}

impl Judgement {
    /// What the ledger must name, each once.
    pub fn attributes(&self) -> BTreeSet<String> {
        match (&self.ours, &self.theirs) {
            (Verdict::Broken(_), _) => ["broken".to_owned()].into(),
            (Verdict::Taken(_), Err(_)) => ["no-table".to_owned()].into(),
            (Verdict::Taken(found), Ok(_)) => {
                found.iter().map(|d| d.attribute.to_owned()).collect()
            }
            // Where keepalived fills no table, there is none to be like.
            (Verdict::Refused(_), Err(_) | Ok(0)) => BTreeSet::new(),
            (Verdict::Refused(findings), Ok(_)) => {
                findings.iter().map(Finding::attribute).collect()
            }
        }
    }
}

impl fmt::Display for Judgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Err(why) = &self.theirs {
            writeln!(f, "  keepalived: {why}")?;
        }
        match &self.ours {
            Verdict::Refused(findings) => findings.iter().take(SHOWN).try_for_each(|finding| {
                writeln!(f, "  {}: {}", finding.place, finding.attribute())
            }),
            Verdict::Taken(found) => found.iter().take(SHOWN).try_for_each(|difference| {
                let Difference {
                    attribute,
                    object,
                    ours,
                    theirs,
                } = difference;
                writeln!(
                    f,
                    "  {object}: {attribute}: lvsctl {ours}, keepalived {theirs}"
                )
            }),
            Verdict::Broken(why) => writeln!(f, "  lvsctl is broken: {why}"),
        }
    }
}
