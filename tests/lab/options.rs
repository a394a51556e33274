use std::os::unix::net::UnixDatagram;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;

use crate::stage::client::{SLOW, Transfer, WHOLE};
use crate::stage::director::{Director, LVSCTL, example};
use crate::stage::host::Host;
use crate::stage::topology::{Topology, Vip, prefix};
use crate::stage::{VIP, wait_until};

const SOON: Duration = Duration::from_secs(15);

fn alone() -> Director {
    let host = Host::new(&prefix(), "alone");
    host.ip("link set lo up\n");
    Director::new(host)
}

#[test]
fn a_namespace_is_entered_by_option_and_by_the_file() {
    let (by_option, by_file) = (alone(), alone());
    let seed = example("dr-master.conf");
    let plain = by_option.write("dr.conf", &seed);
    let naming = by_file.write(
        "dr.conf",
        &format!("net_namespace {}\n{seed}", by_file.name),
    );
    let apply = |arguments: &[&str]| {
        let state = by_option.state_dir();
        let mut command = Command::new(LVSCTL);
        command
            .args(["apply", "--state-dir", &state])
            .args(arguments);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    apply(&["--netns", &by_option.name, &plain]);
    apply(&[&naming]);
    assert_eq!(by_option.table().len(), 1);
    assert_eq!(by_option.table(), by_file.table());
}

#[test]
fn timeouts_of_the_file_are_set_and_shown() {
    let director = alone();
    let before = director.ask(&["ipvsadm", "-l", "--timeout"]);
    let text = format!(
        "global_defs {{\nlvs_timeouts tcp 600 udp 33\n}}\n{}",
        example("dr-master.conf")
    );
    let file = director.write("dr.conf", &text);
    assert!(director.lvsctl("apply", &[&file]).status.success());
    let after = director.ask(&["ipvsadm", "-l", "--timeout"]);
    assert!(before.contains("900 120 300"), "{before}");
    assert!(after.contains("600 120 33"), "{after}");
}

#[test]
fn apply_with_a_grace_leaves_a_busy_server_for_a_later_run() {
    let lab = Topology::up(Vip::Fixed);
    // The kernel forgets a closed connection soon.
    let seed = example("dr-master.conf");
    let seed = format!("global_defs {{\nlvs_timeouts tcpfin 3\n}}\n{seed}");
    let file = lab.dir1.write("dr.conf", &seed);
    assert!(lab.dir1.lvsctl("apply", &[&file]).status.success());
    let busy = lab.server_of(1);
    let transfer = Transfer::start(&lab.clients[0], &format!("{VIP}:80"), SLOW);
    let from = seed
        .find(&format!("real_server 192.168.1.{}", 50 + busy))
        .unwrap();
    let end = from + seed[from..].find("\n\t}").unwrap() + 3;
    let less = lab
        .dir1
        .write("less.conf", &format!("{}{}", &seed[..from], &seed[end..]));
    let apply = || {
        let output = lab.dir1.lvsctl("apply", &["--removal-grace", "300", &less]);
        assert!(output.status.success(), "{output:?}");
    };
    apply();
    apply();
    assert_eq!(lab.dir1.weight(busy), Some(0), "it has a connection");
    assert_eq!(transfer.end(Duration::from_secs(90)), WHOLE);
    let gone = wait_until(SOON, || {
        apply();
        lab.dir1.weight(busy).is_none()
    });
    assert!(gone.is_ok());
}

#[test]
fn the_service_manager_is_told_how_it_stands() {
    let director = alone();
    let path = director.dir.join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(SOON)).unwrap();
    let mut heard = String::new();
    let mut hear = |want: &str| {
        let mut letter = [0; 4096];
        while !heard.contains(want) {
            let length = socket
                .recv(&mut letter)
                .unwrap_or_else(|e| panic!("no {want}: {e}: {heard}"));
            heard.push_str(&String::from_utf8_lossy(&letter[..length]));
            heard.push('\n');
        }
        std::mem::take(&mut heard)
    };
    let seed = example("dr-master.conf");
    let file = director.write("dr.conf", &seed);
    let notify = format!("NOTIFY_SOCKET={}", path.display());
    let front = ["env", &notify, "WATCHDOG_USEC=1000000"];
    let mut daemon = director.daemon_under(&front, &file, &["--log-format", "json"]);
    hear("READY=1");
    hear("STATUS=3 of 3 servers up");
    hear("WATCHDOG=1");
    director.write("dr.conf", &seed[..900]);
    daemon.signal(Signal::HUP);
    let said = hear("RELOADING=1");
    assert!(said.contains("MONOTONIC_USEC="), "{said}");
    hear(&format!("STATUS=reload refused: {file}:45"));
    daemon.signal(Signal::TERM);
    hear("STOPPING=1");
    daemon.end(SOON);
    for line in daemon.log().lines() {
        let line: serde_json::Value = serde_json::from_str(line).expect("every line is JSON");
        assert!(
            line["level"].is_string() && line["message"].is_string(),
            "{line}"
        );
    }
}
