use std::time::Duration;

use rustix::process::Signal;

use crate::stage::client::{SLOW, Transfer, WHOLE};
use crate::stage::director::{Director, example};
use crate::stage::process::Process;
use crate::stage::topology::{Topology, Vip};
use crate::stage::{VIP, wait_until};

const SOON: Duration = Duration::from_secs(20);

/// Debian's keepalived on a director, with pid files of its own.
fn keepalived(director: &Director, name: &str, arguments: &[&str], file: &str) -> Process {
    let pid = |kind: &str| {
        director
            .dir
            .join(format!("{name}-{kind}.pid"))
            .to_str()
            .unwrap()
            .to_owned()
    };
    let (parent, checkers, vrrp) = (pid("p"), pid("c"), pid("r"));
    let mut line = vec!["keepalived", "-n", "-l", "-f", file];
    line.extend(["-p", &parent, "-c", &checkers, "-r", &vrrp]);
    line.extend(arguments);
    director.spawn(&format!("{name}.log"), &line)
}

fn has_vip(director: &Director) -> bool {
    director
        .ask(&["ip", "addr", "show", "dev", "eth0"])
        .contains(&format!("{VIP}/24"))
}

#[test]
fn beside_vrrp_the_clients_follow_the_address() {
    let lab = Topology::up(Vip::Vrrp);
    let file1 = lab.dir1.write("dr.conf", &example("dr-master.conf"));
    let file2 = lab.dir2.write("dr.conf", &example("dr-backup.conf"));
    let mut master = keepalived(&lab.dir1, "vrrp", &["--vrrp"], &file1);
    let _backup = keepalived(&lab.dir2, "vrrp", &["--vrrp"], &file2);
    let daemons = [lab.dir1.daemon(&file1, &[]), lab.dir2.daemon(&file2, &[])];
    for daemon in &daemons {
        assert!(
            !daemon
                .log()
                .contains("checks servers in this network namespace")
        );
    }
    assert!(
        wait_until(SOON, || has_vip(&lab.dir1)).is_ok(),
        "{}",
        master.log()
    );
    assert!(
        wait_until(SOON, || lab.get(1).is_ok()).is_ok(),
        "nobody is served"
    );
    for n in 1..=9 {
        lab.server_of(n);
    }

    // An ordered end takes the address along.
    master.signal(Signal::TERM);
    master.end(SOON);
    assert!(
        wait_until(SOON, || has_vip(&lab.dir2)).is_ok(),
        "the address does not move"
    );
    assert!(!has_vip(&lab.dir1));
    for n in 1..=9 {
        let served = wait_until(SOON, || lab.get(n).is_ok());
        assert!(served.is_ok(), "client {n} is not served by the backup");
    }
    let mut master = keepalived(&lab.dir1, "again", &["--vrrp"], &file1);
    assert!(wait_until(SOON, || has_vip(&lab.dir1) && !has_vip(&lab.dir2)).is_ok());

    master.kill();
    // A killed keepalived leaves the address behind; a dead host would not answer for it.
    lab.dir1.ip("link set eth0 down\n");
    assert!(
        wait_until(SOON, || has_vip(&lab.dir2)).is_ok(),
        "the address does not move"
    );
    for n in 1..=9 {
        let served = wait_until(SOON, || lab.get(n).is_ok());
        assert!(
            served.is_ok(),
            "client {n} is not served after the address moved"
        );
    }
}

#[test]
fn taking_over_from_keepalived_loses_no_connection() {
    let lab = Topology::up(Vip::Vrrp);
    let file = lab.dir1.write("dr.conf", &example("dr-master.conf"));
    let mut stock = keepalived(&lab.dir1, "stock", &[], &file);
    assert!(
        wait_until(SOON, || has_vip(&lab.dir1)).is_ok(),
        "{}",
        stock.log()
    );
    assert!(
        wait_until(SOON, || lab.get(1).is_ok()).is_ok(),
        "{}",
        stock.log()
    );
    let transfer = Transfer::start(&lab.clients[0], &format!("{VIP}:80"), SLOW);

    // While a checker is still there the daemon says so.
    let mut early = lab.dir1.daemon(&file, &[]);
    early.says("checks servers in this network namespace", SOON);
    early.signal(Signal::TERM);
    early.end(SOON);

    let watch = |lab: &Topology| {
        lab.dir1
            .table()
            .values()
            .all(|service| !service.pool.is_empty())
    };
    // README, Taking over: end keepalived so that it cleans nothing up.
    stock.kill();
    assert!(watch(&lab) && has_vip(&lab.dir1));
    let daemon = lab.dir1.daemon(&file, &[]);
    assert!(watch(&lab));
    let vrrp = keepalived(&lab.dir1, "vrrp", &["--vrrp"], &file);
    vrrp.says("Entering MASTER STATE", SOON);
    assert!(
        !daemon
            .log()
            .contains("checks servers in this network namespace")
    );
    for _ in 0..20 {
        assert!(watch(&lab) && has_vip(&lab.dir1), "{}", vrrp.log());
        lab.server_of(2);
        std::thread::sleep(Duration::from_millis(200));
    }
    assert!(transfer.runs(), "the transfer is still on its way");
    assert_eq!(transfer.end(Duration::from_secs(90)), WHOLE);
}
