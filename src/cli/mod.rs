//! What can be typed, and what it answers.

mod apply;
mod args;
mod broken;
mod daemon;
mod diff;
mod done;
mod exit;
mod findings;
mod fix;
mod fmt;
mod format;
mod lint;
mod plan;
mod rehearse;
mod rules;
mod script_process;
mod settle;
mod source;
mod terminal;

pub use args::{Cli, Command};
pub use exit::Exit;

use crate::sys::scripts;
use terminal::Terminal;

/// Runs one command to its end.
pub fn run(cli: &Cli) -> Exit {
    match &cli.command {
        Command::Lint(args) => Terminal::with(|terminal| lint::run(args, terminal), Exit::Done),
        Command::Fmt(args) => Terminal::with(|terminal| fmt::run(args, terminal), Exit::Done),
        Command::Plan(args) => Terminal::with(|terminal| plan::run(args, terminal), Exit::Done),
        Command::Apply(args) => Terminal::with(|terminal| apply::run(args, terminal), Exit::Partly),
        Command::Daemon(args) => daemon::run(args),
        Command::ScriptProcess => script_process::run(scripts::serve),
        Command::ScriptLauncher => script_process::run(scripts::launch),
    }
}
