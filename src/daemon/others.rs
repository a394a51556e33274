//! What the daemon says of what others changed: constant phrases, the facts as fields.

use tracing::{error, info, warn};

use super::agenda::Cue;
use super::keeper::Round;
use super::repair::{Repair, repairs};
use super::timeouts::{Outcome, Retimed};
use crate::model::director::Timeouts;
use crate::plan::{Fight, show};

/// What a round found that others had changed, and what became of it.
pub(super) fn round(round: &Round, cue: Option<Cue>, suspects: &[String]) {
    let suspects = if suspects.is_empty() {
        "no program is to be seen that would".to_owned()
    } else {
        suspects.join(", ")
    };
    for repair in repairs(&round.repaired) {
        repaired(repair, cue);
    }
    for step in &round.noted.left {
        let (service, found, wanted) = (&step.service, show::before(step), show::after(step));
        match step.dest() {
            Some(dest) => {
                warn!(%service, real_server = %dest, found, wanted, "left as somebody else made it (--no-repair)");
            }
            None => {
                warn!(%service, found, wanted, "left as somebody else made it (--no-repair)");
            }
        }
    }
    for object in &round.noted.righted {
        info!(%object, "again as it should be, by somebody else");
    }
    for fight in &round.noted.fights {
        fought(fight, &suspects);
    }
    for object in &round.noted.over {
        info!(%object, "nobody else changes it any longer");
    }
    if let Some(retimed) = &round.retimed {
        timeouts(retimed, cue, &suspects);
    }
}

fn repaired(repair: Repair<'_>, cue: Option<Cue>) {
    let Repair { step, along } = repair;
    let (service, before, after) = (&step.service, show::before(step), show::after(step));
    let found_by = found_by(cue);
    match step.dest() {
        Some(dest) => {
            warn!(%service, real_server = %dest, before, after, found_by, "repaired: somebody else had changed the real server");
        }
        None if before == show::ABSENT => {
            warn!(%service, before, after, real_servers = along, found_by, "repaired: somebody else had removed the service");
        }
        None => {
            warn!(%service, before, after, found_by, "repaired: somebody else had changed the service");
        }
    }
}

fn fought(fight: &Fight, suspects: &str) {
    let Fight {
        object,
        repairs,
        wait,
        step,
    } = fight;
    let (found, wanted) = (show::before(step), show::after(step));
    error!(
        %object,
        repairs,
        found,
        wanted,
        suspects,
        left_seconds = wait.as_secs(),
        "somebody else changes this again and again: it is left so for a while"
    );
}

fn timeouts(retimed: &Retimed, cue: Option<Cue>, suspects: &str) {
    let found = seconds(&retimed.found);
    let wanted = seconds(&retimed.wanted);
    match retimed.outcome {
        Outcome::Repaired => {
            let found_by = found_by(cue);
            warn!(
                before = found,
                after = wanted,
                found_by,
                "repaired: somebody else had changed the connection timeouts"
            );
        }
        Outcome::Left => {
            warn!(
                found,
                wanted, "connection timeouts left as somebody else made them (--no-repair)"
            );
        }
        Outcome::Righted => info!(
            found,
            "connection timeouts again as they should be, by somebody else"
        ),
        Outcome::Yielded { repairs, wait } => error!(
            repairs,
            found,
            wanted,
            suspects,
            left_seconds = wait.as_secs(),
            "somebody else changes the connection timeouts again and again: they are left so for a while"
        ),
    }
}

fn found_by(cue: Option<Cue>) -> String {
    cue.unwrap_or(Cue::Retry).to_string()
}

fn seconds(timeouts: &Timeouts) -> String {
    let Timeouts { tcp, tcp_fin, udp } = timeouts;
    format!("tcp {tcp} s, tcpfin {tcp_fin} s, udp {udp} s")
}
