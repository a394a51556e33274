use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::{self, Read as _};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::time::Duration;

use rustix::process::Signal;
use socket2::{Domain, Socket, Type};

use crate::stage::client::{SLOW, Transfer, WHOLE};
use crate::stage::director::example;
use crate::stage::host::Host;
use crate::stage::topology::{Topology, Vip, index_of};
use crate::stage::{VIP, wait_until};

#[test]
fn nine_clients_are_spread_three_to_a_server_and_each_stays_with_its_own() {
    let lab = Topology::up(Vip::Fixed);
    let file = lab.dir1.write("dr.conf", &example("dr-master.conf"));
    let output = lab.dir1.lvsctl("apply", &[&file]);
    assert!(output.status.success(), "{output:?}");

    let servers: Vec<usize> = (1..=9).map(|n| lab.server_of(n)).collect();
    let mut load = BTreeMap::new();
    for server in &servers {
        *load.entry(*server).or_insert(0) += 1;
    }
    assert_eq!(load, BTreeMap::from([(0, 3), (1, 3), (2, 3)]));
    for turn in 0..20 {
        assert_eq!(lab.server_of(1), servers[0], "request {turn}");
    }
}

const SOON: Duration = Duration::from_secs(30);

/// The hashing schedulers choose a server at weight 0 like any other, and then refuse the client.
#[test]
fn a_server_that_leaves_the_file_refuses_nobody_whatever_the_scheduler() {
    let lab = Topology::up(Vip::Fixed);
    let director = &lab.dir1;
    for scheduler in ["rr", "sh", "mh", "dh"] {
        let seed = example("dr-master.conf")
            .replace("persistence_timeout 7200", "")
            .replace("lb_algo rr", &format!("lb_algo {scheduler}"));
        let file = director.write("dr.conf", &seed);
        let daemon = director.daemon(&file, &[]);
        director.wait_weight(2, Some(1), SOON);
        let before = director.table();
        let leaving = lab.server_of(1);
        let transfer = Transfer::start(&lab.clients[0], &format!("{VIP}:80"), SLOW);
        director.write("dr.conf", &without(&seed, leaving));
        daemon.signal(Signal::HUP);
        // `dh` cannot be told to choose another.
        let drained = (scheduler != "dh").then_some(0);
        director.wait_weight(leaving, drained, SOON);
        for n in 1..=9 {
            let answer = lab.get(n);
            assert!(answer.is_ok(), "{scheduler}: client {n}: {answer:?}");
        }
        // Who comes back finds everything as it was.
        director.write("dr.conf", &seed);
        daemon.signal(Signal::HUP);
        director.wait_weight(leaving, Some(1), SOON);
        let same = wait_until(SOON, || director.table() == before);
        assert!(same.is_ok(), "{scheduler}: {:?}", director.table());
        if scheduler == "sh" {
            let whole = transfer.end(Duration::from_secs(90));
            assert_eq!(whole, WHOLE, "what was under way goes on");
        }
        drop(daemon);
        director.ask(&["ipvsadm", "-C"]);
    }
}

/// One real server's block taken out of a file, with the line that closes it.
fn without(file: &str, server: usize) -> String {
    let head = format!("real_server 192.168.1.{}", 50 + server);
    let from = file.find(&head).unwrap();
    let end = from + file[from..].find("\n\t}").unwrap() + 3;
    format!("{}{}", &file[..from], &file[end..])
}

/// A client may use a port again while the kernel remembers the connection that had it before, and
/// sends it where that was.
#[test]
fn a_port_that_is_used_again_is_served_though_its_server_has_gone() {
    let lab = Topology::up(Vip::Fixed);
    let director = &lab.dir1;
    let seed = example("dr-master.conf").replace("persistence_timeout 7200", "");
    let seed = format!("global_defs {{\nlvs_timeouts tcpfin 20\n}}\n{seed}");
    let file = director.write("dr.conf", &seed);
    let daemon = director.daemon(&file, &[]);
    director.wait_weight(2, Some(1), SOON);
    let at = format!("{VIP}:80");
    let met = [40_000, 40_001, 40_002].map(|port| {
        let name = get_from(&lab.clients[0], port, &at).unwrap();
        (index_of(&name), port)
    });
    let (leaving, port) = met[0];
    director.write("dr.conf", &without(&seed, leaving));
    daemon.signal(Signal::HUP);
    director.wait_weight(leaving, None, Duration::from_mins(2));
    let answer = get_from(&lab.clients[0], port, &at);
    assert!(answer.is_ok(), "{answer:?}\n{}", daemon.log());
}

/// Clients of a persistent service and datagrams of one port go to the server they went to.
#[test]
fn whoever_has_a_server_keeps_it_through_reload_restart_and_kill() {
    let lab = Topology::up(Vip::Fixed);
    let director = &lab.dir1;
    let _echoes: Vec<_> = (1..=3)
        .map(|n| {
            let echo = format!("SYSTEM:echo rs{n}");
            let listen = format!("UDP4-RECVFROM:5000,bind={VIP},fork,reuseaddr");
            // Half a second by itself, in which a shell may not have started.
            let line = ["socat", "-t", "20", &listen, &echo];
            lab.real[n - 1].spawn("socat.log", &line)
        })
        .collect();
    let with = |algorithm: &str, weight: u32| {
        let seed = example("dr-master.conf");
        let tcp = seed
            .replace("lb_algo rr", &format!("lb_algo {algorithm}"))
            .replace("weight 1", &format!("weight {weight}"));
        let mut text = format!(
            "{tcp}\nvirtual_server {VIP} 5000 {{\nprotocol UDP\nlb_kind DR\nlb_algo {algorithm}\n"
        );
        for last in 50..53 {
            let _ = writeln!(
                text,
                "real_server 192.168.1.{last} 5000 {{\nweight {weight}\n}}"
            );
        }
        text + "}\n"
    };
    let file = director.write("dr.conf", &with("rr", 1));
    let mut daemon = director.daemon(&file, &[]);
    director.wait_weight(2, Some(1), SOON);
    let flows: Vec<Flow> = (41_000..41_006)
        .map(|port| Flow::open(&lab.clients[0], port))
        .collect();
    let now = || {
        let webs: Vec<usize> = (1..=6).map(|n| lab.server_of(n)).collect();
        (webs, flows.iter().map(Flow::ask).collect::<Vec<_>>())
    };
    let first = now();
    let met: BTreeSet<&String> = first.1.iter().collect();
    assert_eq!(met.len(), 3, "{first:?}");

    director.write("dr.conf", &with("wlc", 3));
    daemon.signal(Signal::HUP);
    director.wait_weight(0, Some(3), SOON);
    assert_eq!(now(), first, "after a reload");
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.end(SOON).code(), Some(0));
    let mut daemon = director.daemon(&file, &[]);
    assert_eq!(now(), first, "after a restart");
    director.write("dr.conf", &with("wrr", 2));
    daemon.signal(Signal::HUP);
    daemon.kill();
    let _daemon = director.daemon(&file, &[]);
    director.wait_weight(0, Some(2), SOON);
    assert_eq!(now(), first, "after a kill in a reload");
}

/// Datagrams from one port.
struct Flow(UdpSocket);

impl Flow {
    fn open(host: &Host, port: u16) -> Self {
        host.inside(|| {
            let socket = UdpSocket::bind(("0.0.0.0", port)).unwrap();
            socket.connect(format!("{VIP}:5000")).unwrap();
            socket
                .set_read_timeout(Some(Duration::from_secs(5)))
                .unwrap();
            Self(socket)
        })
    }

    /// Who answers; asked anew where a datagram is lost.
    fn ask(&self) -> String {
        let mut answer = [0; 16];
        let answered = (0..5).find_map(|_| {
            self.0.send(b"who").ok()?;
            self.0.recv(&mut answer).ok()
        });
        let length = answered.expect("somebody answers");
        String::from_utf8_lossy(&answer[..length]).trim().to_owned()
    }
}

/// One request from a port.
fn get_from(host: &Host, port: u16, at: &str) -> io::Result<String> {
    let to: SocketAddr = at.parse().unwrap();
    host.inside(|| {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.set_reuse_address(true)?;
        socket.bind(&SocketAddr::from(([0; 4], port)).into())?;
        socket.connect_timeout(&to.into(), Duration::from_secs(4))?;
        let mut stream = TcpStream::from(socket);
        stream.set_read_timeout(Some(Duration::from_secs(4)))?;
        io::Write::write_all(&mut stream, b"GET / HTTP/1.0\r\nHost: lab\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer.lines().next_back().unwrap_or_default().to_owned())
    })
}
