use std::io::{self, IsTerminal};

use super::args::{self, LogFormat};
use super::exit::Exit;
use crate::daemon::{self, Ended, Options};
use crate::health::Care;

/// Exit 0 ordered stop, 2 not started, 1 else.
pub(super) fn run(args: &args::Daemon) -> Exit {
    log(args);
    let ended = daemon::run(&Options {
        file: args.source.file.clone(),
        config_id: args.source.config_id.clone(),
        strict: args.source.strict,
        allow_empty: args.source.allow_empty,
        netns: args.place.netns.clone(),
        state_dir: args.place.state_dir.clone(),
        failed_servers: args.failed_servers.into(),
        care: Care {
            slow_start: args.slow_start,
            hold_down: args.hold_down,
            panic_threshold: args.panic_threshold,
        },
        max_removal: args.max_removal,
        tls_roots: args.tls_roots.clone(),
        removal_grace: args.removal_grace,
        resync: args.resync,
        sysctl: !args.no_sysctl,
        flush_on_stop: args.flush_on_stop,
        canary: args.canary,
        repair: !args.no_repair,
        user: args.user.clone(),
        sandbox: !args.no_sandbox,
    });
    match ended {
        Ended::Stopped => Exit::Done,
        Ended::NotStarted => Exit::Refused,
        Ended::Broken => Exit::Partly,
    }
}

fn log(args: &args::Daemon) {
    let builder = tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_max_level(args.log_level)
        .with_target(false);
    match args.log_format {
        LogFormat::Text => builder.with_ansi(io::stderr().is_terminal()).init(),
        LogFormat::Json => builder.json().flatten_event(true).init(),
    }
}
