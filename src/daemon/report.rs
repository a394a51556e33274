//! What the daemon says of what happened: constant phrases, the facts as fields.

use tracing::{error, info, warn};

use super::keeper::Round;
use super::refusals::Changed;
use super::tally::Tally;
use crate::diag::{Diagnostic, Severity, Sources};
use crate::health::{About, Board, Cause, Guard, News, Part, Reason, Server, Shift};
use crate::model::check::{Probe, ProbeKind};
use crate::model::moment::Moment;
use crate::model::service::VirtualServerKey;
use crate::model::table::Dest;
use crate::plan::{Change, Step, show};
use crate::probe::{self, Lateness};
use crate::sys::limits;

/// Every finding of a file, one line each.
pub(super) fn findings(diagnostics: &[Diagnostic], sources: &Sources) {
    for finding in diagnostics {
        let place = sources.place(finding.primary.span).to_string();
        let code = finding.rule.code;
        let (summary, text) = (finding.rule.summary, &finding.primary.text);
        match finding.severity {
            Severity::Error => error!(place, code, "{summary}: {text}"),
            Severity::Warning | Severity::Info => warn!(place, code, "{summary}: {text}"),
        }
    }
}

/// A verdict that changed, before the kernel has been told.
pub(super) fn shift(shift: &Shift, now: Moment) {
    let Server {
        virtual_server,
        real_server,
    } = &shift.server;
    let after_seconds = now.since(shift.was_since).as_secs();
    let reason = &*shift.reason;
    if shift.up {
        info!(%virtual_server, %real_server, reason, after_seconds, "real server is up");
    } else {
        warn!(%virtual_server, %real_server, reason, after_seconds, "real server is down");
    }
}

/// Whether there are more checks than this process may hold descriptors for; said once.
pub(super) fn crowd(board: &Board, said: bool) -> bool {
    let has_socket =
        |probe: &&Probe| !matches!(probe.kind, ProbeKind::File(_) | ProbeKind::Misc(_));
    let checks = board.probes().filter(has_socket).count();
    let descriptors = limits::descriptors();
    let crowded = !probe::holds(descriptors, checks);
    if crowded && !said {
        warn!(
            checks,
            descriptors,
            "not all checks fit at one time: one that waits for a descriptor is late, and no server is blamed for it (remedy: LimitNOFILE= of the unit, or a higher ulimit -Hn)"
        );
    }
    crowded
}

/// What a round did to the table.
pub(super) fn round(round: &Round, board: &Board, now: Moment) {
    for step in &round.done {
        done(step, board, now);
    }
}

/// So many refusals of a round are told one by one.
const TOLD: usize = 100;

/// What the kernel has begun to refuse, and what no more.
pub(super) fn refusals(changed: &Changed) {
    for (step, refusal) in changed.refused.iter().take(TOLD) {
        error!(%step, reason = refusal.explain(step), "refused by the kernel, which is tried again");
    }
    for step in changed.skipped.iter().take(TOLD) {
        warn!(%step, "not done, because of what was refused");
    }
    for object in changed.over.iter().take(TOLD) {
        let service = object.service().map(tracing::field::display);
        let real_server = object.dest().map(|dest| dest.to_string());
        info!(service, real_server, "refused no more");
    }
    let more = |all: usize| all.saturating_sub(TOLD);
    let refused = more(changed.refused.len());
    let (skipped, over) = (more(changed.skipped.len()), more(changed.over.len()));
    if refused + skipped + over > 0 {
        warn!(refused, skipped, over, "and more of the same");
    }
}

fn done(step: &Step, board: &Board, now: Moment) {
    let service = &step.service;
    let (dest, from, to) = match &step.change {
        Change::AddDest(dest, after) => (dest, None, Some(after)),
        Change::EditDest {
            dest,
            before,
            after,
        } => (dest, Some(before), Some(after)),
        Change::RemoveDest(dest, before) => (dest, Some(before), None),
        Change::AddService(_) | Change::EditService { .. } | Change::RemoveService(_) => {
            let change = show::line(step);
            return info!(%service, change, "service changed");
        }
    };
    let (reason, since) = reason(step, board, now);
    let reason = &*reason;
    let weight =
        |dest: Option<&Dest>| dest.map_or("absent".to_owned(), |dest| dest.weight.to_string());
    let (from_weight, to_weight) = (weight(from), weight(to));
    if from_weight == to_weight {
        let change = show::line(step);
        info!(%service, real_server = %dest, change, reason, "real server changed");
    } else {
        info!(
            %service,
            real_server = %dest,
            from = from_weight,
            to = to_weight,
            reason,
            since_seconds = since,
            "weight changed"
        );
    }
}

/// Why a dest was changed, and for how long that has been so.
fn reason(step: &Step, board: &Board, now: Moment) -> (Reason, u64) {
    let dest = step.dest();
    let known = dest.and_then(|dest| board.reason(&step.service, &dest));
    let (reason, since) = known.unwrap_or_else(|| ("not in the file".into(), None));
    (reason, since.map_or(0, |since| now.since(since).as_secs()))
}

/// A quorum that was gained or lost.
pub(super) fn quorum(news: &News) {
    let About {
        part: Part::Quorum { weight },
        ..
    } = news.about
    else {
        return;
    };
    let Some(server) = news.about.server() else {
        return;
    };
    let (virtual_server, quorum) = (&server.key, server.quorum);
    let sorry_server = server.sorry.map(|sorry| sorry.key.to_string());
    let needed = if news.up {
        quorum.gained_at()
    } else {
        quorum.lost_below()
    };
    let reason = match &news.cause {
        Cause::Checked(reason) => reason,
        Cause::Configured => "the file says so",
        Cause::Removed => "not in the file",
        Cause::Stopping => "the daemon stops",
    };
    if news.up {
        info!(%virtual_server, weight, needed, reason, "quorum gained");
    } else {
        warn!(%virtual_server, weight, needed, reason, sorry_server, "quorum lost");
    }
}

/// A pool that is kept from emptying.
pub(super) fn guard(virtual_server: &VirtualServerKey, guard: Guard, percent: Option<u8>) {
    let percent = percent.unwrap_or_default();
    match guard {
        Guard::Frozen { failed, of } => error!(
            %virtual_server,
            failed,
            of,
            percent,
            "too many real servers failed at once: the pool is frozen as it is, because the fault may be on this side (--panic-threshold)"
        ),
        Guard::Thawed => {
            warn!(%virtual_server, percent, "enough real servers are back: verdicts count again");
        }
    }
}

/// Every server, how punctual the checks are and what others changed, for SIGUSR1.
pub(super) fn state(board: &Board, lateness: &Lateness, tally: &Tally, now: Moment) {
    let (servers, up) = board.count();
    info!(servers, up, "state");
    let Tally {
        services,
        dests,
        timeouts,
        by_canary,
        by_resync,
        by_other,
        fights,
        left_alone,
        refused,
    } = tally;
    info!(
        services,
        dests,
        timeouts,
        by_canary,
        by_resync,
        by_other,
        fights,
        left_alone,
        "repairs since the start"
    );
    if *refused > 0 {
        warn!(refused, "changes that the kernel refuses just now");
    }
    let Lateness {
        count,
        median,
        p99,
        most,
    } = lateness;
    info!(
        checks = count,
        ?median,
        ?p99,
        ?most,
        "lateness of checks in the last minutes"
    );
    for (server, standing) in board.iter() {
        let Server {
            virtual_server,
            real_server,
        } = server;
        let since_seconds = now.since(standing.since).as_secs();
        let health = if standing.up { "up" } else { "down" };
        info!(%virtual_server, %real_server, health, reason = &*standing.reason, since_seconds, "state of real server");
    }
}
