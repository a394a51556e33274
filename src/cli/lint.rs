//! `lvsctl lint`: what is asked, and what is answered.

use std::path::Path;
use std::{fs, io};

use super::args::Lint;
use super::exit::Exit;
use super::format::LintFormat;
use super::terminal::Terminal;
use super::{findings, fix, rehearse};
use crate::conf::{Disk, Files, Options, Snapshot, rules};
use crate::diag::{Diagnostic, Rule, Severity};
use crate::lint::control::{self, Baseline, Levels};
use crate::lint::{self, Disagreements, Findings, Needs, Release, Wanted};
use crate::sys::{Here, host};

/// Exit 2 where a file could not be read at all, 1 for a finding at error level, else 0.
pub(super) fn run(args: &Lint, terminal: &mut Terminal<'_>) -> io::Result<Exit> {
    if let Some(answer) = super::rules::answer(args, terminal) {
        return answer;
    }
    let question = match Question::of(args) {
        Ok(question) => question,
        Err(text) => {
            terminal.error(&text)?;
            return Ok(Exit::Refused);
        }
    };
    if args.fix || args.diff {
        return fix::run(&question, terminal);
    }
    let answer = question.ask(&Disk);
    answer.show(args.format, terminal)?;
    Ok(answer.exit())
}

/// What is looked at, how, and what of it is wanted.
pub(super) struct Question<'a> {
    pub(super) args: &'a Lint,
    levels: Levels,
    baseline: Baseline,
}

/// What there is to say.
pub(super) struct Answer {
    pub(super) findings: Vec<Findings>,
    /// What could not be looked at, and goes to standard error.
    notes: Vec<String>,
    /// What was asked for cannot be answered.
    error: Option<String>,
}

impl<'a> Question<'a> {
    fn of(args: &'a Lint) -> Result<Self, String> {
        let levels = Levels::new(&args.deny, &args.warn, &args.allow);
        let baseline = args.baseline.as_deref().map(baseline).transpose()?;
        Ok(Self {
            args,
            levels: levels.map_err(|unknown| unknown.to_string())?,
            baseline: baseline.unwrap_or_default(),
        })
    }

    /// All that was asked for and is not excused.
    pub(super) fn ask(&self, files: &dyn Files) -> Answer {
        self.answer(files, true)
    }

    /// What the files alone say.
    pub(super) fn look(&self, files: &dyn Files) -> Vec<Findings> {
        self.answer(files, false).findings
    }

    fn answer(&self, files: &dyn Files, further: bool) -> Answer {
        // Standard input and what changes meanwhile are read once for every look at them.
        let files = Snapshot::new(files);
        let paths = self.args.files.iter();
        let wanted = Wanted {
            target: self.args.target.map(Release::from),
        };
        let mut answer = Answer {
            findings: paths
                .flat_map(|path| lint::run(&files, path, &wanted))
                .collect(),
            notes: Vec::new(),
            error: None,
        };
        if self.args.peer {
            answer.compare(&files, &self.args.files);
        }
        if further {
            answer.look_further(&files, self.args);
        }
        let mut baseline = self.baseline.clone();
        control::settle(&mut answer.findings, &self.levels, &mut baseline, |rule| {
            self.judges(rule)
        });
        if self.args.peer {
            answer.findings.iter_mut().for_each(leave_out_advice);
        }
        answer
    }

    /// Whether a finding of the rule is possible, as the linter was asked.
    fn judges(&self, rule: &Rule) -> bool {
        match lint::needs(rule) {
            Needs::Nothing => true,
            Needs::Target => self.args.target.is_some(),
            Needs::Peer => self.args.peer,
            Needs::Host => self.args.host,
            Needs::Kernel => self.args.kernel,
        }
    }
}

/// What `--peer` has nothing to say of: a file's own warnings and advice, for which it is linted
/// alone. An error may be why directors disagree.
fn leave_out_advice(findings: &mut Findings) {
    let own = |rule: &Rule| matches!(lint::needs(rule), Needs::Nothing);
    let stays = |finding: &Diagnostic| finding.severity == Severity::Error || !own(finding.rule);
    findings.diagnostics.retain(stays);
}

impl Answer {
    /// Adds what the directors of `--peer` disagree on.
    fn compare(&mut self, files: &dyn Files, paths: &[String]) {
        let Some(Disagreements { findings, aside }) = lint::disagreements(files, paths) else {
            // A file that cannot be read is what has to be said first.
            if exit(&self.findings) != Exit::Refused {
                let text = "--peer compares directors, and this is one file without conditional lines (remedy: name the file of each director)";
                self.error = Some(text.to_owned());
                self.findings.clear();
            }
            return;
        };
        if !aside.is_empty() {
            let aside = aside.join(" and ");
            let text =
                format!("virtual servers are not compared, because those {aside} are refused");
            self.notes.push(text);
        }
        if !findings.diagnostics.is_empty() {
            self.findings.push(findings);
        }
    }

    /// Adds what `--host` and `--kernel` find, as this host reads the files.
    fn look_further(&mut self, files: &dyn Files, args: &Lint) {
        let id = host::short_name();
        let options = Options {
            config_id: Some(&id),
            environment: Some(&host::environment),
        };
        for path in args.files.iter().filter(|_| args.host) {
            let found = lint::host::on(&Here, files, path, &options);
            self.findings.push(found);
        }
        for path in args.files.iter().filter(|_| args.kernel) {
            match rehearse::run(files, path, &options) {
                Ok(Some(findings)) => self.findings.push(findings),
                Ok(None) => self.notes.push(format!(
                    "{path} is not rehearsed, because lvsctl refuses it as it stands"
                )),
                Err(sentence) => {
                    self.error = Some(format!("{sentence}; nothing was rehearsed"));
                    return;
                }
            }
        }
    }

    pub(super) fn show(&self, format: LintFormat, terminal: &mut Terminal<'_>) -> io::Result<()> {
        if let Some(error) = &self.error {
            terminal.error(error)?;
        }
        for note in &self.notes {
            terminal.note(note)?;
        }
        findings::show(format, &self.findings, terminal)
    }

    pub(super) fn exit(&self) -> Exit {
        match self.error {
            Some(_) => Exit::Refused,
            None => exit(&self.findings),
        }
    }
}

/// An earlier answer of `--format json`.
fn baseline(path: &Path) -> Result<Baseline, String> {
    let unread = |error| format!("the baseline {} cannot be read: {error}", path.display());
    let text = fs::read_to_string(path).map_err(unread)?;
    let wrong = |error| {
        let path = path.display();
        format!("{path} is no answer of lvsctl lint --format json: {error}")
    };
    Baseline::read(&text).map_err(wrong)
}

pub(super) fn exit(files: &[Findings]) -> Exit {
    // An included file that cannot be read is a finding in the one that names it.
    let unread = |file: &Findings| {
        let mut findings = file.diagnostics.iter();
        findings.any(|finding| {
            let source = file.sources.get(finding.primary.span.source);
            finding.rule == &rules::UNREADABLE_FILE
                && source.bytes.is_empty()
                && file.sources.link(finding.primary.span.source).is_none()
        })
    };
    if files.iter().any(unread) {
        return Exit::Refused;
    }
    let worst = files.iter().filter_map(Findings::worst).max();
    match worst {
        Some(Severity::Error) => Exit::Partly,
        _ => Exit::Done,
    }
}
