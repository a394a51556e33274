//! `HTTP_GET` against a real nginx, and against servers that no one would want.
#![allow(clippy::unwrap_used, reason = "a test may")]

#[path = "probe/asking.rs"]
mod asking;
#[path = "probe/nginx.rs"]
mod nginx;
#[path = "probe/server.rs"]
mod server;

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use asking::{answer, answer_trusting, failed, probe, question, verdict};
use lvsctl::health::{ProbeId, Verdict};
use lvsctl::model::check::{
    Http, HttpVersion, Probe, ProbeKind, Regex, RegexOptions, StatusSet, Url,
};
use lvsctl::probe::{Prober, Trust};
use lvsctl::sys::clock;
use nginx::{Nginx, own_address};
use server::{answering, answering_and_staying, drip, hear, nobody, reset, serving, stay};

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

fn pattern(pattern: &str) -> Regex {
    Regex {
        pattern: pattern.into(),
        no_match: false,
        options: RegexOptions::default(),
        min_offset: 0,
        max_offset: None,
        stack: None,
    }
}

fn http(urls: impl Into<Box<[Url]>>, version: HttpVersion) -> ProbeKind {
    ProbeKind::Http(Arc::new(Http {
        tls: false,
        version,
        fast_recovery: false,
        urls: urls.into(),
    }))
}

fn get(at: SocketAddr, url: Url) -> Probe {
    probe(http([url], HttpVersion::Http10), at)
}

fn fetched(at: SocketAddr, url: Url) -> Verdict {
    verdict(get(at, url))
}

/// A page with that body, its length said.
fn with_body(body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}")
}

const MD5_OF_HELLO: u128 = 0x5d41_402a_bc4b_2a76_b971_9d91_1017_c592;

fn digest_of_hello() -> Url {
    Url {
        digest: Some(MD5_OF_HELLO.to_be_bytes()),
        ..page("/hello")
    }
}

#[test]
fn nginx_is_asked_as_keepalived_asks_and_judged_by_its_status() {
    let at = own_address();
    let servers = format!(
        "server {{ listen {at}; server_name _; location = /gone {{ return 410; }} }}\n\
         server {{ listen {at}; server_name www.example.org; location / {{ return 204; }} }}"
    );
    let nginx = Nginx::start(at, &servers, &[("hello", b"hello")]);
    let pages = [
        page("/hello"),
        page("/missing"),
        Url {
            status: StatusSet::new(vec![(404, 404), (410, 410)]).unwrap(),
            ..page("/gone")
        },
        Url {
            virtualhost: Some("www.example.org".into()),
            ..page("/any?x=1")
        },
    ];
    let verdicts: Vec<Verdict> = [
        HttpVersion::Http10,
        HttpVersion::Http10Close,
        HttpVersion::Http11,
        HttpVersion::Http11,
    ]
    .into_iter()
    .enumerate()
    .map(|(page, version)| {
        let probe = probe(http(pages.clone(), version), at);
        answer_trusting(asking::page(page, probe), Trust::Anyone).verdict
    })
    .collect();
    assert_eq!(
        verdicts,
        [
            Verdict::Passed,
            failed("status 404 of /missing, 200-299 expected"),
            Verdict::Passed,
            Verdict::Passed
        ]
    );
    let gone = Url {
        status: StatusSet::new(vec![(200, 200), (301, 302)]).unwrap(),
        ..page("/gone")
    };
    let want = failed("status 410 of /gone, 200 301-302 expected");
    assert_eq!(fetched(at, gone), want);
    assert_eq!(
        nginx.asked()[..4],
        [
            format!("GET /hello HTTP/1.0|KeepAliveClient|{at}|-"),
            format!("GET /missing HTTP/1.0|KeepAliveClient|{at}|close"),
            format!("GET /gone HTTP/1.1|KeepAliveClient|{at}|close"),
            "GET /any?x=1 HTTP/1.1|KeepAliveClient|www.example.org|close".to_owned(),
        ]
    );
}

#[test]
fn the_digest_of_a_page_of_nginx_is_right_or_wrong() {
    let at = own_address();
    let servers = format!("server {{ listen {at}; }}");
    let _nginx = Nginx::start(at, &servers, &[("hello", b"hello"), ("other", b"hullo")]);
    assert_eq!(fetched(at, digest_of_hello()), Verdict::Passed);
    let other = Url {
        path: "/other".into(),
        ..digest_of_hello()
    };
    let want = failed(
        "body of /other has the digest 54bf43965e2bbaa20c22c22ca7b4e9c7, \
         5d41402abc4b2a76b9719d911017c592 expected",
    );
    assert_eq!(fetched(at, other), want);
}

#[test]
fn a_pattern_is_found_in_the_body_or_is_not() {
    let at = answering(with_body("status: up\nload: 3\n"));
    let expecting = |regex: Regex| {
        let url = Url {
            regex: Some(regex),
            ..page("/")
        };
        fetched(at, url)
    };
    assert_eq!(expecting(pattern("load: [0-9]$")), Verdict::Passed);
    let lacking = failed("body of / does not hold \"^load\"");
    assert_eq!(expecting(pattern("^load")), lacking);
    let multiline = Regex {
        options: RegexOptions::named("multiline").unwrap(),
        ..pattern("^load")
    };
    assert_eq!(expecting(multiline), Verdict::Passed);
    let unwanted = |text: &str| Regex {
        no_match: true,
        ..pattern(text)
    };
    assert_eq!(expecting(unwanted("down")), Verdict::Passed);
    let held = failed("body of / holds \"up\", at byte 8");
    assert_eq!(expecting(unwanted("up")), held);
    let between = |min_offset, max_offset| Regex {
        min_offset,
        max_offset: Some(max_offset),
        ..pattern("up")
    };
    assert_eq!(expecting(between(8, 8)), Verdict::Passed);
    let none = failed("body of / does not hold \"up\"");
    assert_eq!(expecting(between(0, 7)), none);
    assert_eq!(expecting(between(9, 99)), none);
    // The header is no part of the body.
    let header = failed("body of / does not hold \"content-length\"");
    assert_eq!(expecting(pattern("content-length")), header);
}

#[test]
fn a_pattern_that_takes_for_ever_does_not_hold_up_the_others() {
    let matching = |body: String, text: &str| {
        let url = Url {
            regex: Some(pattern(text)),
            ..page("/")
        };
        get(answering(with_body(&body)), url)
    };
    let steps = verdict(matching("a".repeat(100) + "b", "^(a|aa)+$"));
    let why = "\"^(a|aa)+$\" cannot be told from the body of /: match limit exceeded";
    assert_eq!(steps, failed(why));
    // Each step of it is long.
    let long = Probe {
        timeout: Duration::from_millis(500),
        ..matching("a".repeat(1 << 20) + "bc", "a(?=a*+c)")
    };
    let why = "\"a(?=a*+c)\" cannot be told from the body of /: it takes too long";
    let (answer, mut answers) = tokio::sync::mpsc::unbounded_channel();
    let prober = Prober::start(answer).unwrap();
    let ask = |id, probe| prober.ask(ProbeId(id), question(probe), clock::now());
    ask(1, long);
    std::thread::sleep(Duration::from_millis(100));
    for id in 2..10 {
        ask(id, matching("status: up".to_owned(), "up$"));
    }
    for _ in 2..10 {
        let answer = answers.blocking_recv().unwrap();
        assert_eq!(answer.verdict, Verdict::Passed);
    }
    assert_eq!(answers.blocking_recv().unwrap().verdict, failed(why));
}

#[test]
fn a_page_ends_where_it_says_though_the_connection_stays() {
    for said in [
        with_body("hello"),
        with_body("hello") + "HTTP/1.1 500 next",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n\
         2;x=y\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"
            .to_owned(),
        // The answer proper comes behind.
        format!(
            "HTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n{}",
            with_body("hello")
        ),
    ] {
        let at = answering_and_staying(said.clone());
        assert_eq!(fetched(at, digest_of_hello()), Verdict::Passed, "{said}");
    }
    let empty = answering_and_staying("HTTP/1.1 204 No Content\r\n\r\n");
    assert_eq!(fetched(empty, page("/")), Verdict::Passed);
}

#[test]
fn what_http_allows_is_http() {
    for said in [
        "HTTP/1.1 200 OK\r\n\r\nhello",
        "HTTP/1.0 200 OK\n\nhello",
        // Nothing behind the code, not even a blank.
        "HTTP/1.1 200\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nno header line\r\nContent-Length : 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more",
    ] {
        assert_eq!(
            fetched(answering(said), digest_of_hello()),
            Verdict::Passed,
            "{said}"
        );
    }
    // A body that ends early is judged as it is.
    let short = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello";
    assert_eq!(
        fetched(answering(short), digest_of_hello()),
        Verdict::Passed
    );
    for said in [
        "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n",
    ] {
        let want = failed("the answer is no HTTP");
        assert_eq!(fetched(answering(said), page("/")), want, "{said}");
    }
    // What cannot become HTTP any more is not waited for.
    let greeting = answering_and_staying("220 mail.example.org ESMTP\r\n");
    assert_eq!(
        fetched(greeting, page("/")),
        failed("the answer is no HTTP")
    );
}

#[test]
fn who_does_not_answer_fails() {
    assert_eq!(fetched(nobody(), page("/")), failed("connection refused"));
    let mute = answering("");
    let want = failed("the server closed the connection without an answer");
    assert_eq!(fetched(mute, page("/")), want);
    let breaks_off = serving(|mut stream| {
        hear(&mut stream);
        reset(stream);
    });
    let want = failed("the server broke the connection off");
    assert_eq!(fetched(breaks_off, page("/")), want);
    let in_the_middle = serving(|mut stream| {
        hear(&mut stream);
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhel");
        std::thread::sleep(Duration::from_millis(50));
        reset(stream);
    });
    assert_eq!(fetched(in_the_middle, page("/")), want);
}

#[test]
fn the_time_limit_is_from_the_connection_to_the_last_byte() {
    let silent = answering_and_staying("");
    let dripping = serving(|mut stream| {
        hear(&mut stream);
        drip(&mut stream, with_body(&"x".repeat(1000)).as_bytes());
    });
    let stalling = answering_and_staying("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhel");
    for at in [silent, dripping, stalling] {
        let hasty = Probe {
            timeout: Duration::from_millis(700),
            ..get(at, page("/"))
        };
        let said = answer(hasty);
        assert_eq!(said.verdict, failed("no answer in 0.7 s"));
        let took = said.finished.since(said.started);
        assert!(took >= Duration::from_millis(700), "{took:?}");
        assert!(took < Duration::from_millis(1500), "{took:?}");
    }
}

#[test]
fn no_answer_is_too_large_to_handle() {
    let endless = |said: &'static [u8]| {
        serving(move |mut stream| {
            hear(&mut stream);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
            while stream.write_all(said).is_ok() {}
            stay(&mut stream);
        })
    };
    let header = endless(b"X-Padding: 0123456789\r\n");
    let want = failed("the header of / is longer than 64 KiB");
    assert_eq!(fetched(header, page("/")), want);
    let body = || endless(b"\r\n0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
    // The status is all that is asked for.
    assert_eq!(fetched(body(), page("/")), Verdict::Passed);
    let digest = fetched(body(), digest_of_hello());
    assert_eq!(digest, failed("body of /hello is longer than 4 MiB"));
    let regex = |regex| Url {
        regex: Some(regex),
        ..page("/")
    };
    assert_eq!(fetched(body(), regex(pattern("9abc"))), Verdict::Passed);
    let none = fetched(body(), regex(pattern("down")));
    assert_eq!(none, failed("body of / is longer than 4 MiB"));
}

#[test]
fn the_question_comes_from_the_address_it_is_bound_to() {
    let at = serving(|mut stream| {
        hear(&mut stream);
        let said = with_body(&stream.peer_addr().unwrap().ip().to_string());
        let _ = stream.write_all(said.as_bytes());
    });
    let url = Url {
        regex: Some(pattern("^127\\.0\\.0\\.9$")),
        ..page("/")
    };
    let bound = Probe {
        bind: Some("127.0.0.9".parse().unwrap()),
        ..get(at, url.clone())
    };
    assert_eq!(verdict(bound), Verdict::Passed);
    let elsewhere = Probe {
        bind: Some("192.0.2.1".parse().unwrap()),
        ..get(at, url)
    };
    assert!(matches!(verdict(elsewhere), Verdict::Unasked(_)));
}
