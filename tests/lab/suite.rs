use lvsctl::ipvs::{Client, Ipvs, Refusal};
use lvsctl::model::schedule::{Scheduler, SchedulerFlags};
use lvsctl::model::service::{Endpoint, Protocol, ServiceKey};
use lvsctl::model::table::Settings;
use lvsctl::plan::{Change, Step};

use crate::ipvs_cases;
use crate::stage::host::Host;
use crate::stage::topology::prefix;

#[test]
fn the_suite_of_cases_holds_on_the_real_kernel() {
    let host = Host::new(&prefix(), "suite");
    // Without any address up, the kernel takes no address for a host's.
    host.ip("link set lo up\n");
    host.inside(|| ipvs_cases::run(&mut Client::open().unwrap()));
}

/// Answers that do not fit the socket's buffer are dropped by the kernel, though it has done what
/// it was told: what became of it is read back.
#[test]
fn lost_answers_are_read_back() {
    let host = Host::new(&prefix(), "lost");
    host.ip("link set lo up\n");
    host.inside(|| {
        let (steps, others) = (services("rr"), services("wlc"));
        let mut kernel = Client::open_with(8 * 1024).unwrap();
        assert!(kernel.execute(&steps).unwrap().iter().all(Result::is_ok));
        // 100 refusals are more than fit. The services are as the first ask, not as the second. What
        // came before the overrun was said, and stands.
        let exists = Err(Refusal::Errno(17));
        for (steps, if_lost) in [(&steps, Ok(())), (&others, Err(Refusal::Lost))] {
            let outcomes = kernel.execute(steps).unwrap();
            let told = outcomes.iter().take_while(|outcome| **outcome == exists);
            let told = told.count();
            assert!((1..100).contains(&told), "{outcomes:?}");
            let rest = &outcomes[told..];
            assert!(
                rest.iter().all(|outcome| *outcome == if_lost),
                "{outcomes:?}"
            );
        }
        // And the socket is of use again.
        assert_eq!(kernel.table().unwrap().len(), steps.len());
        let mut roomy = Client::open().unwrap();
        let outcomes = roomy.execute(&steps).unwrap();
        assert!(
            outcomes.iter().all(|outcome| *outcome == exists),
            "{outcomes:?}"
        );
    });
}

fn services(scheduler: &str) -> Vec<Step> {
    let settings = Settings {
        scheduler: Scheduler::named(scheduler).unwrap(),
        flags: SchedulerFlags::default(),
        one_packet: false,
        persistence: None,
        engine: None,
    };
    let step = |port| Step {
        service: ServiceKey::Address(Protocol::Tcp, Endpoint::new([192, 0, 2, 1].into(), port)),
        change: Change::AddService(settings.clone()),
    };
    (1..=100).map(step).collect()
}
