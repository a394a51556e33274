//! What follows from verdicts, on a real kernel.

use std::fs;
use std::thread;
use std::time::Duration;

use lvsctl::ipvs::{Client, Ipvs};
use lvsctl::model::table::Pool;
use rustix::process::Signal;

use crate::stage::client::get;
use crate::stage::host::Host;
use crate::stage::over::Over;
use crate::stage::process::Process;
use crate::stage::strace::{changing_commands, front};
use crate::stage::topology::{Topology, Vip, prefix};
use crate::stage::{VIP, wait_until};

const SOON: Duration = Duration::from_secs(20);

/// Two real servers with a quorum of both, checked at a port that carries no traffic, and the third
/// as sorry server.
fn with_sorry_server() -> String {
    let real = |last| {
        format!(
            " real_server 192.168.1.{last} 80 {{
  TCP_CHECK {{ connect_port 91
   connect_timeout 3 }}
 }}\n"
        )
    };
    format!(
        "virtual_server {VIP} 80 {{
 delay_loop 1
 retry 0
 lb_algo rr
 lb_kind DR
 protocol TCP
 quorum 2
 sorry_server 192.168.1.52 80
{}{}}}\n",
        real(50),
        real(51)
    )
}

/// What answers the checks of a real server, and nothing else.
fn beacon(host: &Host) -> Process {
    let listen = "TCP-LISTEN:91,fork,reuseaddr";
    let beacon = host.spawn("beacon.log", &["socat", listen, "OPEN:/dev/null"]);
    let up = || host.inside(|| std::net::TcpStream::connect("127.0.0.1:91").is_ok());
    assert!(wait_until(SOON, up).is_ok(), "the beacon does not answer");
    beacon
}

#[test]
fn a_sorry_server_comes_and_goes_without_an_empty_moment() {
    for failed in ["weight0", "remove"] {
        let lab = Topology::up(Vip::Fixed);
        let mut beacons: Vec<Process> = lab.real[..2].iter().map(beacon).collect();
        let file = lab.dir1.write("sorry.conf", &with_sorry_server());
        let daemon = lab.dir1.daemon(&file, &["--failed-servers", failed]);
        daemon.says("quorum gained", SOON);
        let over = Over::default();
        thread::scope(|scope| {
            let going = over.going();
            let served = scope.spawn(|| {
                let (mut served, mut broken) = (0, 0);
                let ask = || get(&lab.clients[0], &format!("{VIP}:80"), "/");
                while !over.is_over() {
                    if ask().is_err() {
                        // It was under way when its server was removed; a new one never breaks.
                        broken += 1;
                        ask().unwrap_or_else(|error| panic!("after {served} answers: {error}"));
                    }
                    served += 1;
                }
                (served, broken)
            });
            let seen = scope.spawn(|| {
                lab.dir1.inside(|| {
                    let mut kernel = Client::open().unwrap();
                    while !over.is_over() {
                        let table = kernel.table().unwrap();
                        let pools = table.values().map(|service| &service.pool);
                        let weights = pools.flat_map(Pool::iter);
                        let weight: u32 = weights.map(|(_, dest)| dest.weight.get()).sum();
                        assert!(weight > 0, "an empty pool: {table:?}");
                    }
                });
            });
            for _ in 0..3 {
                beacons.pop().unwrap().kill();
                lab.dir1.wait_weight(2, Some(1), SOON);
                let first = (failed == "weight0").then_some(0);
                lab.dir1.wait_weight(0, first, SOON);
                beacons.push(beacon(&lab.real[1]));
                lab.dir1.wait_weight(2, None, SOON);
                lab.dir1.wait_weight(0, Some(1), SOON);
            }
            drop(going);
            seen.join().unwrap();
            let (served, broken) = served.join().unwrap();
            assert!(served > 10);
            assert!(broken <= 6, "one for each change at most, and not {broken}");
        });
    }
}

#[test]
fn a_restart_goes_on_with_the_verdicts_there_were() {
    let lab = Topology::up(Vip::Fixed);
    let mut beacons: Vec<Process> = lab.real[..2].iter().map(beacon).collect();
    let file = lab.dir1.write("sorry.conf", &with_sorry_server());
    let mut daemon = lab.dir1.daemon(&file, &[]);
    beacons.pop().unwrap().kill();
    lab.dir1.wait_weight(2, Some(1), SOON);
    // Verdicts are written down at most once a second.
    thread::sleep(Duration::from_secs(2));
    daemon.kill();
    let before = lab.dir1.table();

    let log = lab.dir1.dir.join("again.strace");
    let log = log.to_str().unwrap();
    let daemon = lab.dir1.daemon_under(&front(log), &file, &[]);
    thread::sleep(Duration::from_secs(8));
    let commands = changing_commands(&fs::read_to_string(log).unwrap());
    assert_eq!(commands, [] as [u8; 0], "the table was right");
    assert_eq!(lab.dir1.table(), before);
    for word in ["quorum", "server is down", "server is up"] {
        assert!(!daemon.log().contains(word), "{}", daemon.log());
    }
    beacons.push(beacon(&lab.real[1]));
    lab.dir1.wait_weight(2, None, SOON);
}

/// How much memory a process has, in KiB, and how many files it has open. Without huge pages: the
/// kernel makes one of a few small ones whenever it likes. Without what a check has open for its
/// moment: the fewest files of some looks count.
fn size_of(process: &Process) -> (u64, usize) {
    let folder = format!("/proc/{}", process.pid());
    let maps = fs::read_to_string(format!("{folder}/smaps_rollup")).unwrap();
    let of = |name: &str| -> u64 {
        let line = maps.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    let files = (0..20).map(|_| {
        thread::sleep(Duration::from_millis(50));
        fs::read_dir(format!("{folder}/fd")).unwrap().count()
    });
    let files = files.min().unwrap();
    (of("Rss:") - of("AnonHugePages:"), files)
}

/// 1,000 reloads in a soak, else a tenth: nothing is sent to the kernel, nothing grows, and checks
/// go on in their rhythm.
#[test]
fn reloads_in_a_row_leave_no_trace() {
    let reloads = if std::env::var_os("LVSCTL_SOAK").is_some() {
        1000
    } else {
        100
    };
    let lab = Topology::up(Vip::Fixed);
    let _beacons: Vec<Process> = lab.real[..2].iter().map(beacon).collect();
    let file = lab.dir1.write("sorry.conf", &with_sorry_server());
    let daemon = lab.dir1.daemon(&file, &["--log-level", "debug"]);
    let count = |word: &str| daemon.log().matches(word).count();
    let reload = |nth: usize| {
        daemon.signal(Signal::HUP);
        let done = wait_until(SOON, || count("reloaded") == nth);
        assert!(done.is_ok(), "reload {nth} was lost\n{}", daemon.log());
    };
    for nth in 1..=20 {
        reload(nth);
    }
    let (memory, files) = size_of(&daemon);
    let (changes, checked) = (count("changed"), count("checked"));
    let start = std::time::Instant::now();
    for nth in 21..=reloads {
        reload(nth);
    }
    let (memory_after, files_after) = size_of(&daemon);
    assert_eq!(files_after, files);
    assert!(
        memory_after <= memory + 512,
        "{memory} KiB before, {memory_after} after"
    );
    assert_eq!(count("changed"), changes, "{}", daemon.log());
    // Two probes about once a second; the machine is slow, but none is lost for good.
    let asked = count("checked") - checked;
    let seconds = usize::try_from(start.elapsed().as_secs()).unwrap();
    assert!(asked >= seconds, "{asked} checks in {seconds} s");
}

#[test]
fn a_reload_that_takes_too_much_away_is_refused() {
    let lab = Topology::up(Vip::Fixed);
    let _beacons: Vec<Process> = lab.real[..2].iter().map(beacon).collect();
    let file = lab.dir1.write("sorry.conf", &with_sorry_server());
    let daemon = lab.dir1.daemon(&file, &["--max-removal", "40"]);
    let half = with_sorry_server().replace("quorum 2", "quorum 1");
    let from = half.find(" real_server 192.168.1.51").unwrap();
    lab.dir1
        .write("sorry.conf", &format!("{}}}\n", &half[..from]));
    daemon.signal(Signal::HUP);
    daemon.says("it takes away 1 of 2 real servers, more than 40 %", SOON);
    assert_eq!(lab.dir1.weight(1), Some(1));
}

/// A suspension is no failure of any server, and the clock on the wall is nobody's business.
#[test]
fn a_suspension_and_a_set_clock_change_no_weight() {
    let soak = std::env::var_os("LVSCTL_SOAK").is_some();
    let away = Duration::from_secs(if soak { 60 } else { 15 });
    let lab = Topology::up(Vip::Fixed);
    let _beacons: Vec<Process> = lab.real[..2].iter().map(beacon).collect();
    let file = lab.dir1.write("sorry.conf", &with_sorry_server());
    let daemon = lab.dir1.daemon(&file, &[]);
    lab.dir1.wait_weight(1, Some(1), SOON);
    thread::sleep(Duration::from_secs(3));
    let before = lab.dir1.table();
    let quiet = |what: &str| {
        assert_eq!(lab.dir1.table(), before, "{what}");
        let log = daemon.log();
        assert!(!log.contains("server is down"), "{what}:\n{log}");
    };
    daemon.signal(Signal::STOP);
    thread::sleep(away);
    daemon.signal(Signal::CONT);
    thread::sleep(Duration::from_secs(5));
    quiet("after a suspension");
    for hour in ["+1 hour", "-1 hour"] {
        lab.dir1.ask(&["date", "-s", hour]);
        thread::sleep(Duration::from_secs(4));
    }
    quiet("after the clock was set");
}

/// With `ha_suspend`, checks rest while the host lacks the address.
#[test]
fn a_standby_director_leaves_the_servers_alone() {
    let name = prefix();
    let lab = Topology::named(&name, Vip::Vrrp);
    let mut beacons: Vec<Process> = lab.real[..2].iter().map(beacon).collect();
    let conf = with_sorry_server().replace(" quorum 2", " quorum 2\n ha_suspend");
    let file = lab.dir1.write("rest.conf", &conf);
    let daemon = lab.dir1.daemon(&file, &[]);
    daemon.says("checks rest", SOON);
    beacons.pop().unwrap().kill();
    thread::sleep(Duration::from_secs(6));
    assert_eq!(lab.dir1.weight(1), Some(1), "nobody asked");
    lab.dir1.ip(&format!("addr add {VIP}/24 dev eth0\n"));
    daemon.says("checks begin", SOON);
    lab.dir1.wait_weight(1, Some(0), SOON);
    lab.dir1.ip(&format!("addr del {VIP}/24 dev eth0\n"));
    let rests = || daemon.log().matches("checks rest").count() == 2;
    assert!(wait_until(SOON, rests).is_ok(), "{}", daemon.log());
}
