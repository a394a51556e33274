//! DNS checks against Knot DNS, and against servers that answer what none should.
#![allow(clippy::unwrap_used, reason = "a test may")]

#[path = "probe/asking.rs"]
mod asking;

use std::fs;
use std::net::{SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use asking::{failed, probe, refused, verdict, within};
use lvsctl::health::Verdict;
use lvsctl::model::check::{Dns, DnsName, Probe, ProbeKind, RecordType};

const ZONE: &str = "\
$ORIGIN example.
@ 60 SOA ns mail 1 60 60 60 60
@ 60 NS ns
ns 60 A 192.0.2.1
ns 60 AAAA 2001:db8::1
text 60 TXT \"said\"
under_\\200bytes 60 A 192.0.2.2
";

/// A name server for `example.`, and for `broken.`, whose zone file is missing.
struct Knot {
    child: Child,
    folder: PathBuf,
    at: SocketAddr,
}

impl Knot {
    fn start() -> Self {
        let at = UdpSocket::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        let folder = format!("lvsctl-knot-{}-{}", std::process::id(), at.port());
        let folder = std::env::temp_dir().join(folder);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("example.zone"), ZONE).unwrap();
        let place = folder.display();
        let configuration = format!(
            "server:\n  rundir: {place}\n  listen: 127.0.0.1@{}\ndatabase:\n  storage: {place}\nzone:\n  - domain: example.\n    file: {place}/example.zone\n  - domain: broken.\n    file: {place}/none.zone\n",
            at.port()
        );
        let file = folder.join("knot.conf");
        fs::write(&file, configuration).unwrap();
        let child = Command::new("knotd")
            .arg("-c")
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("Debian's knot is installed");
        let knot = Self { child, folder, at };
        let end = Instant::now() + Duration::from_secs(20);
        while knot.asked(RecordType::Soa, b"example.") != Verdict::Passed {
            assert!(Instant::now() < end, "knotd does not serve");
            std::thread::sleep(Duration::from_millis(50));
        }
        knot
    }

    fn asked(&self, record: RecordType, name: &[u8]) -> Verdict {
        verdict(dns(record, name, self.at))
    }
}

impl Drop for Knot {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn dns(record: RecordType, name: &[u8], at: SocketAddr) -> Probe {
    let name = DnsName::new(name).unwrap();
    probe(ProbeKind::Dns(Arc::new(Dns { record, name })), at)
}

#[test]
fn a_name_server_passes_whose_answer_has_no_error() {
    let knot = Knot::start();
    let nothing = failed("answered NXDOMAIN");
    let elsewhere = failed("answered REFUSED");
    // (record, name, verdict)
    let cases: [(RecordType, &[u8], Verdict); 12] = [
        (RecordType::Soa, b"example.", Verdict::Passed),
        (RecordType::Soa, b"EXAMPLE", Verdict::Passed),
        (RecordType::Ns, b"example", Verdict::Passed),
        (RecordType::A, b"ns.example", Verdict::Passed),
        (RecordType::Aaaa, b"ns.example.", Verdict::Passed),
        (RecordType::Txt, b"text.example", Verdict::Passed),
        // No record of that type is no error.
        (RecordType::Mx, b"ns.example", Verdict::Passed),
        (RecordType::A, b"under_\xc8bytes.example", Verdict::Passed),
        (RecordType::A, b"other.example", nothing),
        (RecordType::Soa, b"example.org", elsewhere.clone()),
        (RecordType::Soa, b".", elsewhere),
        (RecordType::Soa, b"broken", failed("answered SERVFAIL")),
    ];
    for (record, name, want) in cases {
        let shown = name.escape_ascii();
        assert_eq!(knot.asked(record, name), want, "{record:?} {shown}");
    }
    let at = knot.at;
    drop(knot);
    assert_eq!(verdict(dns(RecordType::Soa, b"example", at)), refused());
}

/// What a server makes of a question, one answer after the other.
type Answers = fn(&[u8]) -> Vec<Vec<u8>>;

fn serve(answers: Answers) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let at = socket.local_addr().unwrap();
    std::thread::spawn(move || {
        let mut buffer = [0; 512];
        let (length, peer) = socket.recv_from(&mut buffer).unwrap();
        for answer in answers(&buffer[..length]) {
            socket.send_to(&answer, peer).unwrap();
        }
        std::thread::sleep(Duration::from_secs(1));
    });
    at
}

/// The question as an answer, with bytes changed.
fn answered(question: &[u8], changes: &[(usize, u8)]) -> Vec<u8> {
    let mut answer = question.to_vec();
    answer[2] |= 0x80;
    for (at, bits) in changes {
        answer[*at] ^= bits;
    }
    answer
}

#[test]
fn what_is_no_answer_is_not_heard_and_a_wrong_one_fails() {
    let silence = failed("no answer in 0.3 s");
    let other = failed("answered another question");
    let cases: [(&str, Answers, Verdict); 12] = [
        (
            "the question as an answer",
            |asked| vec![answered(asked, &[])],
            Verdict::Passed,
        ),
        (
            "truncated",
            |asked| vec![answered(asked, &[(2, 2)])],
            Verdict::Passed,
        ),
        (
            "the question itself",
            |asked| vec![asked.to_vec()],
            silence.clone(),
        ),
        (
            "another id",
            |asked| vec![answered(asked, &[(1, 1)])],
            silence.clone(),
        ),
        (
            "cut in its header",
            |asked| vec![answered(asked, &[])[..11].to_vec()],
            silence.clone(),
        ),
        ("no byte", |_| vec![Vec::new()], silence.clone()),
        ("noise", |_| vec![vec![0xff; 300]], silence),
        (
            "cut in the question",
            |asked| vec![answered(asked, &[])[..20].to_vec()],
            other.clone(),
        ),
        (
            "another name",
            |asked| vec![answered(asked, &[(13, 1)])],
            other.clone(),
        ),
        (
            "another type",
            |asked| vec![answered(asked, &[(22, 1)])],
            other,
        ),
        (
            "an error and no question",
            |asked| {
                let mut error = answered(asked, &[(3, 1), (5, 1)]);
                error.truncate(12);
                vec![error]
            },
            failed("answered FORMERR"),
        ),
        (
            "noise before the answer",
            |asked| {
                vec![
                    vec![0; 4],
                    answered(asked, &[(0, 1)]),
                    [answered(asked, &[]), vec![0; 60_000]].concat(),
                ]
            },
            Verdict::Passed,
        ),
    ];
    for (why, answers, want) in cases {
        let at = serve(answers);
        let probe = within(
            Duration::from_millis(300),
            dns(RecordType::Soa, b"example", at),
        );
        assert_eq!(verdict(probe), want, "{why}");
    }
}
