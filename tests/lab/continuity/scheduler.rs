//! What a change of the scheduler refuses: the daemon's beside one of `ipvsadm -E`, each to a
//! service of its own, the two alike.

use std::fmt;
use std::net::SocketAddr;
use std::thread::sleep;
use std::time::Duration;

use crate::hammer::Hammer;
use crate::stage::director::Director;
use crate::stage::host::Host;
use crate::stage::{VIP, wait_until};
use crate::story::Opening;
use crate::wanted::{self, Wanted};

/// The service of the other one, which no file names.
const TWIN: u16 = 80;
/// Until a refusal that is under way has been counted.
const REST: Duration = Duration::from_millis(300);
const SOON: Duration = Duration::from_mins(1);
/// Where so few are refused, one more or less says nothing.
const SPREAD: usize = 3;

/// New connections that were refused, change by change.
#[derive(Clone, Debug, Default)]
pub struct Refusals {
    pub lvsctl: Vec<usize>,
    pub ipvsadm: Vec<usize>,
}

impl Refusals {
    /// Fails where ours refuse more. Both wait for the kernel, which is by chance slow or quick:
    /// what counts is what is usual, and twice as much is no chance.
    pub fn judge(&self) {
        let (ours, theirs) = (usual(&self.lvsctl), usual(&self.ipvsadm));
        assert!(
            ours <= 2 * theirs + SPREAD,
            "a change refuses more than one of ipvsadm: {self}"
        );
    }
}

fn usual(counts: &[usize]) -> usize {
    let mut sorted = counts.to_vec();
    sorted.sort_unstable();
    sorted[sorted.len() / 2]
}

impl fmt::Display for Refusals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (who, counts) in [("lvsctl", &self.lvsctl), ("ipvsadm -E", &self.ipvsadm)] {
            let (sum, usual) = (counts.iter().sum::<usize>(), usual(counts));
            writeln!(
                f,
                "scheduler changed by {who}: {sum} refused, {usual} in the middle one of {counts:?}"
            )?;
        }
        Ok(())
    }
}

/// Changes both `times` times, one after the other.
pub fn compare(director: &Director, client: &Host, times: usize) -> Refusals {
    let mut opening = Opening::new(director);
    twin(director);
    let mut refusals = Refusals::default();
    for nth in 0..times {
        let to = ["wrr", "rr"][nth % 2];
        let ours = |wanted: &mut Wanted| wanted.scheduler = to;
        refusals.lvsctl.push(refused(client, wanted::PORT, || {
            opening.reload(director, ours);
        }));
        let edit = format!("ipvsadm -E -t {VIP}:{TWIN} -s {to}");
        refusals.ipvsadm.push(refused(client, TWIN, || {
            director.ask(&edit.split(' ').collect::<Vec<_>>());
        }));
    }
    let log = opening.end(director);
    let edits = log.lines().filter(|line| line.contains("service changed"));
    // One for the service itself, which is new.
    assert_eq!(
        edits.count(),
        1 + times,
        "one command for each change: {log}"
    );
    refusals
}

/// How many new connections are refused while `change` is made.
fn refused(client: &Host, port: u16, change: impl FnOnce()) -> usize {
    let at = SocketAddr::new(VIP.parse().unwrap(), port);
    let hammer = Hammer::start(client, at);
    assert!(
        wait_until(SOON, || hammer.tried() > 20).is_ok(),
        "nobody connects"
    );
    assert_eq!(hammer.refused(), 0, "refused without a change");
    change();
    sleep(REST);
    hammer.refused()
}

fn twin(director: &Director) {
    let mut lines = vec![format!("ipvsadm -A -t {VIP}:{TWIN} -s rr")];
    for last in 50..53 {
        lines.push(format!("ipvsadm -a -t {VIP}:{TWIN} -r 192.168.1.{last} -g"));
    }
    for line in lines {
        director.ask(&line.split(' ').collect::<Vec<_>>());
    }
}
