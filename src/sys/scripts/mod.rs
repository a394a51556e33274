//! Scripts, run by a process of their own: a re-execution of ourselves that keeps what privileges
//! the daemon gives up, and whose memory is small to fork. It has its start from a third, the
//! launcher, because the daemon can start nothing any more.
//!
//! ```text
//! checks ──run──▶ ┌──────────────────┐ ──orders──▶ ┌────────────────┐ ──fork, exec──▶ scripts
//!                 │ thread "scripts" │  (socket)   │ script process │
//! notify ──tell─▶ │ Desk, two Queues │ ◀─reports── │ a task for each│ ◀──status, said── │
//!                 └──────────────────┘             └────────────────┘ ──TERM, KILL──▶ group
//! ```
//!
//! The end of the socket is the end of the other side: without a daemon the process ends its
//! scripts and itself, without the process the daemon has another started, once in five seconds.

mod child;
mod desk;
mod frame;
mod handle;
mod launcher;
mod launching;
mod link;
mod message;
mod process;
mod queue;
mod runner;
mod running;
mod said;
mod vet;

pub use handle::{NeedsRestart, NotRun, Ran, Scripts};
pub use launcher::Launcher;
pub use launching::launch;
pub use message::Outcome;
pub use process::{ServeError, serve};
pub use runner::account;
pub use vet::{Runnable, Unfit, Vetted};

use crate::model::text::escape;

/// The word of the command line that makes lvsctl the script process.
pub const WORD: &str = "script-process";

/// The word that makes it the launcher.
pub const LAUNCHER: &str = "script-launcher";

/// The program that runs, even where its file was replaced since.
pub const OURSELVES: &str = "/proc/self/exe";

/// The first line of what a script said, for people.
fn first_line(said: &[u8]) -> String {
    let mut lines = said.split(|byte| *byte == b'\n');
    let line = lines.next().unwrap_or_default().trim_ascii();
    let mut text = String::new();
    // A string takes everything.
    let _ = escape(line, &mut text);
    text
}
