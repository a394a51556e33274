//! `SSL_GET` against a real nginx and `openssl s_server`.
#![allow(clippy::unwrap_used, reason = "a test may")]

#[path = "probe/asking.rs"]
mod asking;
#[path = "probe/nginx.rs"]
mod nginx;
#[path = "probe/server.rs"]
mod server;

use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use asking::{answer_trusting, failed, probe, question};
use lvsctl::health::Verdict;
use lvsctl::model::check::{Http, HttpVersion, Probe, ProbeKind, Regex, StatusSet, Url};
use lvsctl::probe::Trust;
use nginx::{Nginx, own_address};
use server::{answering, answering_and_staying, hear, nobody, reset, serving, stay};

/// Keys and certificates of openssl, in a folder that goes with the value.
struct Keys(PathBuf);

impl Keys {
    fn new(of: &str) -> Self {
        let folder = format!("lvsctl-keys-{}-{of}", std::process::id());
        let keys = Self(std::env::temp_dir().join(folder));
        fs::create_dir_all(&keys.0).unwrap();
        keys
    }

    /// `NAME.key` and `NAME.crt`, which signs itself and is for these names and addresses.
    fn make(&self, name: &str, subject: &str) {
        let conf = format!(
            "[req]\ndistinguished_name = subject\nx509_extensions = extensions\n[subject]\n\
             [extensions]\nbasicConstraints = CA:FALSE\nsubjectAltName = {subject}\n"
        );
        fs::write(self.path("openssl.cnf"), conf).unwrap();
        let made = Command::new("/usr/bin/openssl")
            .current_dir(&self.0)
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt"])
            .args(["ec_paramgen_curve:prime256v1", "-nodes", "-days", "3"])
            .args(["-subj", &format!("/CN={name}"), "-config", "openssl.cnf"])
            .args([
                "-keyout",
                &format!("{name}.key"),
                "-out",
                &format!("{name}.crt"),
            ])
            .stderr(Stdio::null())
            .status();
        assert!(made.expect("openssl is installed").success());
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// `openssl s_server` with a key of its own, ended with the value.
struct Openssl(Child);

impl Openssl {
    fn start(at: SocketAddr, keys: &Keys, options: &[&str]) -> Self {
        let child = Command::new("/usr/bin/openssl")
            .current_dir(&keys.0)
            .args(["s_server", "-quiet", "-www", "-accept", &at.to_string()])
            .args(["-key", "test.key", "-cert", "test.crt"])
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let server = Self(child.expect("openssl is installed"));
        let end = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(at).is_err() {
            assert!(Instant::now() < end, "openssl does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
        server
    }
}

impl Drop for Openssl {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn page(path: &str) -> Url {
    Url {
        path: path.into(),
        virtualhost: None,
        server_name: None,
        tls_compliant: false,
        status: StatusSet::default(),
        digest: None,
        regex: None,
    }
}

fn get(at: SocketAddr, url: Url) -> Probe {
    let http = Http {
        tls: true,
        version: HttpVersion::Http11,
        fast_recovery: false,
        urls: [url].into(),
    };
    probe(ProbeKind::Http(Arc::new(http)), at)
}

fn fetched(at: SocketAddr, url: Url, trust: Trust) -> Verdict {
    let probe = get(at, url);
    answer_trusting(question(probe), trust).verdict
}

fn fetched_from_anyone(at: SocketAddr) -> Verdict {
    fetched(at, page("/"), Trust::Anyone)
}

fn roots(certificate: &Path) -> Trust {
    Trust::read(certificate).unwrap()
}

/// A page that names the server it was asked of, by the name of the handshake.
fn naming(name: Option<&str>, want: &str) -> Url {
    Url {
        server_name: name.map(Into::into),
        regex: Some(Regex {
            pattern: format!("^{want}$").as_str().into(),
            no_match: false,
            options: lvsctl::model::check::RegexOptions::default(),
            min_offset: 0,
            max_offset: None,
            stack: None,
        }),
        ..page("/")
    }
}

#[test]
fn nginx_is_asked_with_and_without_a_name() {
    let (at, keys) = (own_address(), Keys::new("names"));
    keys.make("test", &format!("DNS:www.example.org,IP:{}", at.ip()));
    let own = |name: &str| fs::read(keys.path(name)).unwrap();
    let servers = format!(
        "ssl_certificate test.crt;\nssl_certificate_key test.key;\n\
         server {{ listen {at} ssl default_server; return 200 '[$ssl_server_name]'; }}"
    );
    let (key, certificate) = (own("test.key"), own("test.crt"));
    let _nginx = Nginx::start(
        at,
        &servers,
        &[("test.key", &key), ("test.crt", &certificate)],
    );
    let trusted = roots(&keys.path("test.crt"));
    for (name, want) in [
        (None, "\\[\\]"),
        (Some("www.example.org"), "\\[www.example.org\\]"),
        // Of a virtualhost its port is no part of a name.
        (Some("www.example.org:8443"), "\\[www.example.org\\]"),
    ] {
        let url = naming(name, want);
        assert_eq!(fetched(at, url.clone(), Trust::Anyone), Verdict::Passed);
        assert_eq!(fetched(at, url, trusted.clone()), Verdict::Passed);
    }
    let polite = Url {
        tls_compliant: true,
        ..naming(None, "\\[\\]")
    };
    assert_eq!(fetched(at, polite, Trust::Anyone), Verdict::Passed);
    let missing = failed("body of / does not hold \"^other$\"");
    assert_eq!(fetched(at, naming(None, "other"), Trust::Anyone), missing);

    // Only whoever wants to know hears that a certificate is for another, or of nobody known.
    let other = Url {
        server_name: Some("www.example.net".into()),
        ..page("/")
    };
    assert_eq!(fetched(at, other.clone(), Trust::Anyone), Verdict::Passed);
    let want = failed("the certificate is for another name");
    assert_eq!(fetched(at, other, trusted), want);
    keys.make("stranger", "DNS:www.example.org");
    let stranger = roots(&keys.path("stranger.crt"));
    let want = failed("the certificate is from nobody who is trusted");
    assert_eq!(fetched(at, page("/"), stranger), want);
}

#[test]
fn a_server_of_old_tls_fails_with_that_sentence() {
    let keys = Keys::new("old");
    keys.make("test", "DNS:old.example.org");
    let old = failed("the server speaks only TLS 1.1 or older");
    for version in ["-tls1", "-tls1_1"] {
        let at = own_address();
        let _server = Openssl::start(at, &keys, &[version, "-cipher", "ALL:@SECLEVEL=0"]);
        assert_eq!(fetched_from_anyone(at), old, "{version}");
    }
    for version in ["-tls1_2", "-tls1_3"] {
        let at = own_address();
        let _server = Openssl::start(at, &keys, &[version]);
        assert_eq!(fetched_from_anyone(at), Verdict::Passed, "{version}");
    }
    // An answer of 1.0, from a server too old to know what an alert for this is.
    let mut hello = b"\x16\x03\x01\x00\x2a\x02\x00\x00\x26\x03\x01".to_vec();
    hello.extend([7; 32]);
    hello.extend(b"\x00\x00\x2f\x00");
    assert_eq!(fetched_from_anyone(answering_and_staying(hello)), old);
}

#[test]
fn a_session_is_ended_where_the_file_says_so_and_else_just_left() {
    let keys = Keys::new("ends");
    keys.make("test", "DNS:www.example.org");
    for (tls_compliant, version) in [(true, "-tls1_2"), (false, "-tls1_2"), (true, "-tls1_3")] {
        let at = own_address();
        let server = Openssl::start(at, &keys, &[version, "-msg", "-msgfile", "messages"]);
        let url = Url {
            tls_compliant,
            ..page("/")
        };
        assert_eq!(fetched(at, url, Trust::Anyone), Verdict::Passed);
        std::thread::sleep(Duration::from_millis(100));
        drop(server);
        let messages = fs::read_to_string(keys.path("messages")).unwrap();
        let mut heard = messages.lines().filter(|line| line.starts_with("<<<"));
        let ended = heard.any(|line| line.contains("close_notify"));
        assert_eq!(ended, tls_compliant, "{version} {messages}");
    }
}

#[test]
fn other_faults_of_the_handshake_are_named() {
    let keys = Keys::new("faults");
    keys.make("test", "DNS:www.example.org");
    let at = own_address();
    let _server = Openssl::start(at, &keys, &["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA"]);
    let want = "the server refuses the TLS handshake: HandshakeFailure";
    assert_eq!(fetched_from_anyone(at), failed(want));
    let plain = answering("HTTP/1.1 400 Bad Request\r\n\r\n");
    assert_eq!(fetched_from_anyone(plain), failed("the answer is no TLS"));
    assert_eq!(fetched_from_anyone(nobody()), failed("connection refused"));
    let want = "the server closed the connection in the TLS handshake";
    assert_eq!(fetched_from_anyone(answering("")), failed(want));
    let breaks_off = serving(|mut stream| {
        hear(&mut stream);
        reset(stream);
    });
    let want = "the server broke the connection off";
    assert_eq!(fetched_from_anyone(breaks_off), failed(want));
}

#[test]
fn a_handshake_does_not_outlast_the_time_limit() {
    let hasty = Probe {
        timeout: Duration::from_millis(600),
        ..get(serving(|mut stream| stay(&mut stream)), page("/"))
    };
    let said = answer_trusting(question(hasty), Trust::Anyone);
    assert_eq!(said.verdict, failed("no answer in 0.6 s"));
    assert!(said.finished.since(said.started) < Duration::from_millis(1400));
}
