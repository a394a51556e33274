use std::collections::HashMap;
use std::fmt;

use crate::diag::{Rule, Severity};
use crate::lint::rules;

/// Stands for the code of every rule at warning level.
const WARNINGS: &str = "warnings";

/// Levels other than the rules' own.
#[derive(Clone, Debug, Default)]
pub struct Levels {
    by_code: HashMap<&'static str, Level>,
    /// Of warnings that nothing else is said of.
    warnings: Option<Level>,
}

/// What becomes of a rule's findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Shown(Severity),
    LeftOut,
}

/// A code that is none, or that is given two levels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnknownCode {
    Unknown {
        code: String,
        meant: Option<&'static str>,
    },
    Twice(String),
}

impl fmt::Display for UnknownCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { code, meant } => {
                write!(f, "{code} is no rule; ")?;
                match meant {
                    Some(meant) => write!(f, "did you mean {meant}?"),
                    None => f.write_str("lvsctl lint --list-rules names them all"),
                }
            }
            Self::Twice(code) => write!(f, "{code} is given two levels; leave one out"),
        }
    }
}

impl std::error::Error for UnknownCode {}

impl Levels {
    /// The codes of each list, or `warnings` for all rules of that level.
    pub fn new(deny: &[String], warn: &[String], allow: &[String]) -> Result<Self, UnknownCode> {
        let mut levels = Self::default();
        for code in deny {
            levels.set(code, Level::Shown(Severity::Error))?;
        }
        for code in warn {
            levels.set(code, Level::Shown(Severity::Warning))?;
        }
        for code in allow {
            levels.set(code, Level::LeftOut)?;
        }
        Ok(levels)
    }

    fn set(&mut self, code: &str, level: Level) -> Result<(), UnknownCode> {
        let before = if code == WARNINGS {
            self.warnings.replace(level)
        } else {
            let rule = rules().into_iter().find(|rule| rule.code == code);
            let rule = rule.ok_or_else(|| UnknownCode::Unknown {
                code: code.to_owned(),
                meant: meant(code),
            })?;
            self.by_code.insert(rule.code, level)
        };
        match before {
            Some(before) if before != level => Err(UnknownCode::Twice(code.to_owned())),
            _ => Ok(()),
        }
    }

    /// The level of a rule's findings; `None` where they are not wanted.
    pub(super) fn of(&self, rule: &Rule) -> Option<Severity> {
        let general = self.warnings.filter(|_| rule.severity == Severity::Warning);
        match self.by_code.get(rule.code).copied().or(general) {
            Some(Level::Shown(severity)) => Some(severity),
            Some(Level::LeftOut) => None,
            None => Some(rule.severity),
        }
    }
}

/// The rule that was probably meant.
pub(super) fn meant(code: &str) -> Option<&'static str> {
    crate::conf::keyword::nearest(rules().into_iter().map(|rule| rule.code), code)
}
