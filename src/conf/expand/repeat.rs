use super::Reader;
use super::definition::Definition;
use super::line::{Line, Relinked};
use super::sequence;
use super::statement::DEEPEST;
use crate::conf::rules;
use crate::conf::tree::shown;
use crate::conf::written;
use crate::diag::{Link, Span, Via};

impl Reader<'_> {
    /// `~SEQ(…)` or `~LST(…)`: the rest of the line once for each value.
    pub(super) fn sequence(&mut self, line: &Line, depth: usize) {
        let Some(close) = line.text.iter().position(|byte| *byte == b')') else {
            let span = line.span(0..line.text.len(), &mut self.to.sources);
            self.to
                .findings
                .refuse(&rules::BAD_SEQUENCE, span, "its ) is missing");
            return;
        };
        let at = line.span(0..close + 1, &mut self.to.sources);
        if depth >= DEEPEST {
            self.stop(
                &rules::EXPANSION_CYCLE,
                at,
                "a sequence within a sequence, again and again",
            );
            return;
        }
        let mut spec = line.slice(0..close + 1);
        let rest = close + 1 + written::blanks(&line.text[close + 1..]);
        let rest = line.slice(rest..line.text.len());
        let rounds = if spec.text.starts_with(b"~LST") {
            rounds_of_list(&spec, at)
        } else {
            let mut lines = Vec::new();
            self.replace(&mut spec, &mut lines, &mut 0, &mut false);
            if lines.is_empty() {
                rounds_of_numbers(&spec, at)
            } else {
                Err("a value of it has several lines")
            }
        };
        let rounds = match rounds {
            Ok(rounds) => rounds,
            Err(text) => {
                self.to.findings.refuse(&rules::BAD_SEQUENCE, at, text);
                return;
            }
        };
        for round in rounds {
            let mut said = String::new();
            for (name, value) in round {
                let name_shown = shown(&name);
                let value_shown = shown(&value.text);
                let comma = if said.is_empty() { "" } else { ", " };
                said = format!("{said}{comma}{name_shown} = {value_shown}");
                self.definitions.set(&name, Definition::Text(value.into()));
            }
            let brought = Link {
                via: Via::Sequence(said.into()),
                at,
            };
            let mut line = rest.clone();
            line.relink(&brought, &mut self.to.sources, &mut Relinked::default());
            self.expanded += line.text.len();
            self.bound(at);
            self.stopped |= self.to.findings.full();
            if self.stopped {
                return;
            }
            self.statement(line, depth + 1);
        }
    }
}

type Rounds = Vec<Vec<(Vec<u8>, Line)>>;

fn rounds_of_numbers(spec: &Line, at: Span) -> Result<Rounds, &'static str> {
    let numbers = sequence::numbers(&spec.text)?;
    if numbers.rounds() > sequence::MOST_ROUNDS {
        return Err("more than 100000 rounds");
    }
    let name = spec.text[numbers.variable.clone()].to_vec();
    let values = numbers.values();
    let round = |value: String| vec![(name.clone(), Line::computed(value.into_bytes(), at))];
    Ok(values.map(round).collect())
}

fn rounds_of_list(spec: &Line, at: Span) -> Result<Rounds, &'static str> {
    let list = sequence::list(&spec.text)?;
    let mut rounds = Rounds::new();
    for set in &list.rounds {
        let mut round = Vec::new();
        for (name, value) in list.variables.iter().zip(set) {
            let value = if value.is_empty() {
                Line::computed(Vec::new(), at)
            } else {
                spec.slice(value.clone())
            };
            round.push((spec.text[name.clone()].to_vec(), value));
        }
        rounds.push(round);
    }
    Ok(rounds)
}
