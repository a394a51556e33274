//! The rules themselves, for who wants to read of them: `--list-rules` and `--explain`.

use std::io;

use serde::Serialize;

use super::args::Lint;
use super::exit::Exit;
use super::format::LintFormat;
use super::terminal::Terminal;
use crate::conf::keyword;
use crate::diag::{Piece, Rule};
use crate::lint;

/// Columns of a terminal that nobody made wider.
const WIDTH: usize = 80;

#[derive(Serialize)]
struct Report {
    version: u32,
    rules: Vec<Listed>,
}

#[derive(Serialize)]
struct Listed {
    code: &'static str,
    severity: &'static str,
    subject: &'static str,
    summary: &'static str,
    /// keepalived's own test says nothing of it.
    silent: bool,
    /// Markdown.
    manual: String,
}

/// Answers where rules and no files are asked for.
pub(super) fn answer(args: &Lint, terminal: &mut Terminal<'_>) -> Option<io::Result<Exit>> {
    if args.list_rules {
        return Some(list(args.format, terminal));
    }
    let code = args.explain.as_deref()?;
    Some(explain(code, args.format, terminal))
}

fn list(format: LintFormat, terminal: &mut Terminal<'_>) -> io::Result<Exit> {
    let rules = lint::rules();
    if format != LintFormat::Human {
        return json(&rules, format, terminal);
    }
    let longest = rules.iter().map(|rule| rule.code.len()).max().unwrap_or(0);
    for rule in rules {
        let (code, level) = (rule.code, rule.severity.as_str());
        writeln!(terminal.out, "{code:longest$}  {level:7}  {}", rule.summary)?;
    }
    Ok(Exit::Done)
}

fn explain(code: &str, format: LintFormat, terminal: &mut Terminal<'_>) -> io::Result<Exit> {
    let rules = lint::rules();
    let Some(rule) = rules.iter().find(|rule| rule.code == code) else {
        let known = rules.iter().map(|rule| rule.code);
        let hint = match keyword::nearest(known, code) {
            Some(meant) => format!("did you mean {meant}?"),
            None => "lvsctl lint --list-rules names them all".to_owned(),
        };
        terminal.error(&format!("{code} is no rule; {hint}"))?;
        return Ok(Exit::Refused);
    };
    if format != LintFormat::Human {
        return json(&[*rule], format, terminal);
    }
    write!(terminal.out, "{}", manual(rule, terminal.color_out))?;
    Ok(Exit::Done)
}

fn json(rules: &[&Rule], format: LintFormat, terminal: &mut Terminal<'_>) -> io::Result<Exit> {
    if format != LintFormat::Json {
        terminal.error("rules are shown with --format human or --format json")?;
        return Ok(Exit::Refused);
    }
    let listed = |rule: &&Rule| Listed {
        code: rule.code,
        severity: rule.severity.as_str(),
        subject: rule.subject(),
        summary: rule.summary,
        silent: rule.silent,
        manual: rule.manual(),
    };
    let report = Report {
        version: 1,
        rules: rules.iter().map(listed).collect(),
    };
    let text = serde_json::to_string(&report)?;
    writeln!(terminal.out, "{text}")?;
    Ok(Exit::Done)
}

/// The manual entry as a terminal shows it.
fn manual(rule: &Rule, color: bool) -> String {
    let mut out = format!(
        "{} ({}): {}\n",
        rule.code,
        rule.severity.as_str(),
        rule.summary
    );
    if color {
        out = format!("\x1b[1m{}\x1b[0m\n", out.trim_end());
    }
    for piece in rule.pieces() {
        out.push('\n');
        out.push_str(&match piece {
            Piece::Paragraph(text) => wrapped(&text, "", ""),
            Piece::Item(text) => wrapped(&text, "- ", "  "),
            Piece::Example(lines) => lines.iter().map(|line| indented(line)).collect(),
        });
    }
    if rule.silent {
        out.push_str("\nkeepalived --config-test says nothing of it.\n");
    }
    out
}

/// Words as many on a line as have room.
fn wrapped(text: &str, first: &str, others: &str) -> String {
    let mut out = String::new();
    let mut line = first.to_owned();
    let mut empty = true;
    for word in text.split_whitespace() {
        let length = line.chars().count() + usize::from(!empty) + word.chars().count();
        if !empty && length > WIDTH {
            out.extend([line.as_str(), "\n"]);
            others.clone_into(&mut line);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    out.extend([line.as_str(), "\n"]);
    out
}

fn indented(line: &str) -> String {
    if line.is_empty() {
        "\n".to_owned()
    } else {
        format!("    {line}\n")
    }
}
