use std::time::Duration;

use crate::stage::director::example;
use crate::stage::strace::{changing_commands, front};
use crate::stage::topology::{Topology, Vip};
use crate::stage::wait_until;

#[test]
fn apply_gives_exactly_the_table_that_keepalived_gives() {
    let lab = Topology::up(Vip::Fixed);
    let (ours, theirs) = (&lab.dir1, &lab.dir2);
    let file = ours.write("dr.conf", &example("dr-master.conf"));
    let output = ours.lvsctl("apply", &[&file]);
    assert!(output.status.success(), "{output:?}");

    let dir = theirs.dir.to_str().unwrap().to_owned();
    let (pid, checkers) = (format!("{dir}/k.pid"), format!("{dir}/c.pid"));
    let line = [
        "keepalived",
        "-n",
        "-l",
        "-C",
        "-f",
        &file,
        "-p",
        &pid,
        "-c",
        &checkers,
    ];
    let _keepalived = theirs.spawn("keepalived.log", &line);
    let filled = || {
        theirs
            .table()
            .values()
            .any(|service| service.pool.len() == 3)
    };
    assert!(
        wait_until(Duration::from_secs(20), filled).is_ok(),
        "keepalived fills no table"
    );
    assert_eq!(ours.table(), theirs.table());
}

#[test]
fn a_second_apply_sends_no_changing_command() {
    let lab = Topology::up(Vip::Fixed);
    let director = &lab.dir1;
    let file = director.write("dr.conf", &example("dr-master.conf"));
    let state = director.state_dir();
    let apply = |log: &str| {
        let log = director.dir.join(log).to_str().unwrap().to_owned();
        let mut line = front(&log);
        let lvsctl = crate::stage::director::LVSCTL;
        line.extend([lvsctl, "apply", "--state-dir", &state, &file]);
        let output = director.ask(&line);
        (
            output,
            changing_commands(&std::fs::read_to_string(log).unwrap()),
        )
    };
    let (_, first) = apply("first.strace");
    assert_eq!(first, [1, 5, 5, 5], "one service, three dests");
    let (said, second) = apply("second.strace");
    assert_eq!(second, [] as [u8; 0]);
    assert!(said.contains("nothing to do"), "{said}");
}

#[test]
fn apply_restores_what_somebody_changed_by_editing_it() {
    let lab = Topology::up(Vip::Fixed);
    let director = &lab.dir1;
    let file = director.write("dr.conf", &example("dr-master.conf"));
    assert!(director.lvsctl("apply", &[&file]).status.success());
    let right = director.table();
    for line in [
        "ipvsadm -E -t 192.168.1.20:80 -s wlc -p 60",
        "ipvsadm -e -t 192.168.1.20:80 -r 192.168.1.50 -m -w 9",
        "ipvsadm -d -t 192.168.1.20:80 -r 192.168.1.51",
        "ipvsadm -a -t 192.168.1.20:80 -r 192.168.1.99 -g",
        "ipvsadm -C",
    ] {
        director.ask(&line.split(' ').collect::<Vec<_>>());
        assert_ne!(director.table(), right, "{line}");
        let output = director.lvsctl("plan", &["--exit-code", &file]);
        assert_eq!(output.status.code(), Some(1), "{line}: {output:?}");
        let output = director.lvsctl("apply", &[&file]);
        assert!(output.status.success(), "{line}: {output:?}");
        assert_eq!(director.table(), right, "{line}");
    }
}

#[test]
fn a_weight_is_kept_where_that_is_asked() {
    let lab = Topology::up(Vip::Fixed);
    let director = &lab.dir1;
    let file = director.write("dr.conf", &example("dr-master.conf"));
    assert!(director.lvsctl("apply", &[&file]).status.success());
    director.weigh_by_hand(0, 7);
    assert!(
        director
            .lvsctl("apply", &["--keep-weights", &file])
            .status
            .success()
    );
    assert_eq!(director.weight(0), Some(7));
    assert!(director.lvsctl("apply", &[&file]).status.success());
    assert_eq!(director.weight(0), Some(1));
}
