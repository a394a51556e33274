use std::time::Duration;

use rustix::process::Signal;

use crate::stage::client::{SLOW, Transfer, WHOLE};
use crate::stage::director::example;
use crate::stage::strace::{changing_commands, front};
use crate::stage::topology::{Topology, Vip};
use crate::stage::{VIP, wait_until};

const SOON: Duration = Duration::from_secs(15);

#[test]
fn after_a_crash_a_dead_server_stays_out_until_its_check_passes() {
    let mut lab = Topology::up(Vip::Fixed);
    let file = lab.dir1.write(
        "dr.conf",
        &example("dr-master.conf").replace("delay_loop 10", "delay_loop 3"),
    );
    let mut daemon = lab.dir1.daemon(&file, &[]);
    let servers: Vec<usize> = (1..=3).map(|n| lab.server_of(n)).collect();
    let dead = servers[0];
    lab.webs[dead].kill();
    lab.dir1.wait_weight(dead, Some(0), SOON);
    let before = lab.dir1.table();
    daemon.kill();
    assert_eq!(lab.dir1.table(), before);

    let log = lab
        .dir1
        .dir
        .join("start.strace")
        .to_str()
        .unwrap()
        .to_owned();
    let _daemon = lab.dir1.daemon_under(&front(&log), &file, &[]);
    for n in 1..=9 {
        assert_ne!(lab.server_of(n), dead);
    }
    std::thread::sleep(Duration::from_secs(8));
    let commands = changing_commands(&std::fs::read_to_string(&log).unwrap());
    assert_eq!(commands, [] as [u8; 0], "the table was right");
    assert_eq!(lab.dir1.table(), before);

    lab.restart_web(dead);
    lab.dir1.wait_weight(dead, Some(1), SOON);
}

#[test]
fn a_transfer_survives_reload_stop_and_crash() {
    let lab = Topology::up(Vip::Fixed);
    let seed = example("dr-master.conf");
    let file = lab.dir1.write("dr.conf", &seed);
    let mut daemon = lab.dir1.daemon(&file, &[]);
    let transfer = Transfer::start(&lab.clients[0], &format!("{VIP}:80"), SLOW);

    let changed = seed
        .replace("weight 1", "weight 5")
        .replace("lb_algo rr", "lb_algo wlc")
        .replace("persistence_timeout 7200", "persistence_timeout 60");
    lab.dir1.write("dr.conf", &changed);
    daemon.signal(Signal::HUP);
    lab.dir1.wait_weight(0, Some(5), SOON);
    let table = lab.dir1.table();
    let settings = &table.values().next().unwrap().settings;
    assert_eq!(settings.scheduler.as_str(), "wlc");
    assert_eq!(settings.persistence.unwrap().timeout, 60);

    daemon.signal(Signal::TERM);
    assert_eq!(daemon.end(SOON).code(), Some(0));
    assert_eq!(lab.dir1.table(), table, "an ordered stop leaves the table");
    let mut daemon = lab.dir1.daemon(&file, &[]);
    daemon.kill();
    assert_eq!(lab.dir1.table(), table);
    let _daemon = lab.dir1.daemon(&file, &[]);
    assert_eq!(transfer.end(Duration::from_secs(90)), WHOLE);
}

#[test]
fn a_file_cut_off_anywhere_changes_nothing() {
    let lab = Topology::up(Vip::Fixed);
    let seed = example("dr-master.conf");
    let file = lab.dir1.write("dr.conf", &seed);
    let daemon = lab.dir1.daemon(&file, &[]);
    lab.dir1.wait_weight(2, Some(1), SOON);
    let table = lab.dir1.table();
    let refused = |log: String| log.matches("reload refused").count();
    for nth in 1..=50 {
        let cut = seed.len() * nth / 51;
        let at = (0..=cut)
            .rev()
            .find(|at| seed.is_char_boundary(*at))
            .unwrap();
        lab.dir1.write("dr.conf", &seed[..at]);
        daemon.signal(Signal::HUP);
        let said = wait_until(SOON, || refused(daemon.log()) == nth);
        assert!(said.is_ok(), "cut at {at}: not refused\n{}", daemon.log());
        assert_eq!(lab.dir1.table(), table, "cut at {at}");
    }
}

#[test]
fn a_server_that_left_the_file_drains_before_it_goes() {
    let lab = Topology::up(Vip::Fixed);
    // The kernel forgets a closed connection soon.
    let seed = example("dr-master.conf");
    let seed = format!("global_defs {{\nlvs_timeouts tcpfin 3\n}}\n{seed}");
    let file = lab.dir1.write("dr.conf", &seed);
    let daemon = lab.dir1.daemon(&file, &["--removal-grace", "300"]);
    let transfer = Transfer::start(&lab.clients[0], &format!("{VIP}:80"), SLOW);
    // One whole block, with the line that closes it.
    let leaving = lab.server_of(1);
    let from = seed
        .find(&format!("real_server 192.168.1.{}", 50 + leaving))
        .unwrap();
    let end = from + seed[from..].find("\n\t}").unwrap() + 3;
    lab.dir1
        .write("dr.conf", &format!("{}{}", &seed[..from], &seed[end..]));
    daemon.signal(Signal::HUP);
    lab.dir1.wait_weight(leaving, Some(0), SOON);
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(lab.dir1.weight(leaving), Some(0), "it has a connection");
    assert_eq!(transfer.end(Duration::from_secs(90)), WHOLE);
    lab.dir1.wait_weight(leaving, None, SOON);
    assert!(daemon.log().contains("not in the file"), "{}", daemon.log());
}

#[test]
fn a_stop_removes_what_is_ours_only_where_that_is_asked() {
    let lab = Topology::up(Vip::Fixed);
    let file = lab.dir1.write("dr.conf", &example("dr-master.conf"));
    lab.dir1
        .ask(&["ipvsadm", "-A", "-t", "192.0.2.1:80", "-s", "rr"]);
    let mut daemon = lab.dir1.daemon(&file, &["--flush-on-stop"]);
    lab.dir1.wait_weight(2, Some(1), SOON);
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.end(SOON).code(), Some(0));
    let left: Vec<String> = lab.dir1.table().keys().map(ToString::to_string).collect();
    assert_eq!(left, ["TCP 192.0.2.1:80"]);
}
