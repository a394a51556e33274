use std::time::Duration;

use crate::stage::client::{SLOW, Transfer, WHOLE, echo};
use crate::stage::director::example;
use crate::stage::topology::{Topology, Vip, index_of};
use crate::stage::{VIP, wait_until};

/// delay_loop + retry × delay_before_retry + 1 s, of the seed files.
const REFUSED: Duration = Duration::from_secs(10 + 1 + 1);
/// Silence costs (retry + 1) × connect_timeout more.
const SILENT: Duration = Duration::from_secs(10 + 1 + 1 + 2 * 5);
/// What the emulated machine may need to see it.
const SLACK: Duration = Duration::from_secs(1);

#[test]
fn a_dead_server_loses_its_clients_and_a_live_one_no_transfer() {
    let mut lab = Topology::up(Vip::Fixed);
    let file = lab.dir1.write("dr.conf", &example("dr-master.conf"));
    let daemon = lab.dir1.daemon(&file, &[]);
    let servers: Vec<usize> = (1..=9).map(|n| lab.server_of(n)).collect();
    let dead = servers[0];
    let other = (2..=9).find(|n| servers[n - 1] != dead).unwrap();
    // Past the first check, from which on retries count.
    std::thread::sleep(Duration::from_secs(12));
    let transfer = Transfer::start(&lab.clients[other - 1], &format!("{VIP}:80"), SLOW);

    lab.webs[dead].kill();
    lab.dir1.wait_weight(dead, Some(0), REFUSED + SLACK);
    for n in (1..=9).filter(|n| servers[n - 1] == dead) {
        assert_ne!(
            lab.server_of(n),
            dead,
            "client {n} was pinned to the dead server"
        );
    }
    assert!(
        daemon.log().contains("Connection refused"),
        "{}",
        daemon.log()
    );
    assert!(daemon.log().contains("attempt 2 of 2"), "{}", daemon.log());

    lab.restart_web(dead);
    lab.dir1.wait_weight(dead, Some(1), REFUSED + SLACK);
    assert_eq!(transfer.end(Duration::from_secs(90)), WHOLE);
}

#[test]
fn a_silent_server_goes_to_weight_0_too() {
    let lab = Topology::up(Vip::Fixed);
    let file = lab.dir1.write("dr.conf", &example("dr-master.conf"));
    let daemon = lab.dir1.daemon(&file, &[]);
    std::thread::sleep(Duration::from_secs(12));
    // It hears, and cannot answer.
    lab.real[1].ip("route add blackhole 192.168.1.21/32\n");
    lab.dir1.wait_weight(1, Some(0), SILENT + SLACK);
    assert!(
        daemon.log().contains("no answer in 5 s"),
        "{}",
        daemon.log()
    );
    lab.real[1].ip("route del blackhole 192.168.1.21/32\n");
    lab.dir1.wait_weight(1, Some(1), SILENT + SLACK);
}

/// Where the kernel would go on choosing a server of weight 0, it is removed, and nobody is
/// refused for longer than the check takes.
fn removed_and_nobody_refused(scheduler: &str) {
    let mut lab = Topology::up(Vip::Fixed);
    let conf = example("dr-master.conf")
        .replace("lb_algo rr", &format!("lb_algo {scheduler}"))
        .replace("delay_loop 10", "delay_loop 2")
        .replace("persistence_timeout 7200", "");
    let file = lab.dir1.write("dr.conf", &conf);
    let daemon = lab.dir1.daemon(&file, &[]);
    assert!(
        daemon.log().contains("failed servers are removed"),
        "{}",
        daemon.log()
    );
    let dead = lab.server_of(1);
    lab.webs[dead].kill();
    lab.dir1.wait_weight(dead, None, REFUSED);
    for n in 1..=9 {
        assert_ne!(lab.server_of(n), dead);
    }
    lab.restart_web(dead);
    lab.dir1.wait_weight(dead, Some(1), REFUSED);
    for n in 1..=9 {
        lab.server_of(n);
    }
}

#[test]
fn a_dead_server_of_sh_is_removed_and_no_client_is_left_refused() {
    removed_and_nobody_refused("sh");
}

#[test]
fn a_dead_server_of_mh_is_removed_and_no_client_is_left_refused() {
    removed_and_nobody_refused("mh");
}

/// Why `auto` makes exceptions: at weight 0 the kernel sends the client to nobody.
#[test]
fn at_weight_0_a_hashing_scheduler_refuses_the_clients_of_a_dead_server() {
    for scheduler in ["sh", "mh", "dh"] {
        let lab = Topology::up(Vip::Fixed);
        let conf = example("dr-master.conf")
            .replace("lb_algo rr", &format!("lb_algo {scheduler}"))
            .replace("persistence_timeout 7200", "");
        let file = lab.dir1.write("dr.conf", &conf);
        assert!(lab.dir1.lvsctl("apply", &[&file]).status.success());
        let chosen = lab.server_of(1);
        lab.dir1.weigh_by_hand(chosen, 0);
        assert!(lab.get(1).is_err(), "{scheduler} chose another");
        let real = format!("192.168.1.{}", 50 + chosen);
        lab.dir1
            .ask(&["ipvsadm", "-d", "-t", "192.168.1.20:80", "-r", &real]);
        assert_ne!(lab.server_of(1), chosen, "{scheduler}");
    }
}

#[test]
fn a_dead_udp_server_is_removed_and_a_busy_client_moves() {
    let mut lab = Topology::up(Vip::Fixed);
    let mut echoes: Vec<_> = (1..=3)
        .zip(&lab.real)
        .map(|(n, host)| {
            let listen = format!("UDP4-RECVFROM:5000,bind={VIP},fork,reuseaddr");
            host.spawn(
                "socat.log",
                &["socat", &listen, &format!("SYSTEM:echo rs{n}")],
            )
        })
        .collect();
    let conf = example("dr-master.conf")
        .replace("192.168.1.20 80", "192.168.1.20 5000")
        .replace("protocol TCP", "protocol UDP")
        .replace("delay_loop 10", "delay_loop 2")
        .replace("persistence_timeout 7200", "");
    // The check goes to the web server beside; the real server's own port follows the service's.
    let conf = [50, 51, 52].iter().fold(conf, |conf, last| {
        let from = format!("real_server 192.168.1.{last} 80");
        conf.replace(&from, &format!("real_server 192.168.1.{last} 5000"))
    });
    let file = lab.dir1.write("dr.conf", &conf);
    let daemon = lab.dir1.daemon(&file, &[]);
    let client = |lab: &Topology| echo(&lab.clients[0], &format!("{VIP}:5000"), "hello");
    let name = client(&lab).expect("an answer");
    let dead = index_of(&name);
    echoes[dead].kill();
    lab.webs[dead].kill();
    lab.dir1.wait_weight(dead, None, REFUSED);
    let moved = wait_until(Duration::from_secs(3), || {
        client(&lab).is_ok_and(|now| now != name)
    });
    assert!(moved.is_ok(), "{}", daemon.log());
    assert_eq!(lab.dir1.read_sysctl("net.ipv4.vs.expire_nodest_conn"), "1");
}
