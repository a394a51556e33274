//! `SMTP_CHECK` against a real opensmtpd and aiosmtpd, and against servers that no one would want.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may")]

#[path = "probe/asking.rs"]
mod asking;
#[path = "probe/server.rs"]
mod server;

use std::fs;
use std::io::Write;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use asking::{answer, failed, probe, verdict};
use lvsctl::health::Verdict;
use lvsctl::model::check::{Probe, ProbeKind, Smtp};
use server::{drip, hear, nobody, reset, serving, stay};

fn mail(at: SocketAddr) -> Probe {
    let helo = "lvs.example.org".into();
    probe(ProbeKind::Smtp(Arc::new(Smtp { helo })), at)
}

fn greeted(at: SocketAddr) -> Verdict {
    verdict(mail(at))
}

/// A server that says these, one after the other: the first at once, each other when it has heard
/// something; and then no more.
fn saying(lines: &'static [&'static str]) -> SocketAddr {
    serving(move |mut stream| {
        for (index, line) in lines.iter().enumerate() {
            if index > 0 {
                hear(&mut stream);
            }
            let _ = stream.write_all(line.as_bytes());
        }
        let _ = stream.shutdown(Shutdown::Write);
        stay(&mut stream);
    })
}

/// A program that is ended with the value, and a folder of its own.
struct Program {
    child: Child,
    folder: PathBuf,
}

impl Program {
    fn start(name: &str, at: SocketAddr, command: impl FnOnce(&PathBuf) -> Command) -> Self {
        let folder = format!("lvsctl-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        fs::create_dir_all(&folder).unwrap();
        let child = command(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut program = Self { child, folder };
        let end = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(at).is_err() {
            let ended = program.child.try_wait().unwrap();
            assert!(
                ended.is_none() && Instant::now() < end,
                "{name} does not listen"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        program
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // opensmtpd ends its own processes when it is asked to.
        let pid = rustix::process::Pid::from_child(&self.child);
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn aiosmtpd_lets_us_in() {
    let at = nobody();
    let _server = Program::start("aiosmtpd", at, |_| {
        let mut command = Command::new("/usr/bin/python3");
        command.args(["-m", "aiosmtpd", "-n", "-l", &at.to_string()]);
        command
    });
    assert_eq!(greeted(at), Verdict::Passed);
}

#[test]
fn opensmtpd_lets_us_in() {
    if !rustix::process::geteuid().is_root() {
        let must = std::env::var_os("CI").is_some();
        assert!(!must, "opensmtpd is started by root");
        return eprintln!("skipped: opensmtpd is started by root");
    }
    let at = nobody();
    let _server = Program::start("opensmtpd", at, |folder| {
        let conf = folder.join("smtpd.conf");
        let (ip, port) = (at.ip(), at.port());
        let listen = format!("listen on {ip} port {port} hostname mail.example.org\n");
        fs::write(&conf, listen + "match from any for any reject\n").unwrap();
        let mut command = Command::new("/usr/sbin/smtpd");
        command.arg("-d").arg("-f").arg(conf);
        command
    });
    assert_eq!(greeted(at), Verdict::Passed);
}

#[test]
fn the_dialogue_is_greeting_helo_quit() {
    let (tell, dialogue) = std::sync::mpsc::channel();
    let at = serving(move |mut stream| {
        let mut all = Vec::new();
        for line in ["220 mail.example.org\r\n", "250 hello\r\n", "221 bye\r\n"] {
            let _ = stream.write_all(line.as_bytes());
            all.extend(hear(&mut stream));
        }
        let _ = tell.send(String::from_utf8(all).unwrap());
    });
    assert_eq!(greeted(at), Verdict::Passed);
    let said = dialogue.recv_timeout(Duration::from_secs(5)).unwrap();
    assert_eq!(said, "HELO lvs.example.org\r\nQUIT\r\n");
}

#[test]
fn a_reply_may_have_lines_and_no_text_and_the_last_may_say_anything() {
    for lines in [
        &["220 ok\r\n", "250 ok\r\n", "221 bye\r\n"][..],
        &[
            "220-a\r\n220-b\r\n220 c\r\n",
            "250-a\r\n250 b\r\n",
            "500 what\r\n",
        ],
        &["220\r\n", "250\n", "?\n"],
    ] {
        assert_eq!(greeted(saying(lines)), Verdict::Passed, "{lines:?}");
    }
}

#[test]
fn a_wrong_reply_is_shown() {
    let long = Box::leak(format!("220 {}\r\n", "x".repeat(600)).into_boxed_str());
    let long: &'static [&'static str] = Box::leak(Box::new([&*long]));
    let endless = Box::leak("220-more\r\n".repeat(200).into_boxed_str());
    let endless: &'static [&'static str] = Box::leak(Box::new([&*endless]));
    let shown = format!("\"220 {}\"…", "x".repeat(76));
    for (lines, why) in [
        (
            &["554 go away\r\n"][..],
            "the greeting is \"554 go away\", 220 expected",
        ),
        (
            &["220-we\r\n554 are full\x07\r\n"],
            "the greeting is \"554 are full\\u{7}\", 220 expected",
        ),
        (
            &["2200 ok\r\n"],
            "the greeting is \"2200 ok\", 220 expected",
        ),
        (&["\r\n"], "the greeting is \"\", 220 expected"),
        (
            &["220 ok\r\n", "502 no\r\n"],
            "HELO is answered \"502 no\", 250 expected",
        ),
        (
            long,
            &format!("{shown} is longer than the 512 bytes of a line"),
        ),
        (endless, "a reply has more than 128 lines"),
        (&["220 no end"], "the server closed the connection"),
        (
            &["220 ok\r\n", "250 ok\r\n"],
            "the server closed the connection",
        ),
    ] {
        assert_eq!(greeted(saying(lines)), failed(why), "{lines:?}");
    }
}

#[test]
fn who_does_not_answer_fails() {
    assert_eq!(greeted(nobody()), failed("connection refused"));
    let in_the_middle = serving(|mut stream| {
        let _ = stream.write_all(b"220 ok\r\n");
        hear(&mut stream);
        reset(stream);
    });
    let want = failed("the server broke the connection off");
    assert_eq!(greeted(in_the_middle), want);
}

#[test]
fn the_time_limit_is_for_the_whole_dialogue() {
    let silent = serving(|mut stream| stay(&mut stream));
    let dripping = serving(|mut stream| drip(&mut stream, &[b'2'; 100]));
    let stalling = serving(|mut stream| {
        let _ = stream.write_all(b"220 ok\r\n");
        stay(&mut stream);
    });
    for at in [silent, dripping, stalling] {
        let hasty = Probe {
            timeout: Duration::from_millis(600),
            ..mail(at)
        };
        let said = answer(hasty);
        assert_eq!(said.verdict, failed("no answer in 0.6 s"));
        let took = said.finished.since(said.started);
        assert!(took < Duration::from_millis(1400), "{took:?}");
    }
}
