//! The prober against real sockets on the loopback.
#![allow(clippy::unwrap_used, reason = "a test may")]

#[path = "probe/asking.rs"]
mod asking;

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::num::NonZeroU16;
use std::time::Duration;

use asking::{
    answer, failed, from, inside, probe, prober, question, refused, unasked, verdict, wait, within,
};
use lvsctl::health::{ProbeId, Verdict};
use lvsctl::model::check::{Origin, Probe, ProbeKind};
use lvsctl::model::moment::Moment;
use lvsctl::model::name::Name;
use lvsctl::probe::Lateness;
use lvsctl::sys::clock;

const LOCAL: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

fn tcp(at: SocketAddr) -> Probe {
    probe(ProbeKind::Tcp, at)
}

#[test]
fn a_server_that_listens_passes_and_one_that_does_not_is_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    assert_eq!(verdict(tcp(at)), Verdict::Passed);
    drop(listener);
    assert_eq!(verdict(tcp(at)), refused());
}

#[test]
fn a_server_that_says_nothing_fails_when_its_time_is_over() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    // A queue that nobody empties: when it is full the kernel answers no more.
    rustix::net::listen(&listener, 0).unwrap();
    let _first = TcpStream::connect(at).unwrap();
    let _second = TcpStream::connect_timeout(&at, Duration::from_millis(300));
    let answer = answer(within(Duration::from_millis(700), tcp(at)));
    assert_eq!(answer.verdict, failed("no answer in 0.7 s"));
    assert!(answer.finished.since(answer.started) >= Duration::from_millis(700));
}

#[test]
fn a_fault_of_this_host_is_no_word_on_the_server_and_names_its_remedy() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = NonZeroU16::new(taken.local_addr().unwrap().port());
    let nowhere = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    let cases = [
        (
            from(nowhere, Origin::default(), tcp(at)),
            "cannot ask from bindto 192.0.2.1: Cannot assign requested address (os error 99) (remedy: an address that this host has)".to_owned(),
        ),
        (
            from(LOCAL, Origin { port, ..Origin::default() }, tcp(at)),
            format!("cannot ask from bindto 127.0.0.1 bind_port {}: Address already in use (os error 98) (remedy: a bind_port that nobody else uses)", taken.local_addr().unwrap().port()),
        ),
        (
            from(LOCAL, Origin { interface: Name::new("nowhere0"), ..Origin::default() }, tcp(at)),
            "cannot ask through bind_if nowhere0: No such device (os error 19) (remedy: name an interface that this host has)".to_owned(),
        ),
    ];
    for (probe, why) in cases {
        assert_eq!(verdict(probe), Verdict::Unasked(why));
    }
}

#[test]
fn where_no_file_can_be_opened_nothing_is_known_of_the_server() {
    let few = ["sh", "-c", "ulimit -n 40; exec \"$@\"", "sh"];
    if !inside(
        "where_no_file_can_be_opened_nothing_is_known_of_the_server",
        &few,
    ) {
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let (prober, mut answers) = prober();
    let mut taken = Vec::new();
    while let Ok(file) = std::fs::File::open("/dev/null") {
        taken.push(file);
    }
    prober.ask(ProbeId(1), question(tcp(at)), clock::now());
    let starved = wait(&mut answers).unwrap().verdict;
    taken.clear();
    assert_eq!(
        starved,
        unasked(
            "cannot open a socket: Too many open files (os error 24) (remedy: allow more open files: LimitNOFILE= of the unit, sysctl fs.file-max)"
        )
    );
    prober.ask(ProbeId(1), question(tcp(at)), clock::now());
    assert_eq!(wait(&mut answers).unwrap().verdict, Verdict::Passed);
}

#[test]
fn the_question_comes_from_the_address_and_port_it_is_bound_to() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let free = TcpListener::bind("127.0.0.9:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let port = NonZeroU16::new(free.port());
    for (origin, port) in [
        (Origin::default(), None),
        (
            Origin {
                port,
                ..Origin::default()
            },
            port,
        ),
    ] {
        let bound = from(free.ip(), origin, tcp(listener.local_addr().unwrap()));
        assert_eq!(verdict(bound), Verdict::Passed);
        let (_, peer) = listener.accept().unwrap();
        assert_eq!(peer.ip(), free.ip());
        assert!(port.is_none_or(|port| port.get() == peer.port()));
    }
}

#[test]
fn a_thousand_questions_are_answered_once_each_and_not_early() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    std::thread::spawn(move || listener.incoming().for_each(drop));
    let (prober, mut answers) = prober();
    let start = clock::now();
    for n in 0..1000 {
        prober.ask(
            ProbeId(n),
            question(tcp(at)),
            start + Duration::from_micros(n * 500),
        );
    }
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..1000 {
        let answer = wait(&mut answers).expect("all answer");
        assert_eq!(answer.verdict, Verdict::Passed);
        assert!(answer.started.since(start) >= Duration::from_micros(answer.id.0 * 500));
        assert!(seen.insert(answer.id), "twice");
    }
    std::thread::sleep(Duration::from_millis(50));
    assert!(answers.try_recv().is_err());
}

#[test]
fn what_is_cancelled_or_replaced_is_not_answered() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let (prober, mut answers) = prober();
    let soon = clock::now() + Duration::from_millis(100);
    prober.ask(ProbeId(1), question(tcp(at)), soon);
    prober.cancel(ProbeId(1));
    prober.ask(ProbeId(2), question(tcp(at)), soon);
    prober.ask(
        ProbeId(2),
        question(tcp(at)),
        soon + Duration::from_millis(100),
    );
    let only = wait(&mut answers).unwrap();
    assert_eq!(only.id, ProbeId(2));
    assert!(only.started >= soon + Duration::from_millis(100));
    std::thread::sleep(Duration::from_millis(100));
    assert!(answers.try_recv().is_err());
}

#[test]
fn a_question_for_now_wakes_a_prober_that_sleeps() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let (prober, mut answers) = prober();
    let mut best = Duration::MAX;
    for _ in 0..5 {
        std::thread::sleep(Duration::from_millis(30));
        prober.ask(ProbeId(1), question(tcp(at)), clock::now());
        best = best.min(wait(&mut answers).unwrap().late);
    }
    assert!(best < Duration::from_millis(50), "{best:?}");
}

#[test]
fn how_late_questions_were_is_accounted_for() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let (prober, mut answers) = prober();
    assert_eq!(prober.lateness(), Lateness::default());
    let mut most = Duration::ZERO;
    for (id, overdue) in [(1, 0), (2, 3_000)] {
        let due = clock::now().as_nanos() - overdue * 1_000_000;
        prober.ask(ProbeId(id), question(tcp(at)), Moment::from_nanos(due));
        most = most.max(wait(&mut answers).unwrap().late);
    }
    let seen = prober.lateness();
    assert_eq!((seen.count, seen.most), (2, most));
    assert!(
        seen.most >= Duration::from_secs(3) && seen.median < Duration::from_secs(3),
        "{seen:?}"
    );
}
