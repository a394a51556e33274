//! Check blocks and scripts: written → typed, every default, every inheritance, every rule.
#![allow(clippy::unwrap_used, reason = "a test may")]

use std::net::IpAddr;
use std::num::{NonZeroU8, NonZeroU16, NonZeroU32};
use std::sync::Arc;
use std::time::Duration;

use lvsctl::conf::keyword::KEYWORDS;
use lvsctl::conf::{self, Loaded, Memory, Options};
use lvsctl::diag::Verdict;
use lvsctl::model::check::{
    Bfd, Check, Dns, DnsName, Hops, HttpVersion, Like, Misc, Origin, Policy, Probe, ProbeKind,
    RecordType, Regex, RegexOptions, Reply, Smtp, StatusSet, Udp, Url, WatchedFile,
};
use lvsctl::model::name::Name;
use lvsctl::model::script::Script;
use lvsctl::model::server::{RealServerDetails, VirtualServer, VirtualServerDetails};
use lvsctl::model::service::Endpoint;
use lvsctl::model::text::Text;

fn load(text: &str) -> Loaded {
    let files = Memory([("k.conf".to_owned(), text.as_bytes().to_vec())].into());
    conf::load(&files, "k.conf", &Options::default())
}

/// Line, code, and whether it refuses the file.
type Found = &'static [(usize, &'static str, bool)];

/// What a file can say around one real server.
#[derive(Clone, Copy, Default)]
struct Around<'a> {
    before: &'a str,
    virtual_server: &'a str,
}

impl Around<'_> {
    fn load(self, real: &str) -> Loaded {
        let Self {
            before,
            virtual_server,
        } = self;
        load(&format!(
            "{before}\nvirtual_server 192.0.2.1 80 {{\nlb_algo rr\nlb_kind NAT\nprotocol TCP\n\
             {virtual_server}\nreal_server 192.0.2.9 8080 {{\n{real}\n}}\n}}\n"
        ))
    }

    /// What is found in `real`, by its lines, beside what the daemon cannot do yet.
    fn findings(self, real: &str) -> Vec<(usize, &'static str, bool)> {
        let first = self.before.lines().count().max(1) + 7;
        let loaded = self.load(real);
        let all = loaded.diagnostics.iter();
        all.filter(|finding| finding.verdict != Verdict::NotByDaemon)
            .map(|finding| {
                let line = loaded.sources.place(finding.primary.span).line;
                let refused = finding.verdict == Verdict::Refused;
                (line.wrapping_sub(first - 1), finding.rule.code, refused)
            })
            .collect()
    }

    fn virtual_server(self, real: &str) -> VirtualServer {
        let loaded = self.load(real);
        let director = loaded
            .director
            .unwrap_or_else(|| panic!("{real}: {:?}", loaded.diagnostics));
        VirtualServer::clone(&director.virtual_servers[0])
    }

    fn checks(self, real: &str) -> Vec<Check> {
        self.virtual_server(real).real_servers[0].checks.clone()
    }

    fn check(self, real: &str) -> Check {
        let checks = self.checks(real);
        assert_eq!(checks.len(), 1, "{real}");
        checks.into_iter().next().unwrap()
    }
}

const ALONE: Around<'static> = Around {
    before: "",
    virtual_server: "",
};

fn check(real: &str) -> Check {
    ALONE.check(real)
}

fn kind(real: &str) -> ProbeKind {
    check(real).probe.kind.clone()
}

/// One page of an HTTP check that says these lines.
fn url(lines: &str) -> Url {
    let ProbeKind::Http(http) = kind(&format!("HTTP_GET {{\nurl {{\npath /\n{lines}\n}}\n}}"))
    else {
        panic!("{lines}");
    };
    http.urls[0].clone()
}

fn urls(around: Around<'_>, real: &str) -> Vec<Url> {
    let ProbeKind::Http(http) = &around.check(real).probe.kind else {
        panic!("{real}");
    };
    http.urls.to_vec()
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn target() -> Endpoint {
    Endpoint::new([192, 0, 2, 9].into(), 8080)
}

fn script(words: &[&str]) -> Script {
    let words = words.iter().map(|word| Text::from(*word)).collect();
    Script::new(words, None, None).unwrap()
}

/// Every kind with as little as it can say.
const LEAST: [(&str, u32, u64); 8] = [
    ("TCP_CHECK {\n", 1, 1),
    ("HTTP_GET {\nurl {\npath /\n}\n", 1, 3),
    ("SSL_GET {\nurl {\npath /\n}\n", 1, 3),
    ("SMTP_CHECK {\n", 1, 1),
    ("DNS_CHECK {\n", 3, 60),
    ("UDP_CHECK {\n", 1, 1),
    ("PING_CHECK {\n", 1, 1),
    ("MISC_CHECK {\nmisc_path /bin/true\n", 0, 1),
];

#[test]
fn where_nothing_is_said_each_kind_has_its_own_patience() {
    for (block, retry, before_retry) in LEAST {
        let check = check(&format!("{block}}}"));
        let want = Policy {
            retry,
            delay_loop: seconds(60),
            delay_before_retry: seconds(before_retry),
            warmup: seconds(60),
            alpha: false,
        };
        assert_eq!(*check.policy, want, "{block}");
        assert!(!check.log_all_failures, "{block}");
        if !block.starts_with("MISC") {
            assert_eq!(check.probe.timeout, seconds(5), "{block}");
        }
        assert_eq!(
            (check.probe.bind, &check.probe.origin),
            (None, &None),
            "{block}"
        );
    }
}

#[test]
fn patience_is_the_innermost_that_is_said() {
    let words = |n: u32| {
        let base = n * 10;
        format!(
            "retry {}\ndelay_before_retry {}\nwarmup {}\ndelay_loop {}",
            base + 1,
            base + 2,
            base + 3,
            base + 4
        )
    };
    let want = |n: u32| {
        let base = u64::from(n) * 10;
        (
            n * 10 + 1,
            seconds(base + 2),
            seconds(base + 3),
            seconds(base + 4),
        )
    };
    for (block, ..) in LEAST {
        let cases = [
            ("", "", words(3), 3),
            ("", &*words(2), words(3), 3),
            ("", &*words(2), String::new(), 2),
            (&*words(1), "", String::new(), 1),
            (&*words(1), &*words(2), words(3), 3),
        ];
        for (outer, middle, inner, n) in cases {
            let around = Around {
                virtual_server: outer,
                ..ALONE
            };
            let policy = around
                .check(&format!("{middle}\n{block}{inner}\n}}"))
                .policy;
            let found = (
                policy.retry,
                policy.delay_before_retry,
                policy.warmup,
                policy.delay_loop,
            );
            assert_eq!(found, want(n), "{block} {outer} {middle} {inner}");
        }
    }
}

#[test]
fn alpha_timeout_and_logging_are_known_to_every_kind() {
    for (block, ..) in LEAST {
        let around = Around {
            virtual_server: "alpha\nconnect_timeout 7",
            ..ALONE
        };
        let outer = around.check(&format!("{block}log_all_failures\n}}"));
        assert!(outer.policy.alpha && outer.log_all_failures, "{block}");
        let inner = around.check(&format!("alpha no\n{block}alpha yes\n}}"));
        assert!(inner.policy.alpha, "{block}");
        let middle = around.check(&format!("alpha no\nconnect_timeout 8\n{block}}}"));
        assert!(!middle.policy.alpha, "{block}");
        if block.starts_with("MISC") {
            continue;
        }
        assert_eq!(outer.probe.timeout, seconds(7), "{block}");
        assert_eq!(middle.probe.timeout, seconds(8), "{block}");
        let own = around.check(&format!(
            "connect_timeout 8\n{block}connect_timeout 0.5\n}}"
        ));
        assert_eq!(own.probe.timeout, Duration::from_millis(500), "{block}");
    }
}

#[test]
fn what_connects_says_where_from_and_where_to() {
    let words = "connect_ip 192.0.2.8\nconnect_port 81\nbindto 192.0.2.7\nbind_port 1024\n\
                 bind_if eth0\nfwmark 5\n";
    for (block, ..) in LEAST {
        if block.starts_with("MISC") {
            continue;
        }
        let probe = check(&format!("{block}{words}}}")).probe;
        let port = if block.starts_with("PING") { 0 } else { 81 };
        assert_eq!(
            probe.target,
            Endpoint::new([192, 0, 2, 8].into(), port),
            "{block}"
        );
        assert_eq!(probe.bind, Some(IpAddr::from([192, 0, 2, 7])), "{block}");
        let origin = Origin {
            port: NonZeroU16::new(1024),
            interface: Name::new("eth0"),
            mark: NonZeroU32::new(5),
        };
        assert_eq!(probe.origin.as_deref(), Some(&origin), "{block}");
    }
    // A port alone is never bound, and a mark of 0 is none.
    assert_eq!(
        check("TCP_CHECK {\nbind_port 9\nfwmark 1\nfwmark 0\n}")
            .probe
            .origin,
        None
    );
}

#[test]
fn mistakes_in_the_common_words_are_found() {
    let cases: [(&str, Found); 12] = [
        (
            "TCP_CHECK {\nconnect_ip web1\n}",
            &[(2, "bad-address", true)],
        ),
        (
            "TCP_CHECK {\nconnect_port 0\n}",
            &[(2, "out-of-range", false)],
        ),
        (
            "PING_CHECK {\nbind_port 65536\n}",
            &[(2, "out-of-range", false)],
        ),
        (
            "UDP_CHECK {\nbind_if abcdefghijklmnop\n}",
            &[(2, "bad-value", false)],
        ),
        ("UDP_CHECK {\nbind_if abcdefghijklmno\n}", &[]),
        ("DNS_CHECK {\nfwmark -1\n}", &[(2, "bad-value", false)]),
        ("DNS_CHECK {\nfwmark 0x10\n}", &[(2, "bad-value", false)]),
        (
            "SMTP_CHECK {\nlog_all_failures maybe\n}",
            &[(2, "bad-value", false)],
        ),
        (
            "SMTP_CHECK {\nbindto 2001:db8::1\n}",
            &[(2, "bind-family", true)],
        ),
        (
            "PING_CHECK {\nconnect_ip fe80::1\n}",
            &[(1, "link-local-needs-interface", true)],
        ),
        ("PING_CHECK {\nconnect_ip fe80::1\nbind_if eth0\n}", &[]),
        ("TCP_CHECK {\nretry 0\n}", &[]),
    ];
    for (real, want) in cases {
        assert_eq!(ALONE.findings(real), want, "{real}");
    }
}

#[test]
fn an_http_check_is_what_it_says() {
    let real = "SSL_GET {\nhttp_protocol 1.1\nenable_sni\nvirtualhost www.example.org\n\
                fast_recovery on\ntls_compliant\nurl {\npath /a?b=c\nstatus_code 200 204-206 205\n\
                digest 0123456789abcdefABCDEF9876543210\n}\nurl {\npath \"/a b\"\nvirtualhost h:8\n\
                tls_compliant off\n}\n}";
    let ProbeKind::Http(http) = kind(real) else {
        panic!();
    };
    assert_eq!(
        (http.tls, http.version, http.fast_recovery),
        (true, HttpVersion::Http11, true)
    );
    let first = Url {
        path: "/a?b=c".into(),
        virtualhost: Some("www.example.org".into()),
        server_name: Some("www.example.org".into()),
        tls_compliant: true,
        status: StatusSet::new(vec![(200, 200), (204, 206)]).unwrap(),
        digest: Some([
            0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0xab, 0xcd, 0xef, 0x98, 0x76, 0x54,
            0x32, 0x10,
        ]),
        regex: None,
    };
    let second = Url {
        path: "/a b".into(),
        virtualhost: Some("h:8".into()),
        server_name: Some("h:8".into()),
        tls_compliant: false,
        status: StatusSet::default(),
        digest: None,
        regex: None,
    };
    assert_eq!(*http.urls, [first, second]);
    assert_eq!(
        check(real).probe.to_string(),
        "HTTPS GET /a?b=c of www.example.org, /a b of h:8 from 192.0.2.9:8080"
    );
}

#[test]
fn the_host_is_the_innermost_that_is_said() {
    let around = |virtual_server| Around {
        virtual_server,
        ..ALONE
    };
    let page =
        |lines: &str, own: &str| format!("{lines}\nHTTP_GET {{\n{own}\nurl {{\npath /\n}}\n}}");
    let cases = [
        (
            "virtualhost vs",
            page("virtualhost rs", "virtualhost check"),
            Some("check"),
        ),
        ("virtualhost vs", page("virtualhost rs", ""), Some("rs")),
        ("virtualhost vs", page("", ""), Some("vs")),
        ("", page("", ""), None),
        // Wherever in the block it stands.
        ("", format!("{}\nvirtualhost rs", page("", "")), Some("rs")),
    ];
    for (outer, real, want) in cases {
        let urls = urls(around(outer), &real);
        assert_eq!(urls[0].virtualhost, want.map(Text::from), "{outer} {real}");
        assert_eq!(urls[0].server_name, None, "no TLS: {real}");
    }
    let tls = |own: &str| format!("virtualhost rs\nSSL_GET {{\n{own}\nurl {{\npath /\n}}\n}}");
    let cases = [
        ("", None),
        ("enable_sni", Some("rs")),
        ("enable_sni\nsni_name sni", Some("sni")),
        ("enable_sni\nenable_sni no\nsni_name sni", None),
    ];
    for (own, want) in cases {
        assert_eq!(
            urls(ALONE, &tls(own))[0].server_name,
            want.map(Text::from),
            "{own}"
        );
    }
}

#[test]
fn a_pattern_is_typed_with_its_options() {
    let lines = "regex \"a b\\\\.c\"\nregex_no_match\nregex_options caseless bogus utf\n\
                 regex_min_offset 3\nregex_max_offset 9\nregex_stack 16 64";
    let options = RegexOptions::named("caseless")
        .unwrap()
        .with(RegexOptions::named("utf").unwrap());
    let want = Regex {
        pattern: "a b\\.c".into(),
        no_match: true,
        options,
        min_offset: 3,
        max_offset: Some(9),
        stack: Some((16, 64)),
    };
    assert_eq!(url(lines).regex, Some(want));
    assert_eq!(options.to_string(), "caseless utf");
    // Without a pattern the rest means nothing, and keepalived says nothing.
    assert_eq!(
        url("regex_min_offset 3\nregex_no_match\nregex_options utf").regex,
        None
    );
    let odd = url("regex a\nregex_min_offset 9\nregex_max_offset 3\nregex_stack 9 3")
        .regex
        .unwrap();
    assert_eq!((odd.min_offset, odd.max_offset, odd.stack), (0, None, None));
    let edge = url("regex a\nregex_min_offset 3\nregex_max_offset 3")
        .regex
        .unwrap();
    assert_eq!((edge.min_offset, edge.max_offset), (3, Some(3)));
}

#[test]
fn status_codes_are_a_set() {
    let set = StatusSet::new(vec![(300, 310), (200, 204), (205, 205), (302, 399)]).unwrap();
    assert_eq!(set.ranges(), [(200, 205), (300, 399)]);
    assert_eq!(set.to_string(), "200-205 300-399");
    let cases = [
        (199, false),
        (200, true),
        (205, true),
        (206, false),
        (399, true),
        (400, false),
    ];
    for (code, want) in cases {
        assert_eq!(set.contains(code), want, "{code}");
    }
    for bad in [vec![], vec![(99, 200)], vec![(200, 600)], vec![(201, 200)]] {
        assert_eq!(StatusSet::new(bad.clone()), None, "{bad:?}");
    }
}

#[test]
fn mistakes_in_an_http_check_are_found() {
    let page = |lines: &str| format!("HTTP_GET {{\nurl {{\npath /\n{lines}\n}}\n}}");
    let short = "digest 0123456789abcdef0123456789abcde";
    let good = "digest 0123456789abcdef0123456789abcdef";
    let cases: [(String, Found); 20] = [
        ("HTTP_GET {\n}".to_owned(), &[(1, "no-url", true)]),
        (
            "HTTP_GET {\nurl {\n}\n}".to_owned(),
            &[(2, "url-without-path", true)],
        ),
        (
            "SSL_GET {\nurl {\npath /\n}\nurl {\nstatus_code 200\n}\n}".to_owned(),
            &[(5, "url-without-path", true)],
        ),
        (
            "HTTP_GET {\nurl {\npath\n}\n}".to_owned(),
            &[(3, "missing-parameter", true)],
        ),
        (
            "HTTP_GET {\nhttp_protocol 2\nurl {\npath /\n}\n}".to_owned(),
            &[(2, "bad-value", false)],
        ),
        (
            "HTTP_GET {\nnb_get_retry 2\nurl {\npath /\n}\n}".to_owned(),
            &[(2, "deprecated", false)],
        ),
        (
            "HTTP_GET {\nenable_sni 1\nurl {\npath /\n}\n}".to_owned(),
            &[(2, "bad-value", false)],
        ),
        (
            "HTTP_GET {\ntls_compliant\nurl {\npath /\n}\n}".to_owned(),
            &[(2, "unknown-keyword", false)],
        ),
        (page(short), &[(4, "bad-value", false)]),
        (page(&format!("{short}g")), &[(4, "bad-value", false)]),
        (
            page(&format!("{good}\n{good}")),
            &[(5, "given-twice", false)],
        ),
        (page("status_code 200,201"), &[(4, "bad-value", false)]),
        (
            page("status_code 2xx 99\nstatus_code 299-200 600"),
            &[
                (4, "bad-value", false),
                (4, "bad-value", false),
                (5, "bad-value", false),
                (5, "bad-value", false),
            ],
        ),
        (page("status_code"), &[]),
        (page("regex"), &[(4, "bad-value", false)]),
        (page("regex \"\""), &[(4, "empty-regex", false)]),
        (page("regex foo bar"), &[(4, "extra-word", false)]),
        (page("regex 'foo"), &[(4, "unterminated-quote", true)]),
        (page("regex_max_offset 3\nregex_options foo"), &[]),
        (page("regex_min_offset 3x"), &[(4, "bad-value", false)]),
    ];
    for (real, want) in cases {
        assert_eq!(ALONE.findings(&real), want, "{real}");
    }
    // The item goes, the others stay.
    let set = StatusSet::new(vec![(404, 404)]).unwrap();
    assert_eq!(url("status_code 2xx 404").status, set);
    assert_eq!(url("status_code 2xx").status, StatusSet::default());
    let retries = check("HTTP_GET {\nnb_get_retry 9\nurl {\npath /\n}\n}")
        .policy
        .retry;
    assert_eq!(retries, 9);
}

#[test]
fn an_smtp_check_asks_each_of_its_hosts() {
    let helo = |name: &str| ProbeKind::Smtp(Arc::new(Smtp { helo: name.into() }));
    let plain = check("SMTP_CHECK {\n}");
    assert_eq!(plain.probe.kind, helo("smtpchecker.keepalived.org"));
    assert_eq!(plain.probe.target, target());
    assert_eq!(
        kind("SMTP_CHECK {\nhelo_name lvs.example.org\n}"),
        helo("lvs.example.org")
    );
    let ends = |real: &str| {
        let checks = ALONE.checks(real);
        checks
            .iter()
            .map(|check| check.probe.target.to_string())
            .collect::<Vec<_>>()
    };
    let host = "host {\nconnect_ip 192.0.2.3\n}\nhost {\nconnect_port 26\nretry 7\n}\n";
    let hosts = format!("SMTP_CHECK {{\n{host}}}");
    assert_eq!(ends(&hosts), ["192.0.2.3:8080", "192.0.2.9:26"]);
    // A word of the connection, even this one, makes the block itself ask too.
    let both = format!("SMTP_CHECK {{\nconnect_timeout 4\n{host}}}");
    assert_eq!(
        ends(&both),
        ["192.0.2.9:8080", "192.0.2.3:8080", "192.0.2.9:26"]
    );
    let timeouts: Vec<_> = ALONE
        .checks(&both)
        .iter()
        .map(|check| check.probe.timeout)
        .collect();
    assert_eq!(timeouts, [seconds(4), seconds(5), seconds(5)]);
    // What a host says of patience is for all.
    assert!(
        ALONE
            .checks(&hosts)
            .iter()
            .all(|check| check.policy.retry == 7)
    );
    let deaf = "SMTP_CHECK {\nhost {\nconnect_ip fe80::1\n}\n}";
    assert_eq!(
        ALONE.findings(deaf),
        [(1, "link-local-needs-interface", true)]
    );
}

#[test]
fn a_dns_check_asks_for_a_type_and_a_name() {
    let dns = |record, name: &str| {
        ProbeKind::Dns(Arc::new(Dns {
            record,
            name: DnsName::new(name.as_bytes()).unwrap(),
        }))
    };
    let label = "a".repeat(63);
    let cases = [
        (String::new(), dns(RecordType::Soa, ".")),
        (
            "type aaaa\nname www.example.org".to_owned(),
            dns(RecordType::Aaaa, "www.example.org"),
        ),
        (
            "type Dnskey\nname example.org.".to_owned(),
            dns(RecordType::Dnskey, "example.org."),
        ),
        ("type PTR".to_owned(), dns(RecordType::Soa, ".")),
        ("type A\ntype PTR".to_owned(), dns(RecordType::A, ".")),
        (
            format!("name {label}.org"),
            dns(RecordType::Soa, &format!("{label}.org")),
        ),
    ];
    for (lines, want) in cases {
        assert_eq!(kind(&format!("DNS_CHECK {{\n{lines}\n}}")), want, "{lines}");
    }
    let cases: [(&str, Found); 6] = [
        ("type PTR", &[(2, "bad-value", false)]),
        ("name .example", &[(2, "bad-value", false)]),
        ("name a..b", &[(2, "bad-value", false)]),
        (
            "name example.org\nname example.net",
            &[(3, "given-twice", false)],
        ),
        ("name a..b\nname example.net", &[(2, "bad-value", false)]),
        ("name .", &[]),
    ];
    for (lines, want) in cases {
        assert_eq!(
            ALONE.findings(&format!("DNS_CHECK {{\n{lines}\n}}")),
            want,
            "{lines}"
        );
    }
    let long = format!("DNS_CHECK {{\nname {label}a.org\n}}");
    assert_eq!(ALONE.findings(&long), [(2, "bad-value", true)]);
    let name = DnsName::new(b"www.example.org.").unwrap();
    assert_eq!(
        name.labels().collect::<Vec<_>>(),
        [&b"www"[..], b"example", b"org"]
    );
    assert_eq!(DnsName::default().labels().count(), 0);
}

#[test]
fn a_udp_check_sends_bytes_and_knows_what_must_come_back() {
    let udp = |payload: Option<&[u8]>, reply| {
        ProbeKind::Udp(Arc::new(Udp {
            payload: payload.map(Into::into),
            reply,
        }))
    };
    let like = |bytes: &[(u8, u8)], least, most| {
        Reply::Like(Like {
            bytes: bytes.into(),
            least,
            most,
        })
    };
    let cases = [
        ("", udp(None, Reply::NotNeeded)),
        ("payload 00Ff", udp(Some(&[0, 0xff]), Reply::NotNeeded)),
        (
            "payload 0 f 12 345",
            udp(Some(&[0, 15, 0x12, 0x34, 5]), Reply::NotNeeded),
        ),
        (
            "payload \"01 02\" 03",
            udp(Some(&[1, 2, 3]), Reply::NotNeeded),
        ),
        ("require_reply", udp(None, Reply::Any)),
        ("require_reply\nmax_reply_length 9", udp(None, Reply::Any)),
        ("min_reply_length 9", udp(None, Reply::NotNeeded)),
        (
            "require_reply xx0x X0 x",
            udp(
                None,
                like(&[(0, 0), (0, 0xf0), (0, 0x0f), (0, 0xf0)], 0, 255),
            ),
        ),
        (
            "require_reply ab\nmin_reply_length 2\nmax_reply_length 1400",
            udp(None, like(&[(0xab, 0xff)], 2, 1400)),
        ),
        // A bad line leaves what was said before.
        (
            "require_reply ab\nrequire_reply 0x",
            udp(None, like(&[(0, 0xf0)], 0, 255)),
        ),
        ("require_reply zz", udp(None, Reply::Any)),
        ("payload 0x00", udp(None, Reply::NotNeeded)),
    ];
    for (lines, want) in cases {
        assert_eq!(kind(&format!("UDP_CHECK {{\n{lines}\n}}")), want, "{lines}");
    }
    let cases: [(&str, Found); 7] = [
        ("payload 0x00", &[(2, "bad-value", false)]),
        ("payload x0", &[(2, "bad-value", false)]),
        ("payload \"\"", &[(2, "bad-value", false)]),
        ("require_reply 0y", &[(2, "bad-value", false)]),
        ("min_reply_length 65536", &[(2, "out-of-range", false)]),
        ("min_reply_length 256", &[(2, "reply-never-fits", false)]),
        ("min_reply_length 9\nmax_reply_length 9", &[]),
    ];
    for (lines, want) in cases {
        assert_eq!(
            ALONE.findings(&format!("UDP_CHECK {{\n{lines}\n}}")),
            want,
            "{lines}"
        );
    }
    let like = Like {
        bytes: [(0x12, 0xff), (0, 0xf0)].into(),
        least: 1,
        most: 3,
    };
    let cases: [(&[u8], bool); 6] = [
        (&[], false),
        (&[0x12], true),
        (&[0x13], false),
        (&[0x12, 0x0f], true),
        (&[0x12, 0x1f, 9], false),
        (&[0x12, 0, 0, 0], false),
    ];
    for (reply, want) in cases {
        assert_eq!(like.fits(reply), want, "{reply:?}");
    }
}

#[test]
fn a_script_check_runs_a_command() {
    let misc = |words: &[&str], dynamic| {
        ProbeKind::Misc(Arc::new(Misc {
            script: script(words),
            dynamic,
        }))
    };
    let cases = [
        ("misc_path /bin/true", misc(&["/bin/true"], false)),
        (
            "misc_path \"/bin/x -a 'b c'\"\nmisc_dynamic",
            misc(&["/bin/x", "-a", "b c"], true),
        ),
        (
            "misc_path '/bin/x \"b c\"'",
            misc(&["/bin/x", "b c"], false),
        ),
        (
            "misc_path /bin/a\nmisc_path /bin/b",
            misc(&["/bin/b"], false),
        ),
        // What stands behind the command is dropped.
        ("misc_path /bin/x a b", misc(&["/bin/x"], false)),
    ];
    for (lines, want) in cases {
        assert_eq!(
            kind(&format!("MISC_CHECK {{\n{lines}\n}}")),
            want,
            "{lines}"
        );
    }
    let ProbeKind::Misc(run) = kind("MISC_CHECK {\nuser nobody nogroup\nmisc_path /bin/x\n}")
    else {
        panic!();
    };
    assert_eq!(run.script.user, Some("nobody".into()));
    assert_eq!(run.script.group, Some("nogroup".into()));
    let cases: [(&str, Found); 11] = [
        ("retry 3", &[(1, "no-command", true)]),
        ("misc_path", &[(2, "missing-parameter", true)]),
        ("misc_path \"\"", &[(2, "bad-value", true)]),
        (
            "misc_path \"/bin/x 'a\"",
            &[(2, "unterminated-quote", true)],
        ),
        ("misc_path /bin/x 'a", &[(2, "unterminated-quote", true)]),
        ("misc_path /bin/x\\000y", &[(2, "bad-value", true)]),
        ("misc_path /bin/x a", &[(2, "extra-word", false)]),
        (
            "misc_path /bin/x\nmisc_timeout 1.5",
            &[(3, "bad-number", true)],
        ),
        (
            "misc_path /bin/x\nmisc_timeout 4295",
            &[(3, "out-of-range", false)],
        ),
        ("misc_path /bin/x\nuser 0", &[(3, "bad-value", true)]),
        (
            "misc_path /bin/x\nmisc_dynamic off",
            &[(3, "argument-ignored", false)],
        ),
    ];
    for (lines, want) in cases {
        assert_eq!(
            ALONE.findings(&format!("MISC_CHECK {{\n{lines}\n}}")),
            want,
            "{lines}"
        );
    }
}

#[test]
fn a_script_without_a_time_has_the_delay_loop_of_its_virtual_server() {
    let cases = [
        ("", "", seconds(60)),
        ("delay_loop 9", "", seconds(9)),
        ("delay_loop 9", "misc_timeout 0", seconds(9)),
        ("delay_loop 9", "misc_timeout 4", seconds(4)),
        ("delay_loop 9", "delay_loop 3", seconds(9)),
    ];
    for (virtual_server, own, want) in cases {
        let around = Around {
            virtual_server,
            ..ALONE
        };
        let real = format!("delay_loop 5\nMISC_CHECK {{\nmisc_path /bin/x\n{own}\n}}");
        let probe = around.check(&real).probe;
        assert_eq!(
            (probe.timeout, probe.target),
            (want, target()),
            "{virtual_server} {own}"
        );
    }
}

#[test]
fn quotes_and_escapes_are_read_as_the_shell_would_not() {
    let cases: [(&str, &[&str]); 12] = [
        (r"a'b c'd", &["ab", "cd"]),
        (r#""a 'b c'" "#, &["a", "b c"]),
        (r"'a b'", &["a", "b"]),
        (r#"'"a b" c'"#, &["a b", "c"]),
        // Once for the line and once for the command.
        (r"a\\x41", &["aA"]),
        (r"a\x41\x4a\x4A", &["aAJJ"]),
        (r"a\x414", &["aA4"]),
        (r"a\101\60", &["aA0"]),
        (r"a\q\z", &["aqz"]),
        (r"a\\\\n", &["a\\n"]),
        (r"'a\\tb'", &["a\tb"]),
        (r"a\\cA\\E\\a", &["a\u{1}\u{1b}\u{7}"]),
    ];
    for (written, want) in cases {
        let ProbeKind::Misc(misc) = kind(&format!("MISC_CHECK {{\nmisc_path {written}\n}}")) else {
            panic!();
        };
        assert_eq!(misc.script, script(want), "{written}");
    }
    let around = Around {
        before: "$RUN=/bin/x -a",
        ..ALONE
    };
    let ProbeKind::Misc(misc) = &around
        .check("MISC_CHECK {\nmisc_path \"$RUN 'b c'\"\n}")
        .probe
        .kind
    else {
        panic!();
    };
    assert_eq!(misc.script, script(&["/bin/x", "-a", "b c"]));
}

const WATCHED: &str = "track_file t1 {\nfile /run/t1\nweight 3 reverse\nweight 4\n}\n\
                       vrrp_track_file t2 {\nfile /run/t2\n}\ntrack_file none {\n}\n\
                       bfd_instance b0 {\n}\nbfd_instance b1 {\nneighbor_ip 192.0.2.1\n}\n\
                       bfd_instance b2 {\nneighbor_ip 192.0.2.2\nvrrp\n}\n\
                       bfd_instance b3 {\nneighbor_ip 192.0.2.3\nvrrp\nchecker\n}\n\
                       bfd_instance b4 {\nneighbor_ip 192.0.2.3\nsource_ip 192.0.2.8\n}\n\
                       bfd_instance b5 {\nneighbor_ip 192.0.2.5\nsource_ip 192.0.2.8\n}\n\
                       bfd_instance b6 {\nneighbor_ip 192.0.2.5\nsource_ip 192.0.2.9\n}";

const DEFINED: Around<'static> = Around {
    before: WATCHED,
    virtual_server: "retry 4\nalpha",
};

#[test]
fn a_file_check_knows_its_file() {
    let file = |name: &str, weight, reverse| {
        ProbeKind::File(Arc::new(WatchedFile {
            name: name.into(),
            path: format!("/run/{name}").as_str().into(),
            weight,
            reverse,
        }))
    };
    let cases = [
        ("track_file t1", file("t1", 3, true)),
        ("track_file t2", file("t2", 1, false)),
        ("track_file t1\nweight -5", file("t1", -5, false)),
        ("weight 0 reverse\ntrack_file t2", file("t2", 0, true)),
        (
            "track_file t1\nweight 2147483647 noreverse",
            file("t1", i32::MAX, false),
        ),
    ];
    for (lines, want) in cases {
        let check = DEFINED.check(&format!("FILE_CHECK {{\n{lines}\n}}"));
        assert_eq!(check.probe.kind, want, "{lines}");
        assert!(check.policy.retry == 0 && !check.policy.alpha, "{lines}");
    }
}

#[test]
fn a_bfd_check_knows_its_session() {
    let check = DEFINED.check("BFD_CHECK {\nname b3\n}");
    let ProbeKind::Bfd(session) = &check.probe.kind else {
        panic!("{check:?}");
    };
    assert_eq!(session.name, "b3".into());
    assert_eq!(session.neighbour, IpAddr::from([192, 0, 2, 3]));
    assert!(check.policy.retry == 0 && check.policy.alpha);
    assert!(
        !DEFINED
            .check("BFD_CHECK {\nname b1\nalpha no\n}")
            .policy
            .alpha
    );
    // The second is dropped.
    let twice = "BFD_CHECK {\nname b1\n}\nBFD_CHECK {\nname b1\n}";
    assert_eq!(DEFINED.checks(twice).len(), 1);
}

#[test]
fn a_bfd_session_is_what_its_block_says() {
    let session = |lines: &str| {
        let before = format!("bfd_instance b {{\n{lines}\n}}");
        let around = Around {
            before: &before,
            ..ALONE
        };
        match &around.check("BFD_CHECK {\nname b\n}").probe.kind {
            ProbeKind::Bfd(session) => Bfd::clone(session),
            other => panic!("{other:?}"),
        }
    };
    let plain = Bfd {
        name: "b".into(),
        neighbour: [192, 0, 2, 1].into(),
        source: None,
        min_rx: Duration::from_millis(10),
        min_tx: Duration::from_millis(10),
        idle_tx: Duration::from_secs(1),
        multiplier: NonZeroU8::new(5).unwrap(),
        passive: false,
        hops: hops(255, 255),
        multihop: false,
    };
    assert_eq!(session("neighbor_ip 192.0.2.1"), plain);
    let whole = "neighbour_ip 2001:db8::1\nsource_ip 2001:db8::2\nmin_rx 3.312\nmin_tx 50\n\
                 idle_tx 2000\nmultiplier 3\npassive\nhoplimit 200\nmax_hops 5\nmultihop";
    let want = Bfd {
        name: "b".into(),
        neighbour: "2001:db8::1".parse().unwrap(),
        source: Some("2001:db8::2".parse().unwrap()),
        min_rx: Duration::from_micros(3312),
        min_tx: Duration::from_millis(50),
        idle_tx: Duration::from_secs(2),
        multiplier: NonZeroU8::new(3).unwrap(),
        passive: true,
        hops: hops(200, 195),
        multihop: true,
    };
    assert_eq!(session(whole), want);
    // Hop limits sent, and the least that count.
    let cases = [
        ("neighbor_ip 192.0.2.1\nttl 10", hops(10, 10)),
        ("neighbor_ip 192.0.2.1\nmax_hops 1", hops(255, 254)),
        ("neighbor_ip 192.0.2.1\nmax_hops -1", hops(255, 0)),
        ("neighbor_ip 192.0.2.1\nmax_hops 255", hops(255, 0)),
        ("neighbor_ip 192.0.2.1\nttl 9\nmax_hops 10", hops(9, 0)),
        ("neighbor_ip 2001:db8::1", hops(255, 64)),
        ("neighbor_ip 2001:db8::1\nmax_hops 4", hops(255, 60)),
        ("neighbor_ip 2001:db8::1\nttl 255", hops(255, 255)),
    ];
    for (lines, want) in cases {
        assert_eq!(session(lines).hops, want, "{lines}");
    }
    // A line that cannot be read counts for nothing.
    let wrong = "neighbor_ip 192.0.2.1\nmin_rx 0\nmin_tx x\nidle_tx 999\nmultiplier 256\nttl 0";
    assert_eq!(session(wrong), plain);
}

fn hops(sent: u8, least: u8) -> Hops {
    Hops {
        sent: NonZeroU8::new(sent).unwrap(),
        least,
    }
}

#[test]
fn what_is_watched_stands_before_the_check() {
    let cases: [(&str, Found); 14] = [
        (
            "FILE_CHECK {\ntrack_file t3\n}",
            &[(2, "undefined-track-file", true)],
        ),
        (
            "FILE_CHECK {\ntrack_file none\n}",
            &[(2, "undefined-track-file", true)],
        ),
        ("FILE_CHECK {\n}", &[(1, "no-track-file", true)]),
        (
            "FILE_CHECK {\ntrack_file t1\nweight 3 back\n}",
            &[(3, "bad-value", false)],
        ),
        (
            "FILE_CHECK {\ntrack_file t1\nweight 2147483648\n}",
            &[(3, "out-of-range", false)],
        ),
        ("BFD_CHECK {\nname b9\n}", &[(2, "undefined-bfd", true)]),
        ("BFD_CHECK {\nname b0\n}", &[(2, "undefined-bfd", true)]),
        ("BFD_CHECK {\nname b4\n}", &[(2, "undefined-bfd", true)]),
        ("BFD_CHECK {\nname b6\n}", &[]),
        ("BFD_CHECK {\nname b2\n}", &[(2, "undefined-bfd", true)]),
        ("BFD_CHECK {\nname b1 b3\n}", &[(2, "extra-word", true)]),
        (
            "BFD_CHECK {\nname b1\nname b3\n}",
            &[(3, "given-twice", true)],
        ),
        ("BFD_CHECK {\nalpha\n}", &[(1, "no-bfd", true)]),
        (
            "BFD_CHECK {\nname b1\n}\nBFD_CHECK {\nname b1\n}",
            &[(4, "given-twice", false)],
        ),
    ];
    let around = Around {
        virtual_server: "",
        ..DEFINED
    };
    for (real, want) in cases {
        assert_eq!(around.findings(real), want, "{real}");
    }
    let after = "virtual_server 192.0.2.1 80 {\nlb_algo rr\nlb_kind DR\nprotocol TCP\n\
                 real_server 192.0.2.9 80 {\nFILE_CHECK {\ntrack_file t\n}\n}\n}\n\
                 track_file t {\nfile /run/t\n}\n";
    assert!(load(after).director.is_none());
}

#[test]
fn a_value_that_is_missing_costs_what_it_costs_at_keepalived() {
    let cases: [(&str, Found); 12] = [
        ("virtualhost", &[(1, "missing-parameter", false)]),
        ("snmp_name", &[(1, "missing-parameter", false)]),
        ("notify_up", &[(1, "missing-parameter", true)]),
        ("TCP_CHECK {\nfwmark\n}", &[(2, "missing-parameter", true)]),
        ("DNS_CHECK {\nname\n}", &[(2, "missing-parameter", true)]),
        (
            "UDP_CHECK {\npayload\n}",
            &[(2, "missing-parameter", false)],
        ),
        (
            "UDP_CHECK {\nmin_reply_length\n}",
            &[(2, "missing-parameter", true)],
        ),
        (
            "SMTP_CHECK {\nhelo_name\n}",
            &[(2, "missing-parameter", false)],
        ),
        (
            "MISC_CHECK {\nmisc_path /bin/x\nuser\n}",
            &[(3, "missing-parameter", false)],
        ),
        (
            "MISC_CHECK {\nmisc_path\n}",
            &[(2, "missing-parameter", true)],
        ),
        ("BFD_CHECK {\nname\n}", &[(2, "missing-parameter", true)]),
        (
            "FILE_CHECK {\ntrack_file t1\nweight\n}",
            &[(3, "missing-parameter", false)],
        ),
    ];
    let around = Around {
        virtual_server: "",
        ..DEFINED
    };
    for (real, want) in cases {
        assert_eq!(around.findings(real), want, "{real}");
    }
}

/// What somebody might write behind a keyword, good or not.
const WORDS: [&str; 22] = [
    "",
    "\"\"",
    "'",
    "''",
    "\\",
    "\\\\",
    "\\x",
    "\\xf",
    "\\c",
    "\\777",
    "\"'\"",
    "-",
    "-1",
    "0",
    "65535",
    "4294967296",
    "99999999999999999999",
    "0x",
    "x",
    "a..b",
    "a b c d",
    "\u{fc}\u{ff}",
];

#[test]
fn nothing_that_is_written_in_a_check_is_more_than_a_finding() {
    let blocks = [
        "real_server",
        "virtual_server",
        "TCP_CHECK",
        "HTTP_GET",
        "SSL_GET",
        "HTTP_GET.url",
        "SSL_GET.url",
        "SMTP_CHECK",
        "SMTP_CHECK.host",
        "DNS_CHECK",
        "UDP_CHECK",
        "PING_CHECK",
        "MISC_CHECK",
        "FILE_CHECK",
        "BFD_CHECK",
    ];
    let mut tried = 0;
    for keyword in KEYWORDS
        .iter()
        .filter(|keyword| blocks.contains(&keyword.block))
    {
        for word in WORDS {
            for other in ["", " ff", " 'b"] {
                let line = format!("{} {word}{other}", keyword.word);
                let real = match keyword.block {
                    "virtual_server" | "real_server" => line.clone(),
                    "HTTP_GET.url" => format!("HTTP_GET {{\nurl {{\npath /\n{line}\n}}\n}}"),
                    "SSL_GET.url" => format!("SSL_GET {{\nurl {{\npath /\n{line}\n}}\n}}"),
                    "SMTP_CHECK.host" => format!("SMTP_CHECK {{\nhost {{\n{line}\n}}\n}}"),
                    check => format!("{check} {{\n{line}\n}}"),
                };
                let loaded = match keyword.block {
                    "virtual_server" => Around {
                        virtual_server: &line,
                        ..DEFINED
                    }
                    .load(""),
                    _ => DEFINED.load(&real),
                };
                let refused = loaded
                    .diagnostics
                    .iter()
                    .any(|one| one.verdict == Verdict::Refused);
                assert_eq!(loaded.director.is_none(), refused, "{line}");
                for server in loaded.director.iter().flat_map(|all| &all.virtual_servers) {
                    let checks = server.real_servers.iter().flat_map(|real| &real.checks);
                    assert!(
                        checks
                            .into_iter()
                            .all(|check| !check.probe.to_string().is_empty())
                    );
                }
                tried += 1;
            }
        }
    }
    assert!(tried > 10_000, "{tried}");
}

#[test]
fn servers_say_whom_to_tell() {
    let around = Around {
        virtual_server: "quorum_up \"/bin/up 'a b'\" nobody\nquorum_down /bin/down\nomega\n\
                         smtp_alert\nvirtualhost vs\nsnmp_name web\nha_suspend",
        ..ALONE
    };
    let real = "notify_up /bin/up nobody nogroup\nnotify_down \"/bin/down now\"\nsmtp_alert no\n\
                virtualhost rs\nsnmp_name web1";
    let server = around.virtual_server(real);
    let mut up = script(&["/bin/up", "a b"]);
    up.user = Some("nobody".into());
    let want = VirtualServerDetails {
        quorum_up: Some(up),
        quorum_down: Some(script(&["/bin/down"])),
        omega: true,
        ha_suspend: true,
        smtp_alert: Some(true),
        virtualhost: Some("vs".into()),
        snmp_name: Some("web".into()),
    };
    assert_eq!(server.details.as_deref(), Some(&want));
    let mut up = script(&["/bin/up"]);
    up.user = Some("nobody".into());
    up.group = Some("nogroup".into());
    let want = RealServerDetails {
        notify_up: Some(up),
        notify_down: Some(script(&["/bin/down", "now"])),
        smtp_alert: Some(false),
        virtualhost: Some("rs".into()),
        snmp_name: Some("web1".into()),
    };
    assert_eq!(server.real_servers[0].details.as_deref(), Some(&want));
    let silent = ALONE.virtual_server("");
    assert_eq!(
        (&silent.details, &silent.real_servers[0].details),
        (&None, &None)
    );
}

#[test]
fn of_two_scripts_for_one_event_the_first_counts() {
    let real = "notify_up /bin/a\nnotify_up /bin/b";
    assert_eq!(ALONE.findings(real), [(2, "given-twice", false)]);
    let details = ALONE.virtual_server(real).real_servers[0]
        .details
        .clone()
        .unwrap();
    assert_eq!(details.notify_up, Some(script(&["/bin/a"])));
    let cases: [(&str, Found); 4] = [
        ("notify_down '/bin/b", &[(1, "unterminated-quote", true)]),
        ("notify_down \"\"", &[(1, "bad-value", true)]),
        ("snmp_name a b", &[(1, "extra-word", false)]),
        ("smtp_alert 1", &[(1, "bad-value", false)]),
    ];
    for (real, want) in cases {
        assert_eq!(ALONE.findings(real), want, "{real}");
    }
}

#[test]
fn a_mark_suspends_nothing() {
    let text = "virtual_server fwmark 1 {\nlb_algo rr\nlb_kind DR\nha_suspend\n\
                real_server 192.0.2.9 {\n}\n}\n";
    let director = load(text).director.unwrap();
    assert_eq!(director.virtual_servers[0].details, None);
}

#[test]
fn every_failure_is_logged_where_the_file_says_so() {
    let text = "global_defs {\nchecker_log_all_failures\n}\n";
    assert!(load(text).director.unwrap().globals.log_all_failures);
}

#[test]
fn a_probe_says_in_words_what_is_asked() {
    let cases = [
        (ALONE, "TCP_CHECK {\n}", "TCP connect to 192.0.2.9:8080"),
        (ALONE, "PING_CHECK {\n}", "ping of 192.0.2.9"),
        (ALONE, "UDP_CHECK {\n}", "UDP datagram to 192.0.2.9:8080"),
        (
            ALONE,
            "UDP_CHECK {\nrequire_reply\n}",
            "UDP datagram with any reply to 192.0.2.9:8080",
        ),
        (
            ALONE,
            "SMTP_CHECK {\nhelo_name me\n}",
            "SMTP greeting from me to 192.0.2.9:8080",
        ),
        (
            ALONE,
            "DNS_CHECK {\n}",
            "DNS question SOA . of 192.0.2.9:8080",
        ),
        (
            ALONE,
            "HTTP_GET {\nurl {\npath /\n}\n}",
            "HTTP GET / from 192.0.2.9:8080",
        ),
        (
            ALONE,
            "MISC_CHECK {\nmisc_path \"/bin/x 'a b'\"\n}",
            "script /bin/x a b",
        ),
        (
            DEFINED,
            "FILE_CHECK {\ntrack_file t1\n}",
            "number in /run/t1",
        ),
        (DEFINED, "BFD_CHECK {\nname b1\n}", "BFD session b1"),
    ];
    for (around, real, want) in cases {
        assert_eq!(around.check(real).probe.to_string(), want, "{real}");
    }
}

#[test]
fn a_probe_is_small() {
    assert!(size_of::<Probe>() <= 96, "{}", size_of::<Probe>());
    assert_eq!(size_of::<ProbeKind>(), 16);
}

#[test]
fn text_that_is_no_text_is_kept_and_shown_escaped() {
    let real = b"virtual_server 192.0.2.1 80 {\nlb_algo rr\nlb_kind DR\nprotocol TCP\n\
                 real_server 192.0.2.9 80 {\nHTTP_GET {\nurl {\npath /\xff\n}\n}\n}\n}\n";
    let files = Memory([("k.conf".to_owned(), real.to_vec())].into());
    let loaded = conf::load(&files, "k.conf", &Options::default());
    let server = &loaded.director.unwrap().virtual_servers[0];
    let probe = &server.real_servers[0].checks[0].probe;
    assert_eq!(probe.to_string(), "HTTP GET /\\xff from 192.0.2.9:80");
}
