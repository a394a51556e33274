use lvsctl::health::{Cause, News, Part};
use lvsctl::notify::format;

use super::{director, news, service};

const CHECK: Part = Part::Check {
    real_server: 0,
    check: 0,
    turns_server: false,
};

fn line(text: &str, virtual_server: usize, part: Part, up: bool) -> Option<String> {
    format::line(&news(&director(text), virtual_server, part, up))
}

#[test]
fn lines_are_those_of_keepalived() {
    let group =
        |name: &str, member: &str| format!("virtual_server_group {name} {{\n{member}\n}}\n");
    let tcp = service("192.0.2.1 80", "protocol TCP", "");
    let udp = service("2001:db8::1 53", "protocol UDP", "").replace("10.0.0.2", "2001:db8::2");
    let mark = service("fwmark 5", "", "");
    let both = group("web", "192.0.2.1 80")
        + &service("group web", "protocol TCP", "")
        + &service("group web", "protocol UDP", "");
    let marks = group("m", "fwmark 7") + &service("group m", "", "");
    let quorum = Part::Quorum { weight: 1 };
    let server = Part::RealServer(0);
    // (file, place of the virtual server, what, up, line)
    let cases = [
        (
            &tcp,
            0,
            server,
            false,
            "RS [10.0.0.2]:tcp:8080 [192.0.2.1]:tcp:80 DOWN\n",
        ),
        (
            &tcp,
            0,
            server,
            true,
            "RS [10.0.0.2]:tcp:8080 [192.0.2.1]:tcp:80 UP\n",
        ),
        (&tcp, 0, quorum, true, "VS [192.0.2.1]:tcp:80 UP\n"),
        (
            &udp,
            0,
            server,
            true,
            "RS [2001:db8::2]:udp:8080 [2001:db8::1]:udp:53 UP\n",
        ),
        (&udp, 0, quorum, false, "VS [2001:db8::1]:udp:53 DOWN\n"),
        (&mark, 0, server, true, "RS [10.0.0.2]:none:8080 FWM 5 UP\n"),
        (&mark, 0, quorum, false, "VS FWM 5 DOWN\n"),
        (
            &both,
            0,
            server,
            true,
            "RS [10.0.0.2]:tcp:8080 [web]:0 UP\n",
        ),
        (
            &both,
            1,
            server,
            true,
            "RS [10.0.0.2]:udp:8080 [web]:1 UP\n",
        ),
        (&both, 1, quorum, false, "VS [web]:1 DOWN\n"),
        (
            &marks,
            0,
            server,
            false,
            "RS [10.0.0.2]:none:8080 [m]:0 DOWN\n",
        ),
    ];
    for (text, place, part, up, want) in cases {
        assert_eq!(line(text, place, part, up).as_deref(), Some(want), "{text}");
    }
    assert_eq!(line(&tcp, 0, CHECK, true), None);
    assert_eq!(
        line(&tcp, 1, server, true),
        None,
        "there is no such virtual server"
    );
    assert_eq!(line(&tcp, 0, Part::RealServer(1), true), None);
}

#[test]
fn subjects_are_those_of_keepalived() {
    let director = director(&service("192.0.2.1 80", "protocol TCP", ""));
    let subject = |part, up| format::subject("lb1", &news(&director, 0, part, up).about, up);
    let server = "[lb1] Realserver [10.0.0.2]:tcp:8080 of virtual server [192.0.2.1]:tcp:80 - DOWN";
    assert_eq!(subject(CHECK, false).as_deref(), Some(server));
    assert_eq!(subject(Part::RealServer(0), false).as_deref(), Some(server));
    let quorum = subject(Part::Quorum { weight: 2 }, true);
    assert_eq!(
        quorum.as_deref(),
        Some("[lb1] Virtualserver [192.0.2.1]:tcp:80 - UP")
    );
}

#[test]
fn bodies_are_those_of_keepalived() {
    let url = "{\nurl {\npath /\nstatus_code 200\n}\n}";
    // (check, what is said when it fails, when it succeeds)
    let cases = [
        (
            "TCP_CHECK {\n}",
            "=> TCP CHECK failed on service <=",
            "=> TCP CHECK succeed on service <=",
        ),
        (
            &format!("HTTP_GET {url}"),
            "=> CHECK failed on service : HTTP request failed <=",
            "=> CHECK succeed on service <=",
        ),
        (
            &format!("SSL_GET {url}"),
            "=> CHECK failed on service : HTTP request failed <=",
            "=> CHECK succeed on service <=",
        ),
        (
            "SMTP_CHECK {\n}",
            "=> CHECK failed on service : connection refused <=",
            "=> CHECK succeed on service <=",
        ),
        (
            "DNS_CHECK {\nname lab.test\n}",
            "=> DNS_CHECK: failed on service <=",
            "=> DNS_CHECK: succeed on service <=",
        ),
        (
            "UDP_CHECK {\n}",
            "=> UDP CHECK failed on service <=",
            "=> UDP CHECK succeed on service <=",
        ),
        (
            "PING_CHECK {\n}",
            "=> ICMP CHECK failed on service <=",
            "=> ICMP CHECK succeed on service <=",
        ),
        (
            "MISC_CHECK {\nmisc_path /bin/true\n}",
            "=> MISC CHECK failed on service <=",
            "=> MISC CHECK succeeded on service <=",
        ),
    ];
    for (check, failed, succeed) in cases {
        let text = service("192.0.2.1 80", "protocol TCP", check);
        let body = |up| format::body(&news(&director(&text), 0, CHECK, up));
        assert_eq!(body(false).as_deref(), Some(failed), "{check}");
        assert_eq!(body(true).as_deref(), Some(succeed), "{check}");
    }
}

#[test]
fn a_quorum_is_told_with_its_sum() {
    let text = service(
        "192.0.2.1 80",
        "protocol TCP\nquorum 3\nhysteresis 1",
        "weight 9",
    );
    let director = director(&text);
    let body = |weight, up| format::body(&news(&director, 0, Part::Quorum { weight }, up)).unwrap();
    let started = |up| News {
        cause: Cause::Configured,
        ..news(&director, 0, Part::Quorum { weight: 9 }, up)
    };
    let body_at_start = format::body(&started(true)).unwrap();
    assert_eq!(body_at_start, "=> Starting with quorum up 3+1=4 <= 9 <=");
    assert_eq!(body(9, true), "=> Gained quorum 3+1=4 <= 9 <=");
    assert_eq!(body(1, false), "=> Lost quorum 3-1=2 > 1 <=");
}

#[test]
fn an_order_is_told_as_one() {
    let director = director(&service("192.0.2.1 80", "protocol TCP", ""));
    let body = |part, cause| {
        let told = news(&director, 0, part, false);
        format::body(&News { cause, ..told }).unwrap()
    };
    let quorum = Part::Quorum { weight: 0 };
    assert_eq!(body(Part::RealServer(0), Cause::Removed), "=> Removing <=");
    assert_eq!(
        body(Part::RealServer(0), Cause::Stopping),
        "=> Shutting down <="
    );
    assert_eq!(body(quorum, Cause::Stopping), "=> Shutting down <=");
    assert_eq!(body(quorum, Cause::Removed), "=> Lost quorum 1-0=1 > 0 <=");
}
