//! Reading keepalived.conf: what it means, and that nothing written can break the reader.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may")]

mod sound;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use lvsctl::conf::{self, Files, Found, Loaded, Memory, Options, Recall, written};
use lvsctl::diag::{Severity, Verdict, text};
use lvsctl::model::check::{Check, Policy, Probe, ProbeKind};
use lvsctl::model::director::Director;
use lvsctl::model::forward::{ForwardingMethod, Tunnel};
use lvsctl::model::limits::{Thresholds, Weight};
use lvsctl::model::notify::{Fifo, Fifos, Mail, MailServer};
use lvsctl::model::persist::{Granularity, Persistence};
use lvsctl::model::quorum::Quorum;
use lvsctl::model::schedule::{Scheduler, SchedulerFlags};
use lvsctl::model::script::Script;
use lvsctl::model::server::{RealServer, VirtualServer};
use lvsctl::model::service::{Endpoint, Protocol, ServiceKey, VirtualServerKey};
use lvsctl::model::text::Text;

fn load(text: impl Into<Vec<u8>>) -> Loaded {
    let files = Memory([("k.conf".to_owned(), text.into())].into());
    let loaded = conf::load(&files, "k.conf", &Options::default());
    sound::check(&loaded);
    loaded
}

fn manifest() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn seed() -> String {
    fs::read_to_string(manifest().join("examples/dr/dr-master.conf")).unwrap()
}

fn codes(loaded: &Loaded) -> Vec<&'static str> {
    loaded
        .diagnostics
        .iter()
        .map(|finding| finding.rule.code)
        .collect()
}

#[test]
fn the_seed_files_are_clean_and_mean_what_they_say() {
    let real = |last| {
        let endpoint = Endpoint::new([192, 168, 1, last].into(), 80);
        RealServer {
            key: endpoint,
            weight: Weight::ONE,
            method: ForwardingMethod::DirectRoute,
            thresholds: Thresholds::default(),
            inhibit: false,
            checks: vec![Check {
                probe: Arc::new(Probe {
                    kind: ProbeKind::Tcp,
                    target: endpoint,
                    bind: None,
                    origin: None,
                    timeout: Duration::from_secs(5),
                }),
                policy: Arc::new(Policy {
                    retry: 1,
                    delay_loop: Duration::from_secs(10),
                    delay_before_retry: Duration::from_secs(1),
                    warmup: Duration::from_secs(10),
                    alpha: false,
                }),
                log_all_failures: false,
            }],
            details: None,
        }
    };
    let endpoint = Endpoint::new([192, 168, 1, 20].into(), 80);
    let want = VirtualServer {
        key: VirtualServerKey::Address(Protocol::Tcp, endpoint),
        keys: vec![ServiceKey::Address(Protocol::Tcp, endpoint)],
        scheduler: Scheduler::Rr,
        flags: SchedulerFlags::default(),
        one_packet: false,
        persistence: Some(Persistence {
            timeout: 7200,
            granularity: Granularity::Netmask([255; 4].into()),
        }),
        engine: None,
        real_servers: vec![real(50), real(51), real(52)],
        quorum: Quorum::default(),
        sorry: None,
        details: None,
    };
    for name in ["dr-master.conf", "dr-backup.conf"] {
        let path = manifest().join("examples/dr").join(name);
        let loaded = load(fs::read(&path).unwrap());
        assert_eq!(codes(&loaded), [] as [&str; 0], "{name}");
        let director = loaded.director.unwrap();
        assert_eq!(director.virtual_servers, [Arc::new(want.clone())], "{name}");
        let mail = director.globals.mail;
        let server = mail.server.map(|server| server.host);
        assert_eq!(server, Some("mysmtp.laboratorio.com".into()), "{name}");
        assert_eq!(mail.to.len(), 1, "{name}");
        // The VRRP half is read, though nothing is made of it.
        let files = Memory([("k.conf".to_owned(), fs::read(path).unwrap())].into());
        let mut lines = None;
        conf::each_block(&files, "k.conf", &Options::default(), &mut |node| {
            if node.keyword().text() == "vrrp_instance" {
                lines = Some(node.children().count());
            }
        });
        assert_eq!(lines, Some(7), "{name}");
    }
}

#[test]
fn the_seed_files_are_byte_for_byte_those_that_were_given() {
    let shared = manifest().join("../shared/seeds");
    if !shared.exists() {
        return eprintln!("skipped: {} is absent", shared.display());
    }
    for name in ["dr-master.conf", "dr-backup.conf"] {
        let ours = fs::read(manifest().join("examples/dr").join(name)).unwrap();
        assert_eq!(ours, fs::read(shared.join(name)).unwrap(), "{name}");
    }
}

#[test]
fn a_file_cut_off_within_a_virtual_server_is_refused_whole() {
    let seed = seed();
    let (start, end) = (
        seed.find("virtual_server").unwrap(),
        seed.rfind('}').unwrap(),
    );
    let complete = load(seed.clone()).director.unwrap();
    for at in 0..seed.len() {
        let loaded = load(&seed.as_bytes()[..at]);
        let Some(director) = loaded.director else {
            continue;
        };
        // A cut before it leaves a file without virtual servers, which is refused where some are
        // ours; one that takes only the end of the last line leaves everything.
        if director.virtual_servers.is_empty() {
            // The keyword itself may be cut to an unknown word.
            assert!(at < start + "virtual_server".len(), "cut at {at}");
        } else {
            assert!(at > end, "cut at {at}");
            assert_eq!(director, complete);
        }
    }
}

#[test]
fn any_byte_may_be_another() {
    let seed = seed().into_bytes();
    for at in 0..seed.len() {
        for byte in [0, b'"', b'{', b'}', b'#', b'$', 0xff, b'\n'] {
            let mut text = seed.clone();
            text[at] = byte;
            load(text);
        }
    }
}

/// The same configuration with braces in other places.
#[test]
fn every_brace_placement_means_the_same() {
    let want = director(&one("virtual_server 192.0.2.1 80 {\n BODY\n}\n"));
    for shape in [
        "virtual_server 192.0.2.1 80{\nBODY\n}",
        "virtual_server 192.0.2.1 80\n{\nBODY\n}",
        "virtual_server 192.0.2.1 80\n\n# a comment between\n{\nBODY }",
        "virtual_server 192.0.2.1 80 { # }\nBODY\n} # {",
        "\"virtual_server\" \"192.0.2.1\" 80 ! \"\n{ BODY\n}",
    ] {
        assert_eq!(director(&one(shape)), want, "{shape}");
    }
    let crlf = one("virtual_server 192.0.2.1 80 {\n BODY\n}\n").replace('\n', "\r\n");
    assert_eq!(director(&crlf), want, "CRLF");
}

fn one(shape: &str) -> String {
    shape.replace(
        "BODY",
        "lb_algo rr\nlb_kind DR\nprotocol TCP\nreal_server 192.0.2.9 80\n{ weight 2\nTCP_CHECK{\nconnect_timeout 3\n}}",
    )
}

fn director(text: &str) -> Director {
    let loaded = load(text);
    let codes = codes(&loaded);
    assert_eq!(codes, [] as [&str; 0], "{text}");
    loaded.director.unwrap()
}

/// One virtual server with these lines in it and one real server with those.
fn with(lines: &str, real: &str) -> String {
    format!(
        "virtual_server 192.0.2.1 80 {{\nlb_algo rr\nlb_kind NAT\nprotocol TCP\n{lines}\nreal_server 192.0.2.9 80 {{\n{real}\n}}\n}}\n"
    )
}

fn lowered(lines: &str, real: &str) -> VirtualServer {
    let mut director = load(with(lines, real)).director.unwrap();
    Arc::unwrap_or_clone(director.virtual_servers.remove(0))
}

#[test]
fn what_is_the_same_as_in_an_earlier_reading_is_shared_with_it() {
    let file = |weights: [u32; 3]| {
        let heads = ["192.0.2.1 80", "192.0.2.2 80", "group both"];
        let servers = heads.iter().zip(weights).map(|(head, weight)| {
            format!(
                "virtual_server {head} {{\nlb_algo rr\nlb_kind NAT\nprotocol TCP\nreal_server 192.0.2.9 80 {{\nweight {weight}\nTCP_CHECK {{\n}}\n}}\n}}\n"
            )
        });
        let group = "virtual_server_group both {\n192.0.2.3 80\nfwmark 7\n}\n".to_owned();
        let text: String = servers.chain([group]).collect();
        Memory([("k.conf".to_owned(), text.into_bytes())].into())
    };
    let read = |weights: [u32; 3], earlier: &Director| {
        let options = Options::default();
        let loaded = conf::load_beside(
            &file(weights),
            "k.conf",
            &options,
            earlier,
            &mut Recall::default(),
        );
        let alone = conf::load(&file(weights), "k.conf", &options);
        assert_eq!(loaded.director, alone.director, "it means the same");
        loaded.director.unwrap()
    };
    let first = read([1, 1, 1], &Director::default());
    assert_eq!(first.virtual_servers.len(), 3);
    for (weights, shared) in [
        ([1, 1, 1], [true, true, true]),
        ([1, 2, 1], [true, false, true]),
        ([2, 1, 2], [false, true, false]),
    ] {
        let second = read(weights, &first);
        let both = first.virtual_servers.iter().zip(&second.virtual_servers);
        let got: Vec<bool> = both.map(|(old, new)| Arc::ptr_eq(old, new)).collect();
        assert_eq!(got, shared, "{weights:?}");
        for (old, new) in first.virtual_servers.iter().zip(&second.virtual_servers) {
            let probe =
                |server: &VirtualServer| Arc::clone(&server.real_servers[0].checks[0].probe);
            assert!(Arc::ptr_eq(&probe(old), &probe(new)), "{weights:?}");
        }
    }
}

#[test]
fn what_a_check_does_not_say_its_servers_say() {
    let policy = |lines: &str, real: &str, check: &str| {
        let real = format!("{real}\nTCP_CHECK {{\n{check}\n}}");
        let server = lowered(lines, &real);
        let check = &server.real_servers[0].checks[0];
        (*check.policy, check.probe.timeout)
    };
    let (policy_of_none, timeout) = policy("", "", "");
    assert_eq!(policy_of_none.delay_loop, Duration::from_mins(1));
    assert_eq!(
        policy_of_none.warmup,
        Duration::from_mins(1),
        "the delay_loop"
    );
    assert_eq!(policy_of_none.delay_before_retry, Duration::from_secs(1));
    assert_eq!(policy_of_none.retry, 1);
    assert_eq!(timeout, Duration::from_secs(5));
    let cases = [
        ("retry 7", "", "", 7),
        ("retry 7", "retry 8", "", 8),
        ("retry 7", "retry 8", "retry 0", 0),
        ("retry 7\nretry 9", "", "", 9),
    ];
    for (lines, real, check, want) in cases {
        assert_eq!(
            policy(lines, real, check).0.retry,
            want,
            "{lines}/{real}/{check}"
        );
    }
    let inner = policy(
        "delay_loop 9\ndelay_before_retry 9\nwarmup 9\nconnect_timeout 9",
        "delay_loop 8\ndelay_before_retry 8\nwarmup 8\nconnect_timeout 8",
        "delay_loop 1\ndelay_before_retry 2\nwarmup 3\nconnect_timeout 4",
    );
    let times = [
        inner.0.delay_loop,
        inner.0.delay_before_retry,
        inner.0.warmup,
        inner.1,
    ];
    assert_eq!(times, [1, 2, 3, 4].map(Duration::from_secs));
    let (halves, timeout) = policy("delay_loop .5\nconnect_timeout 1.25", "warmup 0", "");
    assert_eq!(halves.delay_loop, Duration::from_millis(500));
    assert_eq!(halves.warmup, Duration::ZERO);
    assert_eq!(timeout, Duration::from_millis(1250));
    assert!(policy("alpha", "", "").0.alpha);
    assert!(!policy("alpha", "alpha no", "").0.alpha);
    assert!(policy("", "alpha off", "alpha").0.alpha);
}

#[test]
fn a_check_goes_where_it_says_else_to_the_server_as_written() {
    let target = |head: &str, check: &str| {
        let text = with("", &format!("TCP_CHECK {{\n{check}\n}}"));
        let text = text.replace("real_server 192.0.2.9 80", head);
        let director = load(text).director.unwrap();
        let probe = &director.virtual_servers[0].real_servers[0].checks[0].probe;
        (
            probe.target.to_string(),
            probe.bind.map(|bind| bind.to_string()),
        )
    };
    let to = |text: &str| (text.to_owned(), None);
    let server = "real_server 192.0.2.9 8080";
    assert_eq!(target(server, ""), to("192.0.2.9:8080"));
    assert_eq!(target(server, "connect_port 81"), to("192.0.2.9:81"));
    assert_eq!(target(server, "connect_ip 192.0.2.8"), to("192.0.2.8:8080"));
    let bound = target(server, "bindto 192.0.2.7");
    assert_eq!(
        bound,
        ("192.0.2.9:8080".to_owned(), Some("192.0.2.7".to_owned()))
    );
    // keepalived asks port 0 here, and the server never comes up.
    assert_eq!(target("real_server 192.0.2.9", ""), to("192.0.2.9:80"));
}

#[test]
fn settings_of_a_service_are_read() {
    let server = lowered("persistence_timeout", "");
    assert_eq!(server.persistence.unwrap().timeout, 360);
    let server = lowered(
        "persistence_granularity 255.255.255.0\npersistence_engine sip",
        "",
    );
    let persistence = server.persistence.unwrap();
    assert_eq!(persistence.timeout, 360);
    assert_eq!(
        persistence.granularity,
        Granularity::Netmask([255, 255, 255, 0].into())
    );
    assert_eq!(server.engine.unwrap().as_str(), "sip");
    let flags = |lines: &str| lowered(lines, "").flags;
    assert!(flags("lb_algo sh\nsh-port\nsh-fallback").flag1);
    assert!(flags("lb_algo mh\nmh-port").flag2);
    assert!(flags("flag-3").flag3);
    assert!(lowered("protocol udp\nops", "").one_packet);
    let tunnel = |words: &str| lowered(&format!("lb_kind TUN {words}"), "").real_servers[0].method;
    assert_eq!(tunnel(""), ForwardingMethod::Tunnel(Tunnel::Ipip));
    assert_eq!(
        tunnel("type gre csum"),
        ForwardingMethod::Tunnel(Tunnel::Gre { checksum: true })
    );
    let real = &lowered(
        "weight 4",
        "uthreshold 10\nlthreshold 5\ninhibit_on_failure",
    )
    .real_servers[0];
    assert_eq!(real.weight.get(), 4);
    assert_eq!((real.thresholds.upper, real.thresholds.lower), (10, 5));
    assert!(real.inhibit);
}

#[test]
fn global_words_are_read() {
    let director = director(
        "net_namespace blue\nnet_namespace_ipvs green\ninstance a\nglobal_defs {\nlvs_timeouts tcp 60 udp 7\nlvs_flush_on_stop VS\n}\n",
    );
    let globals = director.globals;
    assert_eq!(globals.namespace.as_deref(), Some("blue"));
    assert_eq!(globals.ipvs_namespace.as_deref(), Some("green"));
    assert_eq!(globals.instance.as_deref(), Some("a"));
    assert_eq!(
        (
            globals.timeouts.tcp,
            globals.timeouts.tcp_fin,
            globals.timeouts.udp
        ),
        (60, 0, 7)
    );
    assert!(globals.flush_on_stop);
}

#[test]
fn who_is_told_of_changes_is_read() {
    let globals = director(
        "global_defs {\nrouter_id lb1\nsmtp_server mail.lab.test 2525\nsmtp_helo_name lb1.lab.test\n\
         smtp_connect_timeout 7\nnotification_email {\nops@lab.test\nroot night@lab.test\n}\n\
         notification_email_from lb1@lab.test\nsmtp_alert off\nsmtp_alert_checker\n\
         no_checker_emails\nnotify_fifo /run/both\nlvs_notify_fifo /run/lvs nobody nogroup\n\
         lvs_notify_fifo_script \"/bin/reader -v\" nobody\n}\n",
    )
    .globals;
    let mail = Mail {
        server: Some(MailServer {
            host: "mail.lab.test".into(),
            port: 2525,
        }),
        to: ["ops@lab.test", "root", "night@lab.test"]
            .map(Text::from)
            .into(),
        from: Some("lb1@lab.test".into()),
        helo: Some("lb1.lab.test".into()),
        timeout: Duration::from_secs(7),
        alert: Some(false),
        alert_checker: Some(true),
        servers_only: true,
    };
    assert_eq!(globals.mail, mail);
    assert_eq!(globals.router_id, Some("lb1".into()));
    let fifo = |path: &str, user: Option<&str>, group: Option<&str>| {
        Some(Fifo {
            path: path.into(),
            user: user.map(Text::from),
            group: group.map(Text::from),
        })
    };
    let words = ["/bin/reader", "-v"].map(Text::from).into();
    let fifos = Fifos {
        shared: fifo("/run/both", None, None),
        own: fifo("/run/lvs", Some("nobody"), Some("nogroup")),
        script: Script::new(words, Some("nobody".into()), None),
    };
    assert_eq!(globals.fifos, fifos);
}

#[test]
fn what_cannot_be_told_is_a_finding() {
    let found = |lines: &str| {
        let loaded = load(format!("global_defs {{\n{lines}\n}}\n"));
        let codes = codes(&loaded).join(" ");
        (codes, loaded.director.map(|director| director.globals))
    };
    // (lines, what is found, the host of the server)
    let cases = [
        ("smtp_server 192.0.2.25", "", Some("192.0.2.25")),
        ("smtp_server 2001:db8::25 2525", "", Some("2001:db8::25")),
        (
            "smtp_server post_1.lab-2.test.",
            "",
            Some("post_1.lab-2.test."),
        ),
        ("smtp_server 192.0.2.25:25", "bad-value", None),
        ("smtp_server [2001:db8::25]", "bad-value", None),
        ("smtp_server smtp://mail.lab.test", "bad-value", None),
        ("smtp_server mail.lab.test,", "bad-value", None),
        ("smtp_server mail.lab.test 0", "out-of-range", None),
    ];
    for (lines, codes, host) in cases {
        let (found, globals) = found(lines);
        let server = globals.unwrap().mail.server;
        let server = server.map(|server| server.host);
        assert_eq!((&*found, server), (codes, host.map(Text::from)), "{lines}");
    }
    let twice =
        "lvs_notify_fifo /run/a\nlvs_notify_fifo /run/b\nnotify_fifo /run/c\nnotify_fifo /run/d";
    let (found, globals) = found(twice);
    assert_eq!(found, "given-twice given-twice");
    let fifos = globals.unwrap().fifos;
    let paths = [fifos.own, fifos.shared].map(|fifo| fifo.unwrap().path);
    assert_eq!(paths, ["/run/a", "/run/c"].map(Text::from));
}

#[test]
fn an_included_file_is_read_where_it_stands_and_a_finding_names_the_chain() {
    let files = Memory(
        [
            ("a/k.conf", "include inc/rs.conf\n"),
            ("a/inc/rs.conf", "virtual_server 192.0.2.1 80 {\nlb_algo rr\nlb_kind DR\nprotocol TCP\ninclude rs/one.conf\n}\n"),
            ("a/inc/rs/one.conf", "real_server 192.0.2.9 80 {\nwieght 1\n}\n"),
        ]
        .map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()))
        .into(),
    );
    let loaded = conf::load(&files, "a/k.conf", &Options::default());
    assert_eq!(codes(&loaded), ["unknown-keyword"]);
    let rendered = text::render(&loaded.diagnostics, &loaded.sources, false);
    assert!(rendered.contains("a/inc/rs/one.conf:2:1"), "{rendered}");
    assert!(
        rendered.contains("included at a/inc/rs.conf:5"),
        "{rendered}"
    );
    assert!(rendered.contains("included at a/k.conf:1"), "{rendered}");
    assert!(rendered.contains("did you mean weight?"), "{rendered}");
    assert_eq!(
        loaded.director.unwrap().virtual_servers[0]
            .real_servers
            .len(),
        1
    );

    let cycle = Memory([("k.conf".to_owned(), b"include k.conf\n".to_vec())].into());
    assert_eq!(
        codes(&conf::load(&cycle, "k.conf", &Options::default())),
        ["include-cycle"]
    );
}

#[test]
fn a_deep_nest_or_a_flood_of_braces_is_one_finding() {
    for text in ["{".repeat(60_000), "a {\n".repeat(100_000)] {
        let loaded = load(text);
        assert_eq!(
            codes(&loaded)
                .iter()
                .filter(|code| **code == "too-deep")
                .count(),
            1
        );
        assert!(loaded.director.is_none());
        assert!(loaded.diagnostics.len() < 40);
    }
}

#[test]
fn a_flood_of_findings_is_bounded() {
    let loaded = load("nonsense\n".repeat(50_000));
    assert!(loaded.director.is_none(), "what is not said refuses");
    assert_eq!(codes(&loaded).last(), Some(&"too-many-findings"));
    assert!(loaded.diagnostics.len() <= 10_001);
    assert_eq!(codes(&load("{".repeat(1 << 20))), ["line-too-long"]);
}

#[test]
fn includes_that_multiply_are_bounded() {
    let include = |next: usize| format!("include f{next}\n").repeat(4);
    let files = (0..16).map(|n| (format!("f{n}"), include(n + 1).into_bytes()));
    let loaded = conf::load(&Memory(files.collect()), "f0", &Options::default());
    assert!(loaded.director.is_none());
    assert!(loaded.sources.len() < 1100, "{}", loaded.sources.len());
}

struct Flood;

impl Files for Flood {
    fn read(&self, _: &str) -> Result<Found, conf::ReadError> {
        Err(conf::ReadError::TooLarge)
    }

    fn glob(&self, _: &str) -> Vec<Vec<String>> {
        Vec::new()
    }
}

#[test]
fn a_file_that_cannot_be_read_is_a_finding_with_the_reason() {
    let loaded = conf::load(&Flood, "k.conf", &Options::default());
    let rendered = text::render(&loaded.diagnostics, &loaded.sources, false);
    assert!(
        rendered.contains("k.conf: it is larger than 32 MiB"),
        "{rendered}"
    );
    assert!(loaded.director.is_none());
}

#[test]
fn a_text_can_be_put_together_again_from_its_tokens() {
    let seed = seed();
    let mut end = 0;
    for token in written::tokens(seed.as_bytes()) {
        let between = &seed[end..token.start as usize];
        assert!(
            between.chars().all(|c| matches!(c, ' ' | '\t' | '\r')),
            "{between:?}"
        );
        end = token.end as usize;
    }
    assert!(seed[end..].trim().is_empty());
}

/// `#~ code …` at the end of a line means these findings on this line, and no others.
fn expected(text: &str) -> Vec<(usize, String)> {
    let lines = text.lines().zip(1..);
    let marked = lines.filter_map(|(line, at)| Some((at, line.split_once("#~")?.1)));
    let mut all: Vec<_> = marked
        .flat_map(|(at, codes)| {
            codes
                .split_whitespace()
                .map(move |code| (at, code.to_owned()))
        })
        .collect();
    all.sort();
    all
}

fn fixtures(folder: &str) -> Vec<(PathBuf, String)> {
    let folder = manifest().join(folder);
    let paths = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut all: Vec<_> = paths
        .map(|path| (path.clone(), fs::read_to_string(path).unwrap()))
        .collect();
    all.sort();
    assert!(!all.is_empty(), "{}", folder.display());
    all
}

#[test]
fn every_fixture_gives_the_findings_it_states() {
    for folder in ["grammar/accept", "grammar/reject"] {
        for (path, text) in fixtures(folder) {
            let loaded = load(text.clone());
            // What the program cannot do yet says nothing of the file.
            let found = loaded.diagnostics.iter();
            let found = found.filter(|finding| finding.rule.code != "not-supported");
            let found = found.map(|finding| {
                let place = loaded.sources.place(finding.primary.span);
                (place.line, finding.rule.code.to_owned())
            });
            let mut found: Vec<_> = found.collect();
            found.sort();
            assert_eq!(found, expected(&text), "{}", path.display());
            let refused = loaded.director.is_none();
            match folder {
                "grammar/accept" => assert!(!refused, "{}", path.display()),
                "grammar/reject" => assert!(refused, "{}", path.display()),
                _ => {}
            }
        }
    }
}

#[test]
fn what_refuses_is_an_error() {
    for (path, text) in fixtures("grammar/reject") {
        for finding in load(text).diagnostics {
            if finding.verdict == Verdict::Refused {
                assert_eq!(finding.rule.severity, Severity::Error, "{}", path.display());
            }
        }
    }
}

#[test]
fn the_keyword_table_is_whole() {
    let rows = include_str!("../grammar/keywords.tsv").lines().skip(1);
    let mut words = std::collections::BTreeSet::new();
    for row in rows {
        let columns: Vec<&str> = row.split('\t').collect();
        assert_eq!(columns.len(), 11, "{row}");
        for block in columns[0].split(',') {
            let found = conf::keyword::find(block, columns[1]);
            assert!(found.is_some(), "damaged: {row}");
            assert!(words.insert((block, columns[1])), "twice: {row}");
        }
    }
    assert_eq!(conf::keyword::KEYWORDS.len(), words.len());
}

#[test]
fn what_is_no_number_costs_its_line_unless_keepalived_may_use_its_digits() {
    // (line of a virtual server, of a real server, refused)
    let cases = [
        ("weight 3", "weight heavy", true),
        ("weight 3", "weight -1", false),
        ("weight 3", "weight -0", true),
        ("weight 3", "weight -1x", true),
        ("weight 3", "weight 5x", true),
        ("weight 3", "weight 1.5", true),
        ("weight 3\npersistence_timeout -5", "", false),
        ("weight 3\npersistence_timeout 60s", "", true),
        // A time is refused always.
        ("weight 3\ndelay_loop soon", "", true),
    ];
    for (lines, real, refused) in cases {
        let loaded = load(with(lines, real));
        assert_eq!(codes(&loaded), ["bad-number"], "{lines}/{real}");
        assert_eq!(loaded.director.is_none(), refused, "{lines}/{real}");
        if let Some(director) = loaded.director {
            let server = &director.virtual_servers[0];
            assert_eq!(server.real_servers[0].weight.get(), 3, "{lines}/{real}");
            assert_eq!(server.persistence, None, "{lines}/{real}");
        }
    }
}
