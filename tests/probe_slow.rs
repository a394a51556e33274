//! Conversations side by side, and through a suspension of the process.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test may")]

#[path = "probe/asking.rs"]
mod asking;
#[path = "probe/server.rs"]
mod server;

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use asking::{probe, question, verdict};
use lvsctl::health::{ProbeId, Verdict};
use lvsctl::model::check::{Probe, ProbeKind, Smtp};
use lvsctl::probe::Prober;
use lvsctl::sys::clock;
use rustix::process::{Pid, Signal, kill_process};
use server::{hear, serving, stay};
use tokio::sync::mpsc::unbounded_channel;

/// Set where a test runs once more, to be stopped: whom to ask.
const STOPPED: &str = "LVSCTL_PROBE_STOPPED";

fn mail(at: SocketAddr, timeout: Duration) -> Probe {
    let helo = "lvs.example.org".into();
    Probe {
        timeout,
        ..probe(ProbeKind::Smtp(Arc::new(Smtp { helo })), at)
    }
}

#[test]
fn who_slept_does_not_blame_the_server() {
    if let Ok(at) = std::env::var(STOPPED) {
        let asked = mail(at.parse().unwrap(), Duration::from_secs(1));
        return println!("said: {:?}", verdict(asked));
    }
    let asked = Arc::new(AtomicUsize::new(0));
    let at = serving({
        let asked = Arc::clone(&asked);
        move |mut stream| {
            asked.fetch_add(1, Ordering::SeqCst);
            // While the other side does not run.
            std::thread::sleep(Duration::from_millis(500));
            for line in ["220 ok\r\n", "250 ok\r\n", "221 ok\r\n"] {
                let _ = stream.write_all(line.as_bytes());
                hear(&mut stream);
            }
        }
    });
    let child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "--nocapture",
            "who_slept_does_not_blame_the_server",
        ])
        .env(STOPPED, at.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = Pid::from_child(&child);
    while asked.load(Ordering::SeqCst) == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    kill_process(pid, Signal::STOP).unwrap();
    std::thread::sleep(Duration::from_millis(2500));
    kill_process(pid, Signal::CONT).unwrap();
    let said = child.wait_with_output().unwrap().stdout;
    let said = String::from_utf8(said).unwrap();
    assert!(said.contains("said: Passed"), "{said}");
}

#[test]
fn who_waits_for_a_turn_is_late_and_is_asked_in_the_end() {
    const ASKED: u64 = 1100;
    const HELD: Duration = Duration::from_millis(400);
    // Both ends are ours.
    lvsctl::sys::limits::raise_descriptors().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    rustix::net::listen(&listener, 4096).unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::Builder::new()
                .stack_size(64 * 1024)
                .spawn(move || {
                    std::thread::sleep(HELD);
                    let _ = stream.write_all(b"220 a\r\n250 b\r\n221 c\r\n");
                    stay(&mut stream);
                })
                .unwrap();
        }
    });
    let (answer, mut answers) = unbounded_channel();
    let prober = Prober::start(answer).unwrap();
    let start = clock::now();
    for id in 0..ASKED {
        let asked = mail(at, Duration::from_secs(10));
        prober.ask(ProbeId(id), question(asked), start);
    }
    let mut waited = 0;
    for _ in 0..ASKED {
        let answer = answers.blocking_recv().unwrap();
        assert_eq!(answer.verdict, Verdict::Passed);
        assert_eq!(answer.late, answer.started.since(start));
        waited += u64::from(answer.late >= HELD);
    }
    assert_eq!(waited, ASKED - 1024);
}

#[test]
fn a_conversation_that_is_given_up_is_not_answered() {
    let ended = Arc::new(AtomicUsize::new(0));
    let silent = serving({
        let ended = Arc::clone(&ended);
        move |mut stream| {
            stay(&mut stream);
            ended.fetch_add(1, Ordering::SeqCst);
        }
    });
    let (answer, mut answers) = unbounded_channel();
    let prober = Prober::start(answer).unwrap();
    let patient = || question(mail(silent, Duration::from_secs(30)));
    let (replaced, cancelled) = (ProbeId(1), ProbeId(2));
    prober.ask(replaced, patient(), clock::now());
    prober.ask(cancelled, patient(), clock::now());
    std::thread::sleep(Duration::from_millis(200));
    let hasty = mail(silent, Duration::from_millis(100));
    prober.ask(replaced, question(hasty), clock::now());
    prober.cancel(cancelled);
    let only = answers.blocking_recv().unwrap();
    assert_eq!(only.id, replaced);
    assert_eq!(only.verdict, asking::failed("no answer in 0.1 s"));
    std::thread::sleep(Duration::from_millis(200));
    assert!(answers.try_recv().is_err());
    // Nothing of them remains open.
    assert_eq!(ended.load(Ordering::SeqCst), 3);
}
