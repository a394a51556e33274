use super::Reader;
use super::line::Line;
use crate::conf::files::{ReadError, beside};
use crate::conf::rules;
use crate::conf::written;
use crate::diag::{Diagnostic, Link, Span, Via};

/// Files within files, and files in all, beyond what anybody means.
const DEEPEST: usize = 16;
const MOST_FILES: usize = 1_000;

/// What an include insists on beyond the file it names in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Insists {
    /// `include`, `includer`, `includem`: a pattern may match nothing.
    Nothing,
    /// `includew`, `includea`: a pattern matches something.
    Match,
    /// `includeb`: each alternative in braces does.
    EachAlternative,
}

impl Reader<'_> {
    /// Reads the file named first.
    pub(super) fn first(&mut self, path: &str) {
        let name = if path == "-" { "standard input" } else { path };
        match self.files.read(path) {
            Ok(found) => {
                let id = self.to.sources.add(name, found.bytes, None);
                if found.executable {
                    let text = format!("{name} may be executed");
                    let finding = Diagnostic::new(&rules::EXECUTABLE_FILE, nowhere(id), text)
                        .note("keepalived takes it for no configuration and reads nothing of it")
                        .help(format!("chmod a-x {name}"));
                    self.to.findings.report(finding);
                }
                self.chain.push(path.to_owned());
                self.text(id);
                self.chain.pop();
            }
            Err(error) => {
                let id = self.to.sources.add(name, std::sync::Arc::default(), None);
                let text = format!("{name}: {error}");
                self.to
                    .findings
                    .refuse(&rules::UNREADABLE_FILE, nowhere(id), text);
            }
        }
    }

    /// An include line: its path is all that follows, quotes included.
    pub(super) fn include(&mut self, line: &Line) {
        self.includes += 1;
        let length = written::include(&line.text).unwrap_or(line.text.len());
        let start = length + written::blanks(&line.text[length..]);
        let span = line.span(start..line.text.len(), &mut self.to.sources);
        let insists = match line.text.get(7) {
            Some(b'w' | b'a') => Insists::Match,
            Some(b'b') => Insists::EachAlternative,
            _ => Insists::Nothing,
        };
        let Ok(path) = std::str::from_utf8(&line.text[start..]) else {
            self.to
                .findings
                .refuse(&rules::UNREADABLE_FILE, span, "its name is not UTF-8");
            return;
        };
        let including = self.chain.last().map_or("", String::as_str);
        let pattern = beside(including, path);
        if !path.contains(['*', '?', '[', '{']) {
            self.one(pattern, span, path.starts_with('"'));
            return;
        }
        let mut found = false;
        for alternative in self.files.glob(&pattern) {
            if alternative.is_empty() && insists == Insists::EachAlternative {
                self.nothing_matches(span, "one of its alternatives");
            }
            found |= !alternative.is_empty();
            for file in alternative {
                self.matched(file, span);
            }
        }
        if !found && insists == Insists::Match {
            self.nothing_matches(span, "the pattern");
        }
    }

    fn nothing_matches(&mut self, span: Span, what: &str) {
        let text = format!("{what} matches no file, and this include insists on one");
        self.to.findings.refuse(&rules::UNREADABLE_FILE, span, text);
    }

    /// A file named in full: without it the file that names it means something else.
    fn one(&mut self, path: String, span: Span, quoted: bool) {
        match self.files.read(&path) {
            Err(error) => {
                let mut finding =
                    Diagnostic::new(&rules::UNREADABLE_FILE, span, format!("{path}: {error}"));
                if quoted {
                    finding = finding
                        .note("keepalived takes the quotes for part of the name")
                        .help("leave the quotes out");
                }
                self.to.findings.report(finding.refuse());
            }
            Ok(found) if found.executable => {
                let text = format!("{path} may be executed");
                let finding = Diagnostic::new(&rules::EXECUTABLE_FILE, span, text)
                    .note("keepalived takes it for no configuration and passes over it")
                    .help(format!("chmod a-x {path}"));
                self.to.findings.report(finding.refuse());
            }
            Ok(found) => self.read_in(path, found.bytes, span),
        }
    }

    /// A file that a pattern matched; what is no configuration is passed over.
    fn matched(&mut self, path: String, span: Span) {
        match self.files.read(&path) {
            Err(ReadError::Directory) => {}
            Err(error) => {
                let text = format!("{path}: {error}");
                self.to.findings.refuse(&rules::UNREADABLE_FILE, span, text);
            }
            Ok(found) if found.executable => {
                let text = format!("{path} may be executed and is passed over");
                self.to.findings.warn(&rules::EXECUTABLE_FILE, span, text);
            }
            Ok(found) => self.read_in(path, found.bytes, span),
        }
    }

    fn read_in(&mut self, path: String, bytes: std::sync::Arc<Vec<u8>>, span: Span) {
        self.files_read += 1;
        if self.chain.contains(&path) || self.chain.len() > DEEPEST || self.files_read > MOST_FILES
        {
            let text = format!("{path} would be read again and again");
            self.to.findings.refuse(&rules::INCLUDE_CYCLE, span, text);
            return;
        }
        let link = Link {
            via: Via::Include,
            at: span,
        };
        let id = self.to.sources.add(&path, bytes, Some(link));
        self.chain.push(path);
        self.text(id);
        self.chain.pop();
    }
}

fn nowhere(source: crate::diag::SourceId) -> Span {
    Span {
        source,
        start: 0,
        end: 0,
    }
}
