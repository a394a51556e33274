//! BFD sessions by the prober, against BIRD, keepalived and ends of their own, in network
//! namespaces of their own.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a test may"
)]

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::num::NonZeroU8;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use lvsctl::health::{ProbeId, Question, Verdict};
use lvsctl::model::check::{Bfd, Hops, Probe, ProbeKind};
use lvsctl::model::service::Endpoint;
use lvsctl::probe::{Answer, Prober};
use lvsctl::sys::{clock, netns};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Longer than a session takes to come up.
const SOON: Duration = Duration::from_secs(15);

const MS: Duration = Duration::from_millis(1);

/// Does `work` in a namespace with nothing but `lo`.
fn apart(work: impl FnOnce() + Send) {
    if let Err(error) = netns::apart(work) {
        assert!(std::env::var_os("CI").is_none(), "{error}");
        eprintln!("skipped: {error}");
    }
}

fn run(command: &str) -> String {
    let mut words = command.split(' ');
    let output = Command::new(words.next().unwrap()).args(words).output();
    let output = output.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

fn terms(neighbour: &str, source: Option<&str>) -> Bfd {
    Bfd {
        name: "b".into(),
        neighbour: neighbour.parse().unwrap(),
        source: source.map(|source| source.parse().unwrap()),
        min_rx: 50 * MS,
        min_tx: 50 * MS,
        idle_tx: Duration::from_secs(1),
        multiplier: NonZeroU8::new(4).unwrap(),
        passive: false,
        hops: Hops {
            sent: NonZeroU8::MAX,
            least: 255,
        },
        multihop: false,
    }
}

/// A prober that holds sessions, and what it says of them.
struct Watch {
    prober: Prober,
    answers: UnboundedReceiver<Answer>,
}

impl Watch {
    fn new() -> Self {
        let (answer, answers) = unbounded_channel();
        let prober = Prober::start(answer).unwrap();
        Self { prober, answers }
    }

    fn ask(&self, id: u64, terms: &Bfd) {
        let probe = Probe {
            kind: ProbeKind::Bfd(Arc::new(terms.clone())),
            target: Endpoint::new([192, 0, 2, 9].into(), 80),
            bind: None,
            origin: None,
            timeout: Duration::ZERO,
        };
        let probe = Arc::new(probe);
        let question = Question { probe, page: 0 };
        self.prober.ask(ProbeId(id), question, clock::now());
    }

    fn next(&mut self, wait: Duration) -> Option<Answer> {
        let end = Instant::now() + wait;
        while Instant::now() < end {
            match self.answers.try_recv() {
                Ok(answer) => return Some(answer),
                Err(_) => std::thread::sleep(2 * MS),
            }
        }
        None
    }

    #[track_caller]
    fn soon(&mut self) -> Verdict {
        self.next(SOON).expect("an answer").verdict
    }
}

fn down(why: &str) -> Verdict {
    Verdict::Failed(format!("BFD session b is down: {why}"))
}

/// Another host: a namespace at the other end of a wire, and a folder for what runs in it.
struct Other {
    keeper: Child,
    folder: PathBuf,
    running: Option<Child>,
}

impl Other {
    /// Ours has 192.0.2.1 and 2001:db8::1 then, and the other host 192.0.2.2 and 2001:db8::2.
    fn new(name: &str) -> Self {
        let folder = format!("lvsctl-bfd-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        fs::create_dir_all(&folder).unwrap();
        let mut keeper = Command::new("unshare");
        keeper.args(["--net", "sleep", "infinity"]);
        let other = Self {
            keeper: keeper.spawn().unwrap(),
            folder,
            running: None,
        };
        let inside = other.keeper.id();
        let apart = || !netns::is_shared_with(inside);
        let end = Instant::now() + SOON;
        while !apart() {
            assert!(Instant::now() < end);
            std::thread::sleep(MS);
        }
        run(&format!(
            "ip link add v0 type veth peer name v1 netns {inside}"
        ));
        run("ip address add 192.0.2.1/24 dev v0");
        run("ip -6 address add 2001:db8::1/64 dev v0 nodad");
        run("ip link set v0 up");
        other.inside("ip address add 192.0.2.2/24 dev v1");
        other.inside("ip -6 address add 2001:db8::2/64 dev v1 nodad");
        other.inside("ip link set v1 up");
        other.inside("ip link set lo up");
        other
    }

    fn enter(&self) -> String {
        format!("nsenter --net=/proc/{}/ns/net", self.keeper.id())
    }

    fn inside(&self, command: &str) -> String {
        run(&format!("{} {command}", self.enter()))
    }

    fn start(&mut self, command: &str) {
        let whole = format!("{} {command}", self.enter());
        let mut words = whole.split(' ');
        let mut command = Command::new(words.next().unwrap());
        command
            .args(words)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        self.running = Some(command.spawn().unwrap());
    }

    /// Ends what runs there without a chance to say so.
    fn kill(&mut self) {
        if let Some(mut child) = self.running.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    fn bird(&mut self, neighbour: &str) {
        let config = self.folder.join("bird.conf");
        let text = format!(
            "router id 192.0.2.2;\nprotocol device {{ }}\nprotocol bfd b {{\ninterface \"v1\" {{\n\
             interval 50 ms;\nidle tx interval 300 ms;\nmultiplier 3;\n}};\n\
             neighbor {neighbour} dev \"v1\";\n}}\n"
        );
        fs::write(&config, text).unwrap();
        let (config, control) = (config.display(), self.control());
        self.start(&format!("bird -f -c {config} -s {control}"));
    }

    fn control(&self) -> String {
        self.folder.join("bird.ctl").display().to_string()
    }

    fn birdc(&self, command: &str) -> String {
        run(&format!("birdc -s {} {command}", self.control()))
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        self.kill();
        let _ = self.keeper.kill();
        let _ = self.keeper.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn bird_comes_up_dies_and_returns() {
    apart(|| {
        let mut other = Other::new("bird");
        other.bird("192.0.2.1");
        let mut watch = Watch::new();
        watch.ask(1, &terms("192.0.2.2", Some("192.0.2.1")));
        assert_eq!(watch.soon(), Verdict::Passed);
        // Only when both have agreed on it the rate is fast.
        std::thread::sleep(500 * MS);
        let seen = other.birdc("show bfd sessions");
        let line = seen.lines().find(|line| line.starts_with("192.0.2.1 "));
        let line: Vec<&str> = line.expect(&seen).split_whitespace().collect();
        assert_eq!(line[2], "Up", "{seen}");
        assert_eq!(line[4..], ["0.050", "0.200"], "{seen}");
        let killed = Instant::now();
        other.kill();
        assert_eq!(watch.soon(), down("control detection time expired"));
        let took = killed.elapsed();
        // 150 ms, and what a busy machine adds; at the slow rate it would be 900 ms.
        assert!(took < 800 * MS, "{took:?}");
        other.bird("192.0.2.1");
        assert_eq!(watch.soon(), Verdict::Passed);
        // An end that is no longer wanted says so.
        drop(watch);
        std::thread::sleep(50 * MS);
        let seen = other.birdc("show bfd sessions");
        assert!(!seen.contains("Up"), "{seen}");
    });
}

#[test]
fn bird_comes_up_over_ipv6() {
    apart(|| {
        let mut other = Other::new("v6");
        other.bird("2001:db8::1");
        let mut watch = Watch::new();
        watch.ask(1, &terms("2001:db8::2", Some("2001:db8::1")));
        assert_eq!(watch.soon(), Verdict::Passed);
        other.kill();
        assert_eq!(watch.soon(), down("control detection time expired"));
    });
}

/// Set where a test is run once more, by another, as a process of its own.
const INSIDE: &str = "LVSCTL_BFD_INSIDE";

#[test]
fn who_is_stopped_for_a_while_takes_nobody_for_down() {
    if std::env::var_os(INSIDE).is_some() {
        return say_what_is_answered();
    }
    apart(|| {
        let mut other = Other::new("stopped");
        other.bird("192.0.2.1");
        let mut inside = Command::new(std::env::current_exe().unwrap());
        inside.args(["--exact", "--nocapture"]);
        inside.arg("who_is_stopped_for_a_while_takes_nobody_for_down");
        let mut inside = Guard(
            inside
                .env(INSIDE, "1")
                .stdout(Stdio::piped())
                .spawn()
                .unwrap(),
        );
        let mut said = BufReader::new(inside.0.stdout.take().unwrap()).lines();
        let mut answer =
            || said.find_map(|line| Some(line.unwrap().split_once("answer: ")?.1.to_owned()));
        assert_eq!(answer().unwrap(), "Passed");
        let process = inside.0.id();
        run(&format!("kill -STOP {process}"));
        std::thread::sleep(2000 * MS);
        let seen = other.birdc("show bfd sessions");
        assert!(!seen.contains("Up"), "{seen}");
        run(&format!("kill -CONT {process}"));
        let end = Instant::now() + SOON;
        while !other.birdc("show bfd sessions").contains("Up") {
            assert!(Instant::now() < end);
            std::thread::sleep(20 * MS);
        }
        // The next thing it says is that BIRD really died.
        other.kill();
        let died = down("control detection time expired");
        assert_eq!(answer().unwrap(), format!("{died:?}"));
    });
}

fn say_what_is_answered() {
    let mut watch = Watch::new();
    watch.ask(1, &terms("192.0.2.2", Some("192.0.2.1")));
    while let Some(answer) = watch.next(SOON) {
        println!("answer: {:?}", answer.verdict);
    }
}

/// A process that does not outlive the test.
struct Guard(Child);

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn keepalived_comes_up_and_dies() {
    apart(|| {
        let mut other = Other::new("keepalived");
        let folder = other.folder.display().to_string();
        let config = "bfd_instance b {\nneighbor_ip 192.0.2.1\nsource_ip 192.0.2.2\nmin_rx 50\n\
                      min_tx 50\n}\nbfd_instance c {\nneighbor_ip 2001:db8::1\n}\n";
        fs::write(other.folder.join("k.conf"), config).unwrap();
        other.start(&format!(
            "keepalived -n -P -C -f {folder}/k.conf -p {folder}/p -r {folder}/r -c {folder}/c -b {folder}/b"
        ));
        let mut watch = Watch::new();
        watch.ask(1, &terms("192.0.2.2", Some("192.0.2.1")));
        assert_eq!(watch.soon(), Verdict::Passed);
        // Over IPv6 its packets have a hop limit of 64.
        let mut distant = terms("2001:db8::2", None);
        distant.hops.least = 64;
        watch.ask(2, &distant);
        assert_eq!(watch.soon(), Verdict::Passed);
        watch.prober.cancel(ProbeId(2));
        run("ip link set v0 down");
        assert_eq!(watch.soon(), down("control detection time expired"));
        run("ip link set v0 up");
        assert_eq!(watch.soon(), Verdict::Passed);
        let child = other.running.take().unwrap();
        run(&format!("kill {}", child.id()));
        let mut child = child;
        child.wait().unwrap();
        assert_eq!(watch.soon(), down("control detection time expired"));
    });
}

#[test]
fn one_session_serves_all_checks_of_its_name() {
    apart(|| {
        let mut watch = Watch::new();
        let near = terms("127.0.0.2", Some("127.0.0.1"));
        let far = Bfd {
            name: "far".into(),
            ..terms("127.0.0.1", Some("127.0.0.2"))
        };
        for id in [1, 2] {
            watch.ask(id, &near);
        }
        watch.ask(3, &far);
        let mut up: Vec<u64> = Vec::new();
        while up.len() < 3 {
            let answer = watch.next(SOON).expect("all answer");
            assert_eq!(answer.verdict, Verdict::Passed);
            up.push(answer.id.0);
        }
        up.sort_unstable();
        assert_eq!(up, [1, 2, 3]);
        // Whoever asks later is told at once.
        watch.ask(4, &near);
        assert_eq!(watch.next(500 * MS).unwrap().id, ProbeId(4));
        // It is held as long as anybody wants it.
        for id in [1, 2] {
            watch.prober.cancel(ProbeId(id));
        }
        assert_eq!(watch.next(500 * MS), None);
        watch.prober.cancel(ProbeId(4));
        let last = watch.next(SOON).unwrap();
        assert_eq!(last.id, ProbeId(3));
        assert!(matches!(last.verdict, Verdict::Unasked(_)), "{last:?}");
    });
}

#[test]
fn a_session_without_an_address_of_its_own_is_beside_one_that_has() {
    apart(|| {
        let mut watch = Watch::new();
        let ends = [
            terms("127.0.0.2", Some("127.0.0.1")),
            terms("127.0.0.1", Some("127.0.0.2")),
            // Two between whom one address is the same.
            terms("127.0.0.2", Some("127.0.0.4")),
            terms("127.0.0.4", Some("127.0.0.2")),
            // The kernel chooses 127.0.0.1, and 127.0.0.3 answers the packets to it.
            terms("127.0.0.3", None),
            terms("127.0.0.1", Some("127.0.0.3")),
        ];
        for (id, end) in (1..).zip(&ends) {
            watch.ask(id, end);
        }
        let mut up: Vec<u64> = Vec::new();
        while up.len() < ends.len() {
            let answer = watch.next(SOON).expect("all answer");
            assert_eq!(answer.verdict, Verdict::Passed);
            up.push(answer.id.0);
        }
    });
}

#[test]
fn a_neighbour_that_never_speaks_is_down_when_it_had_its_time() {
    apart(|| {
        let mut watch = Watch::new();
        let asked = Instant::now();
        watch.ask(1, &terms("127.0.0.2", Some("127.0.0.1")));
        assert_eq!(watch.soon(), down("nothing was heard of 127.0.0.2"));
        assert!(asked.elapsed() >= Duration::from_secs(4));
    });
}

#[test]
fn an_end_that_another_program_has_is_waited_for() {
    apart(|| {
        let other = UdpSocket::bind("0.0.0.0:3784").unwrap();
        let mut watch = Watch::new();
        watch.ask(1, &terms("127.0.0.2", Some("127.0.0.1")));
        let why = "BFD session b cannot listen at 127.0.0.1:3784: another program does, as keepalived's \
                   own BFD process (remedy: keepalived --no_bfd)";
        assert_eq!(watch.soon(), Verdict::Unasked(why.to_owned()));
        drop(other);
        let asked = watch.soon();
        assert!(matches!(asked, Verdict::Failed(_)), "{asked:?}");
        // And an address that is not there yet.
        watch.ask(2, &terms("192.0.2.9", Some("192.0.2.1")));
        let why = "BFD session b cannot listen at 192.0.2.1:3784: no interface of this host has the address \
                   (remedy: another source_ip)";
        assert_eq!(watch.soon(), Verdict::Unasked(why.to_owned()));
    });
}

/// A neighbour that says what a test wants it to say.
struct Puppet(UdpSocket);

impl Puppet {
    const AT: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

    fn new(port: u16) -> Self {
        let socket = UdpSocket::bind((Self::AT, port)).unwrap();
        socket.set_read_timeout(Some(1500 * MS)).unwrap();
        Self(socket)
    }

    /// Says its state with that hop limit, to the session of that number.
    fn say(&self, state: u8, to: [u8; 4], hops: u32, port: u16) {
        let mut packet = [0; 24];
        packet[..8].copy_from_slice(&[0x20, state << 6, 3, 24, 0, 0, 0, 9]);
        packet[8..12].copy_from_slice(&to);
        // A second, for either interval.
        packet[12..16].copy_from_slice(&1_000_000_u32.to_be_bytes());
        packet[16..20].copy_from_slice(&1_000_000_u32.to_be_bytes());
        self.0.set_ttl(hops).unwrap();
        self.0.send_to(&packet, ("127.0.0.1", port)).unwrap();
    }

    /// The next packet; `None` where there is none.
    fn hear(&self) -> Option<Heard> {
        let mut packet = [0; 64];
        let (length, from) = self.0.recv_from(&mut packet).ok()?;
        assert_eq!((length, packet[0] >> 5, packet[3]), (24, 1, 24));
        Some(Heard {
            state: packet[1] >> 6,
            number: packet[4..8].try_into().unwrap(),
            from,
        })
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Heard {
    state: u8,
    number: [u8; 4],
    from: SocketAddr,
}

const ADMIN_DOWN: u8 = 0;
const DOWN: u8 = 1;
const INIT: u8 = 2;
const UP: u8 = 3;
const NOBODY: [u8; 4] = [0; 4];

#[test]
fn what_an_operator_ends_is_no_failure() {
    apart(|| {
        let puppet = Puppet::new(3784);
        let mut watch = Watch::new();
        watch.ask(1, &terms("127.0.0.2", Some("127.0.0.1")));
        let number = puppet.hear().unwrap().number;
        for state in [DOWN, INIT] {
            puppet.say(state, number, 255, 3784);
        }
        assert_eq!(watch.soon(), Verdict::Passed);
        puppet.say(ADMIN_DOWN, number, 255, 3784);
        let why = "BFD session b is administratively down at 127.0.0.2";
        assert_eq!(watch.soon(), Verdict::Unasked(why.to_owned()));
        // Its silence is no failure either, and its return is not one.
        assert_eq!(watch.next(Duration::from_secs(4)), None);
        puppet.say(DOWN, number, 255, 3784);
        assert_eq!(watch.next(500 * MS), None);
        puppet.say(UP, number, 255, 3784);
        assert_eq!(watch.soon(), Verdict::Passed);
    });
}

#[test]
fn a_packet_that_came_through_a_router_counts_for_nothing() {
    apart(|| {
        let puppet = Puppet::new(3784);
        let watch = Watch::new();
        watch.ask(1, &terms("127.0.0.2", Some("127.0.0.1")));
        let first = puppet.hear().unwrap();
        assert_eq!(first.state, DOWN);
        assert_eq!(first.from.ip(), IpAddr::from([127, 0, 0, 1]));
        assert!(first.from.port() >= 49152, "{first:?}");
        puppet.say(DOWN, NOBODY, 254, 3784);
        assert_eq!(puppet.hear().as_ref(), Some(&first));
        puppet.say(DOWN, NOBODY, 255, 3784);
        let at_once = Heard {
            state: INIT,
            ..first
        };
        assert_eq!(puppet.hear(), Some(at_once));
    });
}

#[test]
fn a_packet_for_another_session_counts_for_nothing() {
    apart(|| {
        let puppet = Puppet::new(3784);
        let watch = Watch::new();
        watch.ask(1, &terms("127.0.0.2", Some("127.0.0.1")));
        let first = puppet.hear().unwrap();
        let mut other = first.number;
        other[0] ^= 1;
        puppet.say(DOWN, other, 255, 3784);
        assert_eq!(puppet.hear().unwrap().state, DOWN);
        puppet.say(DOWN, first.number, 255, 3784);
        assert_eq!(puppet.hear().unwrap().state, INIT);
    });
}

#[test]
fn a_passive_end_waits_and_a_distant_one_has_another_port() {
    apart(|| {
        let puppet = Puppet::new(4784);
        let distant = Bfd {
            passive: true,
            multihop: true,
            hops: Hops {
                sent: NonZeroU8::MAX,
                least: 200,
            },
            ..terms("127.0.0.2", Some("127.0.0.1"))
        };
        let watch = Watch::new();
        watch.ask(1, &distant);
        assert_eq!(puppet.hear(), None);
        puppet.say(DOWN, NOBODY, 200, 4784);
        assert_eq!(puppet.hear().unwrap().state, INIT);
    });
}
