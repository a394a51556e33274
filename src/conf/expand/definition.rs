use std::collections::HashMap;
use std::rc::Rc;

use super::line::{Line, Relinked};
use crate::conf::written;
use crate::diag::{Link, Sources, Span, Via};

/// What `$NAME` stands for.
#[derive(Clone, Debug)]
pub(super) enum Definition {
    /// Text within a line.
    Text(Rc<Line>),
    /// Several lines; their reference must end its line.
    Lines(Rc<[Line]>),
    /// What the reader knows by itself.
    Predefined(Predefined),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Predefined {
    /// `_PWD`: folder of the file being read.
    Folder,
    /// `_INSTANCE`: the id that conditional lines are compared with.
    ConfigId,
    /// `_RANDOM [MIN [MAX]]`.
    Random,
    /// `_HASH`, `_BANG`: a comment sign that is part of a word where quotes are around it.
    Sign(u8),
    /// `_ENV NAME`: a variable of the process's environment.
    Environment,
}

/// All definitions in force; reading order decides.
#[derive(Debug)]
pub(super) struct Definitions(HashMap<Vec<u8>, Definition>);

impl Default for Definitions {
    fn default() -> Self {
        let known = [
            ("_PWD", Predefined::Folder),
            ("_INSTANCE", Predefined::ConfigId),
            ("_RANDOM", Predefined::Random),
            ("_HASH", Predefined::Sign(b'#')),
            ("_BANG", Predefined::Sign(b'!')),
            ("_ENV", Predefined::Environment),
        ];
        let known = known.map(|(name, what)| (name.into(), Definition::Predefined(what)));
        Self(known.into())
    }
}

impl Definitions {
    pub(super) fn set(&mut self, name: &[u8], definition: Definition) {
        self.0.insert(name.to_vec(), definition);
    }

    pub(super) fn get(&self, name: &[u8]) -> Option<&Definition> {
        self.0.get(name)
    }
}

/// A `$NAME=value` at the start of a line.
pub(super) struct Defining {
    pub(super) name: Vec<u8>,
    pub(super) value: Line,
    /// The value ends in `\`, so that the next line belongs to it.
    pub(super) continues: bool,
}

/// `None` where the line defines nothing. No blank may stand before the `=`.
pub(super) fn defining(line: &Line) -> Option<Defining> {
    let start = written::definition(&line.text)?;
    let value = line.slice(start..line.text.len());
    let (value, continues) = without_continuation(value);
    Some(Defining {
        name: line.text[1..start - 1].to_vec(),
        value,
        continues,
    })
}

/// A line of a value without outer blanks and the `\` at its end, and whether it had one.
pub(super) fn without_continuation(mut value: Line) -> (Line, bool) {
    let continues = value.text.ends_with(b"\\");
    let mut end = value.text.len() - usize::from(continues);
    while end > 0 && written::blank(value.text[end - 1]) {
        end -= 1;
    }
    value.truncate(end);
    let blanks = written::blanks(&value.text);
    (value.slice(blanks..value.text.len()), continues)
}

/// A value as it stands at the place of its use.
pub(super) fn used(value: &[Line], at: Span, sources: &mut Sources) -> Vec<Line> {
    let link = Link {
        via: Via::Parameter,
        at,
    };
    let mut known = Relinked::default();
    let mut lines = value.to_vec();
    for line in &mut lines {
        line.relink(&link, sources, &mut known);
    }
    lines
}
