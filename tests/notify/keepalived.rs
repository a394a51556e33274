//! The keepalived beside us: its VRRP half sends mail and writes the FIFO that both share.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::process::{Command, Stdio};

use lvsctl::notify::{Notifier, Patience};

use super::fifo::Reader;
use super::server::{PROGRAM, Server};
use super::{Folder, director, nobody, service, turned, until};

/// Its VRRP half and a mail server, which it asks once only, in a network and among processes of
/// their own: all of them end with the command.
const BESIDE: &str = "ip link set lo up; ip link add eth0 type veth peer name eth1; \
    ip addr add 10.9.0.1/24 dev eth0; ip link set eth0 up; ip link set eth1 up; \
    /usr/bin/python3 -c \"$0\" 25 '{}' & \
    until socat -u /dev/null TCP:127.0.0.1:25; do sleep 0.1; done; cd \"$1\"; exec keepalived -n -P -l -f k.conf \
    -p \"$1/p\" -r \"$1/r\" -c \"$1/c\" -b \"$1/b\" >&2";

const INSTANCE: &str = "vrrp_instance a {\ninterface eth0\nvirtual_router_id 9\npriority 255\n\
    unicast_src_ip 10.9.0.1\nunicast_peer {\n10.9.0.2\n}\n}\n";

/// Why it cannot be run; `None` where it can.
fn absent() -> Option<&'static str> {
    if !rustix::process::geteuid().is_root() {
        return Some("no network namespace can be made (root is needed)");
    }
    let known = Command::new("keepalived").arg("--version").output();
    known.is_err().then_some("keepalived is not installed")
}

#[test]
fn keepalived_sends_the_same_headers_and_its_fifo_is_shared() {
    if let Some(reason) = absent() {
        let must = std::env::var_os("CI").is_some();
        assert!(!must, "{reason}");
        return eprintln!("skipped: {reason}");
    }
    let folder = Folder::new();
    let path = folder.path("fifo");
    let globals = |server: &str| {
        format!(
            "global_defs {{\nrouter_id lb1\nsmtp_server {server}\nsmtp_helo_name lb1.lab.test\n\
             notification_email {{\nops@lab.test\nroot night@lab.test\n}}\n\
             notification_email_from lb1@lab.test\nsmtp_alert\nnotify_fifo {}\n}}\n",
            path.display()
        )
    };
    let theirs = globals("127.0.0.1") + INSTANCE;
    fs::write(folder.path("k.conf"), theirs).unwrap();
    let ours = Server::start();
    let service = service("192.0.2.1 80", "protocol TCP", "TCP_CHECK {\n}");
    let text = globals(&format!("127.0.0.1 {}", ours.port)) + &service;
    let director = director(&text);
    let mut notifier = Notifier::start(&director, nobody(), Patience::default());
    assert!(!path.exists());

    let mut command = Command::new("unshare");
    command
        .args(["--net", "--pid", "--fork", "--kill-child", "--mount-proc"])
        .args(["sh", "-c", BESIDE, PROGRAM])
        .arg(&folder.0)
        .stderr(Stdio::null());
    let keepalived = Server::run(command);
    until("keepalived made its FIFO", || path.exists());
    let mode = fs::metadata(&path).unwrap().mode() & 0o777;
    assert_eq!(mode, 0o600, "as we make ours");
    let theirs = keepalived.mail();
    notifier.tell(&turned(&director, false));
    let ours = ours.mail();
    assert_eq!(ours.header_names(), theirs.header_names());
    for name in ["From", "To"] {
        assert_eq!(ours.header(name), theirs.header(name));
    }
    assert_eq!(theirs.header("X-Mailer"), "Keepalived");
    assert!(
        theirs
            .header("Subject")
            .starts_with("[lb1] VRRP Instance a - ")
    );
    let envelope = |mail: &super::server::Mail| {
        (
            mail.helo.clone(),
            mail.sender.clone(),
            mail.recipients.clone(),
        )
    };
    assert_eq!(envelope(&ours), envelope(&theirs));

    let reader = Reader::of(&path);
    assert_eq!(reader.line(), "INSTANCE \"a\" MASTER 255");
    assert_eq!(
        reader.line(),
        "RS [10.0.0.2]:tcp:8080 [192.0.2.1]:tcp:80 DOWN"
    );
    notifier.stop();
    assert!(path.exists(), "it is keepalived's to remove");
}
