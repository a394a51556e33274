use std::time::Duration;

use crate::stage::director::example;
use crate::stage::topology::{Topology, Vip};

#[test]
fn foreign_services_are_never_touched() {
    let lab = Topology::up(Vip::Fixed);
    let director = &lab.dir1;
    let foreign = [
        "ipvsadm -A -t 192.0.2.1:80 -s wlc -p 99",
        "ipvsadm -a -t 192.0.2.1:80 -r 192.168.1.50:8080 -m -w 3",
        "ipvsadm -A -f 7 -s sh",
        "ipvsadm -a -f 7 -r 192.168.1.51 -g",
        "ipvsadm -A -u 192.168.1.20:80 -s rr",
    ];
    for line in foreign {
        director.ask(&line.split(' ').collect::<Vec<_>>());
    }
    let mut before = director.table();
    let file = director.write("dr.conf", &example("dr-master.conf"));
    let output = director.lvsctl("apply", &[&file]);
    assert!(output.status.success(), "{output:?}");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("3 services are not ours"), "{said}");
    let daemon = director.daemon(&file, &["--resync", "1"]);
    std::thread::sleep(Duration::from_secs(4));
    drop(daemon);
    let mut after = director.table();
    let ours = after
        .keys()
        .find(|key| !before.contains_key(key))
        .copied()
        .unwrap();
    after.remove(&ours);
    assert_eq!(after, before);
    // Not even when ours go.
    let empty = director.write("empty.conf", "# nothing\n");
    let output = director.lvsctl("apply", &[&empty]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(director.table().contains_key(&ours));
    assert!(
        director
            .lvsctl("apply", &["--allow-empty", &empty])
            .status
            .success()
    );
    before.retain(|key, _| *key != ours);
    assert_eq!(director.table(), before);
}

#[test]
fn apply_beside_a_daemon_changes_nothing_and_names_it() {
    let lab = Topology::up(Vip::Fixed);
    let director = &lab.dir1;
    let file = director.write("dr.conf", &example("dr-master.conf"));
    let daemon = director.daemon(&file, &[]);
    director.wait_weight(2, Some(1), Duration::from_secs(15));
    let before = director.table();
    let other = example("dr-master.conf").replace("weight 1", "weight 9");
    let other = director.write("other.conf", &other);
    let output = director.lvsctl("apply", &[&other]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains(&format!("kill -HUP {}", daemon.pid())),
        "{said}"
    );
    assert_eq!(director.table(), before);
    let output = director.lvsctl("plan", &[&other]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{output:?}");
    assert!(
        said.contains("weight 1 -> 9") && said.contains("a daemon"),
        "{said}"
    );
}

#[test]
fn a_drift_is_repaired_by_the_next_look_and_said() {
    let lab = Topology::up(Vip::Fixed);
    let director = &lab.dir1;
    let file = director.write("dr.conf", &example("dr-master.conf"));
    let daemon = director.daemon(&file, &["--resync", "2"]);
    director.wait_weight(2, Some(1), Duration::from_secs(15));
    let right = director.table();
    for line in [
        "ipvsadm -e -t 192.168.1.20:80 -r 192.168.1.50 -g -w 9",
        "ipvsadm -E -t 192.168.1.20:80 -s wlc -p 7200",
        "ipvsadm -a -t 192.168.1.20:80 -r 192.168.1.99 -g",
        "ipvsadm -d -t 192.168.1.20:80 -r 192.168.1.51",
        "ipvsadm -C",
    ] {
        director.ask(&line.split(' ').collect::<Vec<_>>());
        let repaired =
            crate::stage::wait_until(Duration::from_secs(6), || director.table() == right);
        assert!(
            repaired.is_ok(),
            "{line}: {:?}\n{}",
            director.table(),
            daemon.log()
        );
    }
    assert!(
        daemon.log().contains("repaired: somebody else had changed"),
        "{}",
        daemon.log()
    );
}
