//! Checks in a network of their own: echoes, networks that say no or nothing, and where a
//! question is asked from.
#![allow(clippy::unwrap_used, reason = "a test may")]

#[path = "probe/asking.rs"]
mod asking;

use std::fs;
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};
use std::num::NonZeroU32;
use std::process::{Child, Command};
use std::sync::Arc;
use std::time::{Duration, Instant};

use asking::{answer, failed, inside, probe, unasked, verdict, within};
use lvsctl::health::Verdict;
use lvsctl::model::check::{Dns, Origin, Probe, ProbeKind, Reply, Udp};
use lvsctl::model::name::Name;

/// What runs a command in a network of its own, without these capabilities.
fn isolated(without: &[&'static str]) -> Vec<String> {
    let mut front = vec!["unshare".to_owned(), "--net".to_owned()];
    if !rustix::process::geteuid().is_root() {
        front.extend(["--user".to_owned(), "--map-root-user".to_owned()]);
    }
    if !without.is_empty() {
        let dropped: Vec<String> = without.iter().map(|name| format!("-{name}")).collect();
        let dropped = dropped.join(",");
        front.push("setpriv".to_owned());
        front.push(format!("--bounding-set={dropped}"));
        front.push(format!("--inh-caps={dropped}"));
    }
    front
}

fn is_inside(test: &str, without: &[&'static str]) -> bool {
    let front = isolated(without);
    let front: Vec<&str> = front.iter().map(String::as_str).collect();
    inside(test, &front)
}

fn run(line: &str) {
    let mut words = line.split(' ');
    let status = Command::new(words.next().unwrap()).args(words).status();
    assert!(status.unwrap().success(), "{line}");
}

fn kinds() -> [ProbeKind; 4] {
    let udp = Udp {
        payload: None,
        reply: Reply::Any,
    };
    let dns = Dns {
        record: lvsctl::model::check::RecordType::Soa,
        name: lvsctl::model::check::DnsName::default(),
    };
    [
        ProbeKind::Tcp,
        ProbeKind::Udp(Arc::new(udp)),
        ProbeKind::Ping,
        ProbeKind::Dns(Arc::new(dns)),
    ]
}

fn at(kind: &ProbeKind, ip: &str) -> Probe {
    let port = if *kind == ProbeKind::Ping { 0 } else { 53 };
    probe(kind.clone(), SocketAddr::new(ip.parse().unwrap(), port))
}

fn echoes() {
    run("ip link set lo up");
    for ip in ["127.0.0.1", "::1"] {
        let ping = at(&ProbeKind::Ping, ip);
        assert_eq!(verdict(ping.clone()), Verdict::Passed, "{ip}");
        let bound = Probe {
            bind: Some(ip.parse().unwrap()),
            ..ping
        };
        assert_eq!(verdict(bound), Verdict::Passed, "from {ip}");
    }
}

#[test]
fn an_echo_needs_no_capability_where_the_group_may_ping() {
    if is_inside(
        "an_echo_needs_no_capability_where_the_group_may_ping",
        &["net_raw"],
    ) {
        fs::write("/proc/sys/net/ipv4/ping_group_range", "0 0").unwrap();
        echoes();
    }
}

#[test]
fn an_echo_is_sent_on_a_raw_socket_where_the_group_may_not_ping() {
    if is_inside(
        "an_echo_is_sent_on_a_raw_socket_where_the_group_may_not_ping",
        &[],
    ) {
        fs::write("/proc/sys/net/ipv4/ping_group_range", "1 0").unwrap();
        echoes();
    }
}

#[test]
fn where_neither_socket_is_allowed_the_remedy_is_named() {
    if !is_inside(
        "where_neither_socket_is_allowed_the_remedy_is_named",
        &["net_raw"],
    ) {
        return;
    }
    fs::write("/proc/sys/net/ipv4/ping_group_range", "1 0").unwrap();
    let why = "cannot open a socket: Operation not permitted (os error 1) (remedy: put the group of lvsctl into sysctl net.ipv4.ping_group_range, or give it CAP_NET_RAW)";
    for ip in ["127.0.0.1", "::1"] {
        assert_eq!(verdict(at(&ProbeKind::Ping, ip)), unasked(why));
    }
}

#[test]
fn a_mark_needs_a_capability() {
    if !is_inside("a_mark_needs_a_capability", &["net_raw", "net_admin"]) {
        return;
    }
    let origin = Origin {
        mark: NonZeroU32::new(7),
        ..Origin::default()
    };
    let why = "cannot mark packets with fwmark 7: Operation not permitted (os error 1) (remedy: give lvsctl CAP_NET_ADMIN)";
    for kind in kinds() {
        if kind != ProbeKind::Ping {
            let marked = from(&origin, at(&kind, "127.0.0.1"));
            assert_eq!(verdict(marked), unasked(why));
        }
    }
}

fn from(origin: &Origin, probe: Probe) -> Probe {
    Probe {
        origin: Some(Box::new(origin.clone())),
        ..probe
    }
}

/// A neighbour at 10.9.0.2 who says nothing, on an interface `near`.
fn silent_neighbour() {
    run("ip link set lo up");
    run("ip link add near type veth peer name far");
    run("ip link set near up");
    run("ip link set far up");
    run("ip address add 10.9.0.1/24 dev near");
    run("ip neighbour add 10.9.0.2 lladdr 02:00:00:00:00:02 dev near");
}

#[test]
fn where_a_question_is_asked_from_holds_for_every_kind() {
    if !is_inside("where_a_question_is_asked_from_holds_for_every_kind", &[]) {
        return;
    }
    silent_neighbour();
    run("ip rule add fwmark 7 unreachable");
    let marked = Origin {
        mark: NonZeroU32::new(7),
        ..Origin::default()
    };
    let through = |name| Origin {
        interface: Name::new(name),
        ..Origin::default()
    };
    let silence = failed("no answer in 0.2 s");
    let unreachable = failed("Network is unreachable (os error 101)");
    let missing = unasked(
        "cannot ask through bind_if gone0: No such device (os error 19) (remedy: name an interface that this host has)",
    );
    let foreign = unasked(
        "cannot ask from bindto 192.0.2.7: Cannot assign requested address (os error 99) (remedy: an address that this host has)",
    );
    serve();
    for kind in kinds() {
        let soon = Duration::from_millis(200);
        let near = within(soon, at(&kind, "10.9.0.2"));
        let here = within(soon, at(&kind, "127.0.0.1"));
        let elsewhere = Probe {
            bind: Some(IpAddr::from([192, 0, 2, 7])),
            ..here.clone()
        };
        for (why, probe, want) in [
            ("from anywhere", near.clone(), &silence),
            ("marked", from(&marked, near), &unreachable),
            ("from here", here.clone(), &Verdict::Passed),
            (
                "through lo",
                from(&through("lo"), here.clone()),
                &Verdict::Passed,
            ),
            (
                "through near",
                from(&through("near"), here.clone()),
                &silence,
            ),
            ("through nothing", from(&through("gone0"), here), &missing),
            ("from a foreign address", elsewhere, &foreign),
        ] {
            assert_eq!(&verdict(probe), want, "{kind:?} {why}");
        }
    }
}

/// A server for every kind at 127.0.0.1: what it is sent, it sends back as a DNS answer.
fn serve() {
    let tcp = TcpListener::bind("127.0.0.1:53").unwrap();
    std::thread::spawn(move || tcp.incoming().for_each(drop));
    let udp = UdpSocket::bind("127.0.0.1:53").unwrap();
    std::thread::spawn(move || {
        let mut datagram = [0; 512];
        while let Ok((length, peer)) = udp.recv_from(&mut datagram) {
            datagram[2] |= 0x80;
            udp.send_to(&datagram[..length], peer).unwrap();
        }
    });
}

/// A network that goes on behind 10.9.0.2 and fd09::2, and does not reach what it should.
struct Router(Child);

impl Router {
    fn start() -> Self {
        run("ip link set lo up");
        run("ip link add near type veth peer name far");
        run("ip link set near up");
        let child = Command::new("unshare")
            .args(["--net", "sleep", "60"])
            .spawn()
            .unwrap();
        let router = Self(child);
        let own = fs::read_link("/proc/self/ns/net").unwrap();
        let end = Instant::now() + Duration::from_secs(10);
        let network = format!("/proc/{}/ns/net", router.0.id());
        while fs::read_link(&network).unwrap() == own {
            assert!(Instant::now() < end, "no network");
            std::thread::sleep(Duration::from_millis(5));
        }
        run(&format!("ip link set far netns {}", router.0.id()));
        router.run("ip link set far up");
        router.run("ip address add 10.9.0.2/24 dev far");
        router.run("ip address add fd09::2/64 dev far nodad");
        router.run("ip route add unreachable 10.10.0.0/16");
        router.run("ip route add unreachable fd10::/16");
        router.run("sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1");
        // Else it says so only now and then.
        router.run("sysctl -q -w net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0");
        run("ip address add 10.9.0.1/24 dev near");
        run("ip address add fd09::1/64 dev near nodad");
        run("ip route add 10.10.0.0/16 via 10.9.0.2");
        run("ip route add fd10::/16 via fd09::2");
        router
    }

    fn run(&self, line: &str) {
        run(&format!("nsenter --target {} --net {line}", self.0.id()));
    }
}

impl Drop for Router {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn what_a_router_says_of_a_server_is_heard_at_once() {
    if !is_inside("what_a_router_says_of_a_server_is_heard_at_once", &[]) {
        return;
    }
    let _router = Router::start();
    let unreachable = [
        ("10.10.0.1", "No route to host (os error 113)"),
        ("fd10::1", "Network is unreachable (os error 101)"),
    ];
    for (ip, why) in unreachable {
        for kind in kinds() {
            let answer = answer(at(&kind, ip));
            assert_eq!(answer.verdict, failed(why), "{kind:?} {ip}");
            assert!(answer.finished.since(answer.started) < Duration::from_secs(2));
        }
    }
}
