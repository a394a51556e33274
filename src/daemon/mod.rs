//! Keeps the kernel's table what the file and the servers' health say.
//!
//! ```text
//!  SIGHUP, file ──▶ ┌──────────────┐ ──orders──▶ prober ──▶ real servers
//!  SIGTERM, USR1 ─▶ │  main task   │ ◀─answers──   │
//!  addresses ─────▶ │    Board     │ ──news──▶ scripts, FIFOs, mail
//!                   │              │ ─snapshot─▶ store thread ──▶ health.json
//!                   └──────────────┘ ──services (merged)──▶ kernel thread ──▶ kernel
//!                          ▲                                     │
//!                          └──────────────── rounds ◀────────────┘
//! ```
//!
//! The main task owns the verdicts, the prober its sockets, the kernel thread the table: nothing
//! is shared, and what waits, waits on its own thread.

mod agenda;
mod canary;
mod goal;
mod holding;
mod keeper;
mod kernel;
mod letter;
mod mailbox;
mod need;
mod options;
mod others;
mod powers;
mod refusals;
mod reload;
mod repair;
mod report;
mod scripts;
mod signals;
mod start;
mod store;
mod tally;
mod timeouts;
mod watch;

pub use agenda::{Agenda, Cue};
pub use goal::{Goal, Standing};
pub use keeper::{Keeper, Round};
pub use mailbox::Mailbox;
pub use options::Options;
pub use refusals::{Changed, Refusals};
pub use repair::{Repair, repairs};
pub use tally::Tally;
pub use timeouts::{Outcome, Retimed};

use tracing::error;

use crate::sys::allocator;

/// How a daemon ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// By order.
    Stopped,
    /// It could not start; nothing was changed.
    NotStarted,
    /// It could not go on.
    Broken,
}

/// Runs until told to stop.
pub fn run(options: &Options) -> Ended {
    allocator::give_back_large();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(watch::run(options)),
        Err(error) => {
            error!(%error, "cannot start");
            Ended::NotStarted
        }
    }
}
