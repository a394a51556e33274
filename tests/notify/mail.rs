use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lvsctl::health::{Cause, News, Part};
use lvsctl::model::director::Director;
use lvsctl::notify::{Notifier, Patience};

use super::server::{Mail, Server, free_port};
use super::{director, news, nobody, service, turned};

const CHECK: Part = Part::Check {
    real_server: 0,
    check: 0,
    turns_server: false,
};

/// A file that sends mail to this port, with these lines in `global_defs` and its parts.
fn file_with(port: u16, globals: &str, lines: &str, real: &str) -> Arc<Director> {
    let service = service(
        "192.0.2.1 80",
        &format!("protocol TCP\n{lines}"),
        &format!("TCP_CHECK {{\n}}\n{real}"),
    );
    director(&format!(
        "global_defs {{\nrouter_id lb1\nsmtp_server 127.0.0.1 {port}\nsmtp_helo_name lb1.lab.test\n\
         notification_email {{\nops@lab.test\nroot night@lab.test\n}}\n\
         notification_email_from lb1@lab.test\n{globals}\n}}\n{service}"
    ))
}

pub(crate) fn file(port: u16) -> Arc<Director> {
    file_with(port, "", "", "")
}

/// Tries again soon.
fn hasty() -> Patience {
    Patience {
        pauses: vec![Duration::from_millis(50)],
        ..Patience::default()
    }
}

fn start(director: &Director) -> Notifier {
    Notifier::start(director, nobody(), hasty())
}

pub(crate) fn subject(state: &str) -> String {
    format!("[lb1] Realserver [10.0.0.2]:tcp:8080 of virtual server [192.0.2.1]:tcp:80 - {state}")
}

#[test]
fn a_mail_says_what_one_of_keepalived_says() {
    let server = Server::start();
    let director = file(server.port);
    let mut notifier = start(&director);
    notifier.tell(&turned(&director, false));
    let mail = server.mail();
    assert_eq!(mail.helo, "lb1.lab.test");
    assert_eq!(mail.sender, "lb1@lab.test");
    assert_eq!(mail.recipients, ["ops@lab.test", "root", "night@lab.test"]);
    let names = ["Date", "From", "Subject", "X-Mailer", "To"];
    assert_eq!(mail.header_names(), names);
    assert_eq!(mail.header("From"), "lb1@lab.test");
    assert_eq!(mail.header("To"), "ops@lab.test, root, night@lab.test");
    assert_eq!(mail.header("X-Mailer"), "lvsctl");
    assert_eq!(mail.header("Subject"), subject("DOWN"));
    assert_eq!(mail.body(), "=> TCP CHECK failed on service <=\r\n");
    notifier.tell(&turned(&director, true));
    let mail = server.mail();
    assert_eq!(mail.header("Subject"), subject("UP"));
    assert_eq!(mail.body(), "=> TCP CHECK succeed on service <=\r\n");
    notifier.stop();
}

#[test]
fn what_the_file_does_not_say_is_taken_from_the_host() {
    let server = Server::start();
    let service = service("192.0.2.1 80", "protocol TCP", "TCP_CHECK {\n}");
    let director = director(&format!(
        "global_defs {{\nsmtp_server localhost {}\nnotification_email {{\nops@lab.test\n}}\n}}\n{service}",
        server.port
    ));
    let mut notifier = start(&director);
    notifier.tell(&turned(&director, false));
    let mail = server.mail();
    let host = rustix::system::uname()
        .nodename()
        .to_str()
        .unwrap()
        .to_owned();
    assert_eq!(mail.helo, host);
    assert_eq!(mail.sender, format!("root@{host}"));
    assert!(
        mail.header("Subject")
            .starts_with(&format!("[{host}] Realserver"))
    );
    notifier.stop();
}

#[test]
fn a_name_of_other_letters_travels() {
    let server = Server::start();
    let director = file_with(server.port, "router_id wächter", "", "");
    let mut notifier = start(&director);
    notifier.tell(&turned(&director, false));
    let mail = server.mail();
    assert!(mail.text.is_ascii(), "{}", mail.text);
    assert!(
        mail.header("Subject").contains("=?utf-8?b?"),
        "{}",
        mail.text
    );
    notifier.stop();
}

/// The states that mails tell of, and how they begin.
fn told(globals: &str, lines: &str, real: &str, all: &[News]) -> Vec<(String, String)> {
    let server = Server::start();
    let director = file_with(server.port, globals, lines, real);
    let all: Vec<News> = all
        .iter()
        .map(|one| {
            let mut one = one.clone();
            one.about.director = Arc::clone(&director);
            one
        })
        .collect();
    let mut notifier = start(&director);
    notifier.tell(&all);
    // One more of which mail is always sent, to know that no other comes.
    let last = News {
        cause: Cause::Removed,
        ..news(&director, 0, Part::RealServer(0), false)
    };
    let always = file_with(server.port, "", "", "smtp_alert on");
    notifier.reconfigure(&always);
    let mut last = [last];
    last[0].about.director = always;
    notifier.tell(&last);
    let mails = std::iter::from_fn(|| Some(server.mail()));
    let mails = mails.take_while(|mail| mail.body() != "=> Removing <=\r\n");
    let short = |mail: Mail| {
        let subject = mail.header("Subject");
        let state = subject.rsplit(' ').next().unwrap().to_owned();
        let body = mail.body().trim_end();
        let body = body.trim_start_matches("=> ").trim_end_matches(" <=");
        (state, body.to_owned())
    };
    let mails = mails.map(short).collect();
    notifier.stop();
    mails
}

#[test]
fn mail_is_sent_of_what_the_file_says() {
    let any = file(25);
    let quorum = news(&any, 0, Part::Quorum { weight: 0 }, false);
    let one_of_two = news(&any, 0, CHECK, true);
    let mut all = vec![one_of_two];
    all.extend(turned(&any, false));
    all.push(quorum);
    let check = ("DOWN", "TCP CHECK failed on service");
    let other = ("DOWN", "TCP CHECK succeed on service");
    let lost = ("DOWN", "Lost quorum 1-0=1 > 0");
    // (global_defs, virtual server, real server, what is told)
    let cases = [
        ("", "", "", &[other, check][..]),
        ("no_checker_emails", "", "", &[check]),
        ("smtp_alert on", "", "", &[other, check, lost]),
        ("smtp_alert off", "", "", &[]),
        ("smtp_alert on\nsmtp_alert_checker off", "", "", &[]),
        (
            "smtp_alert off\nsmtp_alert_checker",
            "",
            "",
            &[other, check, lost],
        ),
        ("", "smtp_alert", "smtp_alert off", &[lost]),
        ("smtp_alert on", "smtp_alert no", "", &[other, check]),
    ];
    for (globals, lines, real, want) in cases {
        let told = told(globals, lines, real, &all);
        let told: Vec<(&str, &str)> = told
            .iter()
            .map(|(state, body)| (&**state, &**body))
            .collect();
        assert_eq!(told, want, "{globals} {lines} {real}");
    }
}

#[test]
fn mails_that_wait_go_over_one_connection_once_the_server_is_there() {
    let port = free_port();
    let director = file(port);
    let mut notifier = start(&director);
    for up in [false, true, false] {
        notifier.tell(&turned(&director, up));
    }
    std::thread::sleep(Duration::from_millis(200));
    let server = Server::with(port, "{}");
    let mails = [server.mail(), server.mail(), server.mail()];
    let states = mails.each_ref().map(|mail| mail.header("Subject"));
    assert_eq!(states, [subject("DOWN"), subject("UP"), subject("DOWN")]);
    let clients = mails.map(|mail| mail.client);
    assert_eq!(clients, [clients[0]; 3]);
    notifier.stop();
}

#[test]
fn a_mail_refused_for_now_is_tried_again() {
    let server = Server::with(0, r#"{"data": ["451 later", "452 still later"]}"#);
    let director = file(server.port);
    let mut notifier = start(&director);
    notifier.tell(&turned(&director, false));
    assert_eq!(server.mail().header("Subject"), subject("DOWN"));
    server.assert_silent(Duration::from_millis(300));
    notifier.stop();
}

#[test]
fn a_mail_refused_for_good_is_not_tried_again_and_the_next_is_sent() {
    let server = Server::with(0, r#"{"data": ["550 no"]}"#);
    let director = file(server.port);
    let mut notifier = start(&director);
    notifier.tell(&turned(&director, false));
    notifier.tell(&turned(&director, true));
    assert_eq!(server.mail().header("Subject"), subject("UP"));
    server.assert_silent(Duration::from_millis(300));
    notifier.stop();
}

#[test]
fn who_is_refused_keeps_mail_from_nobody_else() {
    let manner = r#"{"rcpt": {"ops@lab.test": ["550 unknown"], "night@lab.test": ["450 busy"]}}"#;
    let server = Server::with(0, manner);
    let director = file(server.port);
    let mut notifier = start(&director);
    notifier.tell(&turned(&director, false));
    assert_eq!(server.mail().recipients, ["root"]);
    assert_eq!(server.mail().recipients, ["night@lab.test"]);
    server.assert_silent(Duration::from_millis(300));
    notifier.stop();
}

#[test]
fn a_mail_that_is_too_old_is_given_up() {
    let port = free_port();
    let director = file(port);
    let patience = Patience {
        lifetime: Duration::from_millis(200),
        ..hasty()
    };
    let mut notifier = Notifier::start(&director, nobody(), patience);
    notifier.tell(&turned(&director, false));
    std::thread::sleep(Duration::from_millis(500));
    let server = Server::with(port, "{}");
    notifier.tell(&turned(&director, true));
    assert_eq!(server.mail().header("Subject"), subject("UP"));
    notifier.stop();
}

#[test]
fn a_server_that_does_not_answer_delays_neither_news_nor_a_stop() {
    // Takes connections and says nothing.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let director = file(listener.local_addr().unwrap().port());
    let mut notifier = start(&director);
    let before = Instant::now();
    // More than wait at a time.
    for _ in 0..3000 {
        notifier.tell(&turned(&director, false));
    }
    let told = before.elapsed();
    assert!(told < Duration::from_secs(2), "{told:?}");
    let before = Instant::now();
    notifier.stop();
    let stopped = before.elapsed();
    assert!(stopped < Duration::from_secs(2), "{stopped:?}");
}

#[test]
fn what_waits_is_tried_once_more_at_a_stop() {
    let port = free_port();
    let director = file(port);
    let patience = Patience {
        pauses: vec![Duration::from_mins(1)],
        ..Patience::default()
    };
    let mut notifier = Notifier::start(&director, nobody(), patience);
    notifier.tell(&turned(&director, false));
    std::thread::sleep(Duration::from_millis(200));
    let server = Server::with(port, "{}");
    notifier.stop();
    assert_eq!(server.mail().header("Subject"), subject("DOWN"));
}

#[test]
fn a_reload_sends_what_waits_the_new_way() {
    let patience = Patience {
        pauses: vec![Duration::from_mins(1)],
        ..Patience::default()
    };
    let wrong = file(free_port());
    let mut notifier = Notifier::start(&wrong, nobody(), patience);
    notifier.tell(&turned(&wrong, false));
    std::thread::sleep(Duration::from_millis(200));
    let server = Server::start();
    notifier.reconfigure(&file(server.port));
    assert_eq!(server.mail().header("Subject"), subject("DOWN"));
    notifier.stop();
}
