use std::rc::Rc;

use super::definition::{self, Definition, Predefined};
use super::line::Line;
use super::reference::{self, Reference};
use super::{LONGEST_LINE, Reader};
use crate::conf::rules;
use crate::conf::written;
use crate::diag::Span;

/// Expansions in one line, in a whole load, and the bytes they make, beyond what anybody means.
const MOST_IN_A_LINE: usize = 4_096;
const MOST_OCCURRENCES: usize = 1_000_000;
const MOST_BYTES: usize = 64 * 1024 * 1024;

impl Reader<'_> {
    /// Puts each parameter's value in its place. Lines behind the first of a definition that has
    /// several go to `pending`.
    pub(super) fn replace(
        &mut self,
        line: &mut Line,
        pending: &mut Vec<Line>,
        replaced: &mut usize,
        opaque: &mut bool,
    ) {
        let mut from = 0;
        while let Some(at) = line.text[from..].iter().position(|byte| *byte == b'$') {
            from += at;
            let found = reference::at(&line.text, from);
            let value = found
                .as_ref()
                .and_then(|found| self.value(line, found, opaque));
            let (Some(found), Some(mut value)) = (found, value) else {
                from += 1;
                continue;
            };
            *replaced += 1;
            let first = if value.is_empty() {
                Line::default()
            } else {
                value.remove(0)
            };
            self.expanded += first.text.len() + value.iter().map(|l| l.text.len()).sum::<usize>();
            line.splice(found.whole, &first);
            pending.splice(0..0, value);
            let place = line.place();
            if *replaced > MOST_IN_A_LINE || line.text.len() > LONGEST_LINE {
                self.stop(&rules::EXPANSION_CYCLE, place, "its parameters never end");
            }
            self.bound(place);
            if self.stopped {
                line.text.clear();
                return;
            }
            let tilde = line.text[from..]
                .iter()
                .find(|byte| !written::blank(**byte));
            if tilde == Some(&b'~') {
                return;
            }
        }
    }

    pub(super) fn bound(&mut self, place: Span) {
        if self.expanded > MOST_BYTES || self.to.sources.occurrences() > MOST_OCCURRENCES {
            self.stop(
                &rules::TOO_MUCH_EXPANSION,
                place,
                "the file grows beyond all bounds",
            );
        }
    }

    /// What a reference stands for; `None` where nothing of that name is defined.
    pub(super) fn value(
        &mut self,
        line: &Line,
        found: &Reference,
        opaque: &mut bool,
    ) -> Option<Vec<Line>> {
        let parameters = &line.text[found.parameters.clone()];
        match self.definitions.get(&line.text[found.name.clone()])? {
            Definition::Text(_) | Definition::Lines(_) if !parameters.is_empty() => None,
            Definition::Lines(_) if !found.last => None,
            Definition::Text(value) => {
                let value = Rc::clone(value);
                let at = line.span(found.whole.clone(), &mut self.to.sources);
                Some(definition::used(
                    std::slice::from_ref(&value),
                    at,
                    &mut self.to.sources,
                ))
            }
            Definition::Lines(lines) => {
                let lines = Rc::clone(lines);
                let at = line.span(found.whole.clone(), &mut self.to.sources);
                Some(definition::used(&lines, at, &mut self.to.sources))
            }
            Definition::Predefined(what) => {
                let text = self.predefined(*what, parameters, opaque)?;
                let at = line.span(found.whole.clone(), &mut self.to.sources);
                Some(vec![Line::computed(text, at)])
            }
        }
    }

    pub(super) fn predefined(
        &mut self,
        what: Predefined,
        parameters: &[u8],
        opaque: &mut bool,
    ) -> Option<Vec<u8>> {
        let parameters = std::str::from_utf8(parameters).ok()?;
        let mut words = parameters.split_ascii_whitespace();
        match what {
            Predefined::Random => {
                let mut numbers = words.map(|word| word.parse::<u64>().ok());
                let least = numbers.next().unwrap_or(Some(0))?;
                let most = numbers.next().unwrap_or(Some(32_767))?;
                Some(self.random(least, most).to_string().into_bytes())
            }
            Predefined::Environment => {
                let name = words.next()?;
                let Some(environment) = self.options.environment else {
                    *opaque = true;
                    return Some(Vec::new());
                };
                Some(environment(name)?.into_bytes())
            }
            _ if !parameters.is_empty() => None,
            Predefined::Folder => {
                let path = self.chain.last().map_or("", String::as_str);
                Some(self.files.folder(path).into_bytes())
            }
            Predefined::ConfigId => {
                *opaque |= self.options.config_id.is_none();
                Some(
                    self.options
                        .config_id
                        .unwrap_or_default()
                        .as_bytes()
                        .to_vec(),
                )
            }
            Predefined::Sign(sign) => Some(vec![sign]),
        }
    }

    /// From `least` to `most`, the same at every load of the same text (xorshift).
    pub(super) fn random(&mut self, least: u64, most: u64) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        let width = most.saturating_sub(least).saturating_add(1);
        least.saturating_add(self.random % width)
    }
}
