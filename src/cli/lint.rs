use std::path::Path;
use std::{fs, io};

use super::args::Lint;
use super::exit::Exit;
use super::format::LintFormat;
use super::terminal::Terminal;
use crate::conf::{Disk, Snapshot, rules};
use crate::diag::{Severity, json, text};
use crate::lint::control::{self, Baseline, Levels};
use crate::lint::{self, Disagreements, Findings};

/// Exit 2 where a file could not be read at all, 1 for a finding at error level, else 0.
pub(super) fn run(args: &Lint, terminal: &mut Terminal<'_>) -> io::Result<Exit> {
    if let Some(answer) = super::rules::answer(args, terminal) {
        return answer;
    }
    let levels = match Levels::new(&args.deny, &args.warn, &args.allow) {
        Ok(levels) => levels,
        Err(unknown) => return refused(&unknown.to_string(), terminal),
    };
    let mut baseline = match args.baseline.as_deref().map(baseline).transpose() {
        Ok(baseline) => baseline.unwrap_or_default(),
        Err(text) => return refused(&text, terminal),
    };
    // Standard input and what changes meanwhile are read once for both looks at them.
    let disk = Snapshot::new(&Disk);
    let mut files: Vec<Findings> = args
        .files
        .iter()
        .flat_map(|path| lint::run(&disk, path))
        .collect();
    if args.peer && !compare(&disk, args, &mut files, terminal)? {
        return Ok(Exit::Refused);
    }
    control::settle(&mut files, &levels, &mut baseline, |_| true);
    render(args.format, &files, terminal)?;
    Ok(exit(&files))
}

/// Adds what the directors of `--peer` disagree on; false where there is nothing to compare.
fn compare(
    disk: &Snapshot<'_>,
    args: &Lint,
    files: &mut Vec<Findings>,
    terminal: &mut Terminal<'_>,
) -> io::Result<bool> {
    let Some(Disagreements { findings, aside }) = lint::disagreements(disk, &args.files) else {
        // A file that cannot be read is what has to be said first.
        if exit(files) != Exit::Refused {
            let text = "--peer compares directors, and this is one file without conditional lines (remedy: name the file of each director)";
            terminal.error(text)?;
            return Ok(false);
        }
        return Ok(true);
    };
    if !aside.is_empty() {
        let aside = aside.join(" and ");
        terminal.note(&format!(
            "virtual servers are not compared, because those {aside} are refused"
        ))?;
    }
    if !findings.diagnostics.is_empty() {
        files.push(findings);
    }
    Ok(true)
}

fn render(format: LintFormat, files: &[Findings], terminal: &mut Terminal<'_>) -> io::Result<()> {
    match format {
        LintFormat::Human => {
            for file in files {
                let color = terminal.color_out;
                let rendered = text::render(&file.diagnostics, &file.sources, color);
                terminal.out.write_all(rendered.as_bytes())?;
            }
        }
        LintFormat::Json => {
            let findings = files.iter().flat_map(|file| {
                file.diagnostics
                    .iter()
                    .map(|finding| (finding, &file.sources))
            });
            writeln!(terminal.out, "{}", json::render(findings))?;
        }
        LintFormat::Sarif | LintFormat::Github | LintFormat::Gitlab => {
            return Err(io::ErrorKind::Unsupported.into());
        }
    }
    Ok(())
}

fn refused(text: &str, terminal: &mut Terminal<'_>) -> io::Result<Exit> {
    terminal.error(text)?;
    Ok(Exit::Refused)
}

/// An earlier answer of `--format json`.
fn baseline(path: &Path) -> Result<Baseline, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let wrong = |error| {
        let path = path.display();
        format!("{path} is no answer of lvsctl lint --format json: {error}")
    };
    Baseline::read(&text).map_err(wrong)
}

fn exit(files: &[Findings]) -> Exit {
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
