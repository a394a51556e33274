use super::Reader;
use super::definition::{self, Definition};
use super::line::Line;
use super::reference;
use crate::conf::rules;
use crate::conf::tree::shown;
use crate::conf::written;
use crate::diag::{Diagnostic, Span};

/// Definitions within definitions, and sequences within sequences, deeper than anybody means them.
pub(super) const DEEPEST: usize = 64;
/// So many different ids of conditional lines are remembered.
const MOST_IDS: usize = 64;

impl Reader<'_> {
    /// A line without comment and outer blanks: what it defines, repeats, includes or says.
    pub(super) fn statement(&mut self, mut line: Line, depth: usize) {
        let mut pending: Vec<Line> = Vec::new();
        let mut replaced = 0;
        let mut opaque = false;
        loop {
            if line.text.is_empty() || self.stopped {
                break;
            }
            if line.text[0] == b'@' {
                match self.condition(&line) {
                    Some(rest) => line = rest,
                    None => break,
                }
            }
            if let Some(defining) = definition::defining(&line) {
                let value = defining.value;
                if defining.continues {
                    let first = Some(value).filter(|value| !value.text.is_empty());
                    self.defining = Some((defining.name, first.into_iter().collect()));
                } else {
                    self.definitions
                        .set(&defining.name, Definition::Text(value.into()));
                }
                break;
            }
            if line.text.starts_with(b"~SEQ") || line.text.starts_with(b"~LST") {
                self.sequence(&line, depth);
                break;
            }
            if line.text[0] != b'~' && line.text.contains(&b'$') {
                let before = replaced;
                self.replace(&mut line, &mut pending, &mut replaced, &mut opaque);
                if replaced > before {
                    line.strip(false);
                    continue;
                }
            }
            if written::include(&line.text).is_some() {
                self.include(&line);
                break;
            }
            match self.split(&mut line, opaque) {
                Some(residue) => line = residue,
                None => break,
            }
        }
        for line in pending {
            if depth >= DEEPEST {
                let text = "a definition within a definition, again and again";
                self.stop(&rules::EXPANSION_CYCLE, line.place(), text);
            }
            if self.stopped {
                return;
            }
            self.statement(line, depth + 1);
        }
    }

    /// The rest of a conditional line, if this load takes it.
    pub(super) fn condition(&mut self, line: &Line) -> Option<Line> {
        let inverted = line.text.get(1) == Some(&b'^');
        let start = 1 + usize::from(inverted);
        let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
        let length = line.text[start..].iter().position(blank)?;
        let id = &line.text[start..start + length];
        if let Ok(id) = std::str::from_utf8(id)
            && self.to.ids.len() < MOST_IDS
            && !self.to.ids.contains(id)
        {
            self.to.ids.insert(id.to_owned());
        }
        let ours = self
            .options
            .config_id
            .is_some_and(|ours| ours.as_bytes() == id);
        let after = start + length;
        let after = after + written::blanks(&line.text[after..]);
        let rest = line.slice(after..line.text.len());
        if ours == inverted {
            self.elsewhere
                .extend(definition::defining(&rest).map(|defining| defining.name));
            return None;
        }
        Some(rest)
    }

    /// Takes words and braces from a line's start; what is left where a brace begins a new line
    /// that must be looked at again.
    pub(super) fn split(&mut self, line: &mut Line, mut opaque: bool) -> Option<Line> {
        let mut from = 0;
        loop {
            from += written::blanks(&line.text[from..]);
            let brace = brace(&line.text[from..]).map(|at| from + at);
            if let Some(at) = brace
                && line.text[at] == b'{'
                && at > from
                && line.text[at - 1] == b'$'
                && let Some(found) = reference::at(&line.text, at - 1)
            {
                let span = line.span(found.whole.clone(), &mut self.to.sources);
                let name = &line.text[found.name.clone()];
                // The host that no conditional line is for does not exist.
                if self.options.config_id.is_some() || !self.elsewhere.contains(name) {
                    self.undefined(span, name);
                }
                let name = line.slice(found.name.clone());
                line.splice(found.whole.start + 1..found.whole.end, &name);
                opaque = true;
                continue;
            }
            let end = brace.unwrap_or(line.text.len());
            let to = &mut self.to;
            self.blocks.made(
                &line.slice(from..end),
                opaque,
                (&mut to.sources, &mut to.findings),
            );
            opaque = false;
            let at = brace?;
            let span = line.span(at..at + 1, &mut to.sources);
            if line.text[at] == b'}' {
                self.blocks.close(span, &to.sources, &mut to.findings);
            } else if !self.blocks.open(span, &to.sources, &mut to.findings) {
                self.stopped = true;
                return None;
            }
            from = at + 1 + written::blanks(&line.text[at + 1..]);
            let rest = &line.text[from..];
            if matches!(rest.first(), Some(b'@' | b'$' | b'~')) || written::include(rest).is_some()
            {
                return Some(line.slice(from..line.text.len()));
            }
        }
    }

    pub(super) fn undefined(&mut self, span: Span, name: &[u8]) {
        let text = format!("no ${} is defined before this line", shown(name));
        let finding = Diagnostic::new(&rules::UNDEFINED_PARAMETER, span, text)
            .note("keepalived leaves it as it stands, and its brace opens a block");
        let finding = if self.elsewhere.contains(name) {
            finding.help(
                "a conditional line defines it on another host: --config-id says which this is",
            )
        } else {
            finding
        };
        self.to.findings.report(finding.refuse());
    }
}

/// The first brace outside double quotes.
fn brace(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr::memchr3(b'{', b'}', b'"', &text[at..])?;
        if text[at] != b'"' {
            return Some(at);
        }
        at += 1;
        at += memchr::memchr(b'"', &text[at..])? + 1;
    }
}
