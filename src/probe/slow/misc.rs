//! `MISC_CHECK`: a script's exit status is the answer.

use std::time::Duration;

use crate::health::{Verdict, Weighing};
use crate::model::check::Misc;
use crate::sys::scripts::{NotRun, Outcome, Ran, Scripts};

/// What the script says, and how long it waited for its turn.
pub(super) async fn ask(scripts: &Scripts, misc: &Misc, timeout: Duration) -> (Verdict, Duration) {
    let ran = scripts.run(&misc.script, timeout).await;
    let waited = ran.as_ref().map_or(Duration::ZERO, |ran| ran.waited);
    (verdict(ran, misc.dynamic, timeout), waited)
}

fn verdict(ran: Result<Ran, NotRun>, dynamic: bool, timeout: Duration) -> Verdict {
    let Ran { outcome, said, .. } = match ran {
        Ok(ran) => ran,
        Err(reason) => return Verdict::Unasked(reason.to_string()),
    };
    let why = match outcome {
        Outcome::Exited(0) if dynamic => return Verdict::Weighed(Weighing::Configured),
        Outcome::Exited(0) => return Verdict::Passed,
        Outcome::Exited(status @ 2..) if dynamic => {
            return Verdict::Weighed(Weighing::Instead(status - 2));
        }
        Outcome::Unstarted(_) if outcome.is_fault_of_host() => {
            return Verdict::Unasked(format!("the script {outcome}"));
        }
        Outcome::TooLong => format!("the script ran longer than {} s", timeout.as_secs_f64()),
        Outcome::Exited(_) | Outcome::Signalled(_) | Outcome::Unstarted(_) => {
            format!("the script {outcome}")
        }
    };
    Verdict::Failed(if said.is_empty() {
        why
    } else {
        format!("{why}: {said}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_an_answer_and_with_misc_dynamic_a_weight() {
        let failed = |why: &str| Verdict::Failed(format!("the script {why}"));
        let weighs = |weight| Verdict::Weighed(Weighing::Instead(weight));
        let configured = Verdict::Weighed(Weighing::Configured);
        let unasked =
            "the script could not be started: Resource temporarily unavailable (os error 11)";
        let unasked = Verdict::Unasked(unasked.to_owned());
        let not_allowed = "the script could not be started: lvsctl may not become the user it \
                           runs as (remedy: start the daemon as root, with --user)";
        let not_allowed = Verdict::Unasked(not_allowed.to_owned());
        let both = |outcome, verdict: Verdict| (outcome, verdict.clone(), verdict);
        let missing = "could not be started: its interpreter, which its first line names, or the \
                       script itself is not there: no";
        let one = failed("exited with status 1: no");
        let cases = [
            (Outcome::Exited(0), Verdict::Passed, configured),
            both(Outcome::Exited(1), one),
            (
                Outcome::Exited(2),
                failed("exited with status 2: no"),
                weighs(0),
            ),
            (
                Outcome::Exited(255),
                failed("exited with status 255: no"),
                weighs(253),
            ),
            both(Outcome::Signalled(11), failed("was ended by signal 11: no")),
            both(Outcome::TooLong, failed("ran longer than 1.5 s: no")),
            both(Outcome::Unstarted(2), failed(missing)),
            both(Outcome::Unstarted(11), unasked),
            both(Outcome::Unstarted(1), not_allowed),
        ];
        for (outcome, fixed, dynamic) in cases {
            let ran = Ran {
                outcome,
                said: "no".to_owned(),
                waited: Duration::ZERO,
            };
            let timeout = Duration::from_millis(1500);
            assert_eq!(
                verdict(Ok(ran.clone()), false, timeout),
                fixed,
                "{outcome:?}"
            );
            assert_eq!(
                verdict(Ok(ran), true, timeout),
                dynamic,
                "{outcome:?} dynamic"
            );
        }
    }
}
