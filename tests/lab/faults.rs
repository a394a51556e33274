//! What the host refuses or takes away while a daemon balances: it keeps forwarding, says so once,
//! and is whole again by itself.

use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use lvsctl::model::table::Pool;
use rustix::process::Signal;

use crate::stage::client::{SLOW, Transfer, WHOLE};
use crate::stage::director::{Director, example};
use crate::stage::host::Host;
use crate::stage::process::Process;
use crate::stage::topology::{Topology, Vip, prefix};
use crate::stage::{VIP, wait_until};

const SOON: Duration = Duration::from_mins(1);

fn run(line: &[&str]) {
    let output = Command::new(line[0]).args(&line[1..]).output().unwrap();
    assert!(output.status.success(), "{line:?}: {output:?}");
}

/// A file system of a few pages, gone when dropped.
struct Small(PathBuf);

impl Small {
    fn mount(at: &str) -> Self {
        fs::create_dir_all(at).unwrap();
        run(&["mount", "-t", "tmpfs", "-o", "size=32k", "small", at]);
        Self(at.into())
    }

    /// Nothing can be written below its name, though what is open stays so.
    fn read_only(&self) -> ReadOnly {
        let at = self.0.to_str().unwrap();
        run(&["mount", "--bind", at, at]);
        run(&["mount", "-o", "remount,bind,ro", at]);
        ReadOnly(self.0.clone())
    }

    fn fill(&self) {
        let _ = fs::write(self.0.join("ballast"), vec![0; 1 << 20]);
    }

    fn empty(&self) {
        fs::remove_file(self.0.join("ballast")).unwrap();
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        unmount(&self.0);
    }
}

/// A second mount over another, gone when dropped.
struct ReadOnly(PathBuf);

impl Drop for ReadOnly {
    fn drop(&mut self) {
        unmount(&self.0);
    }
}

/// Whoever holds a file there keeps it.
fn unmount(at: &Path) {
    let _ = Command::new("umount").arg("-l").arg(at).status();
}

fn count(daemon: &Process, words: &str) -> usize {
    daemon.log().matches(words).count()
}

fn says_once_more(daemon: &Process, words: &str, before: usize) {
    let said = wait_until(SOON, || count(daemon, words) > before);
    assert!(
        said.is_ok(),
        "never said {words:?} again:\n{}",
        daemon.log()
    );
    assert_eq!(count(daemon, words), before + 1, "{}", daemon.log());
}

/// Every file whole, and none half written.
fn whole(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let end = path.extension().and_then(|end| end.to_str());
        assert_ne!(end, Some("new"), "{}", path.display());
        if end == Some("json") {
            let text = fs::read_to_string(&path).unwrap();
            serde_json::from_str::<serde_json::Value>(&text).unwrap();
        }
    }
}

#[test]
fn a_state_directory_full_read_only_or_removed_stops_nothing() {
    const CANNOT: &str = "verdicts cannot be written down";
    const AGAIN: &str = "verdicts are written down again";
    let mut lab = Topology::up(Vip::Fixed);
    let state = lab.dir1.state_dir();
    let small = Small::mount(&state);
    let file = lab.dir1.write(
        "dr.conf",
        &example("dr-master.conf").replace("delay_loop 10", "delay_loop 2"),
    );
    let mut daemon = lab.dir1.daemon(&file, &[]);
    let folder = fs::read_dir(&state)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();

    small.fill();
    lab.webs[0].kill();
    lab.dir1.wait_weight(0, Some(0), SOON);
    daemon.says(CANNOT, SOON);
    lab.restart_web(0);
    lab.dir1.wait_weight(0, Some(1), SOON);
    assert_eq!(count(&daemon, CANNOT), 1, "{}", daemon.log());
    whole(&folder);
    // One that starts now has the lock, though not a page for its number.
    daemon.kill();
    daemon = lab.dir1.daemon(&file, &[]);
    let other = lab.dir1.lvsctl("apply", &[&file]);
    assert_eq!(other.status.code(), Some(2), "{other:?}");
    daemon.says(CANNOT, SOON);
    small.empty();
    daemon.says(AGAIN, SOON);
    whole(&folder);

    let read_only = small.read_only();
    let before = count(&daemon, CANNOT);
    lab.webs[0].kill();
    lab.dir1.wait_weight(0, Some(0), SOON);
    says_once_more(&daemon, CANNOT, before);
    daemon.kill();
    daemon = lab.dir1.daemon(&file, &[]);
    assert_eq!(lab.dir1.weight(0), Some(0), "by the kernel's table");
    lab.restart_web(0);
    lab.dir1.wait_weight(0, Some(1), SOON);
    drop(read_only);
    daemon.says(AGAIN, SOON);

    fs::remove_dir_all(&folder).unwrap();
    daemon.says("the state directory was removed: made again", SOON);
    let owned = || folder.join("owned.json").exists();
    assert!(wait_until(SOON, owned).is_ok(), "{}", daemon.log());
    let other = lab.dir1.lvsctl("apply", &[&file]);
    let said = String::from_utf8_lossy(&other.stderr).into_owned();
    assert!(said.contains(&daemon.pid().to_string()), "{said}");
    for n in 1..=3 {
        lab.server_of(n);
    }

    daemon.kill();
    small.fill();
    let more = example("dr-master.conf").replace(VIP, "192.168.1.77");
    let file = lab.dir1.write("more.conf", &more);
    let before = lab.dir1.table();
    let refused = lab.dir1.lvsctl("apply", &[&file]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.contains("nothing was changed"), "{said}");
    assert_eq!(lab.dir1.table(), before);
}

/// The clock on the wall, years there and back: neither a drain nor a round takes notice.
#[test]
fn a_clock_that_is_set_ends_no_drain() {
    let lab = Topology::up(Vip::Fixed);
    // What was closed is remembered for two minutes otherwise.
    let seed = example("dr-master.conf");
    let seed = format!("global_defs {{\nlvs_timeouts tcpfin 3\n}}\n{seed}");
    let file = lab.dir1.write("dr.conf", &seed);
    let daemon = lab
        .dir1
        .daemon(&file, &["--removal-grace", "300", "--resync", "2"]);
    let transfer = Transfer::start(&lab.clients[0], &format!("{VIP}:80"), SLOW);
    let leaving = lab.server_of(1);
    let from = seed
        .find(&format!("real_server 192.168.1.{}", 50 + leaving))
        .unwrap();
    let end = from + seed[from..].find("\n\t}").unwrap() + 3;
    let less = format!("{}{}", &seed[..from], &seed[end..]);
    lab.dir1.write("dr.conf", &less);
    daemon.signal(Signal::HUP);
    lab.dir1.wait_weight(leaving, Some(0), SOON);
    let other = (leaving + 1) % 3;
    for jump in ["+3 years", "-3 years"] {
        lab.dir1.ask(&["date", "-s", jump]);
        // Rounds go on in their rhythm: what is changed is repaired.
        lab.dir1.weigh_by_hand(other, 9);
        lab.dir1.wait_weight(other, Some(1), SOON);
        assert_eq!(lab.dir1.weight(leaving), Some(0), "after {jump}");
    }
    assert_eq!(transfer.end(Duration::from_secs(90)), WHOLE);
    lab.dir1.wait_weight(leaving, None, SOON);
    let log = daemon.log();
    assert!(!log.contains("server is down"), "{log}");
}

/// Accepts on one port of every address of a host until told to stop.
fn answering(host: &Host, port: u16) -> (Arc<AtomicBool>, thread::JoinHandle<()>) {
    let stop = Arc::new(AtomicBool::new(false));
    let listener = host.inside(|| TcpListener::bind(("0.0.0.0", port)).unwrap());
    rustix::net::listen(&listener, 4096).unwrap();
    listener.set_nonblocking(true).unwrap();
    let told = Arc::clone(&stop);
    let thread = thread::spawn(move || {
        while !told.load(Ordering::Relaxed) {
            match listener.accept() {
                Ok(_) => {}
                Err(_) => thread::sleep(Duration::from_millis(2)),
            }
        }
    });
    (stop, thread)
}

/// In a soak 10,000 checks with 1,024 descriptors, else a fifth with 256.
#[test]
fn more_checks_than_descriptors_are_all_made() {
    let soak = std::env::var_os("LVSCTL_SOAK").is_some();
    let (pools, limit) = if soak { (100, "1024") } else { (20, "256") };
    let director = Director::new(Host::new(&prefix(), "many"));
    director.ip("link set lo up\n");
    let mut conf = String::new();
    for pool in 0..pools {
        let _ = write!(
            conf,
            "virtual_server 10.0.0.{pool} 80 {{\n delay_loop 5\n retry 0\n lb_algo rr\n lb_kind DR\n protocol TCP\n"
        );
        for server in 0..100 {
            let _ = writeln!(
                conf,
                " real_server 127.1.{pool}.{} 80 {{\n  TCP_CHECK {{ connect_port 81\n connect_timeout 3 }}\n }}",
                server + 1
            );
        }
        conf.push_str("}\n");
    }
    let file = director.write("many.conf", &conf);
    let (stop, server) = answering(&director, 81);
    let nofile = format!("--nofile={limit}:{limit}");
    let daemon = director.daemon_under(&["prlimit", &nofile], &file, &[]);
    daemon.says("not all checks fit at one time", SOON);
    let serving = || -> usize {
        let table = director.table();
        let pools = table.values().map(|service| &service.pool);
        let weights = pools.flat_map(Pool::iter);
        weights.filter(|(_, dest)| dest.weight.get() > 0).count()
    };
    let all = pools * 100;
    let patience = SOON * if soak { 10 } else { 3 };
    let up = wait_until(patience, || serving() == all);
    assert!(up.is_ok(), "{} of {all}", serving());
    thread::sleep(Duration::from_secs(6));
    let log = daemon.log();
    for wrong in ["server is down", "cannot be made", "cannot be written"] {
        assert!(!log.contains(wrong), "{wrong}:\n{log}");
    }
    stop.store(true, Ordering::Relaxed);
    server.join().unwrap();
    let down = wait_until(patience, || serving() == 0);
    assert!(down.is_ok(), "{} of {all} are not found down", serving());
    assert!(
        !daemon.log().contains("cannot be made"),
        "a check was not made"
    );
}

/// Processor time that a process took until now.
fn spent(daemon: &Process) -> Duration {
    let text = fs::read_to_string(format!("/proc/{}/stat", daemon.pid())).unwrap();
    let (_, rest) = text.rsplit_once(')').unwrap();
    let ticks = rest.split_whitespace().skip(11).take(2);
    let ticks: u64 = ticks.map(|ticks| ticks.parse::<u64>().unwrap()).sum();
    Duration::from_millis(ticks * 1000 / rustix::param::clock_ticks_per_second())
}

/// One server that the kernel never takes: its neighbours are checked and repaired as ever, and the
/// daemon rests between.
#[test]
fn a_server_that_the_kernel_refuses_holds_nothing_up() {
    let director = Director::new(Host::new(&prefix(), "refused"));
    director.ip("link set lo up\n");
    let conf = "virtual_server 192.0.2.1 80 {\n delay_loop 1\n retry 0\n lb_algo rr\n lb_kind DR\n protocol TCP\n \
         inhibit_on_failure\n real_server 127.1.0.1 80 {\n  TCP_CHECK {\n   connect_port 81\n   connect_timeout 1\n  }\n }\n \
         real_server 127.1.0.2 80 {\n }\n real_server 224.0.0.1 80 {\n }\n}\n";
    let file = director.write("refused.conf", conf);
    let (stop, server) = answering(&director, 81);
    let daemon = director.daemon(&file, &["--canary", "1"]);
    daemon.says("refused by the kernel", SOON);
    let weighs = |address: &str, weight| director.weights().get(address) == Some(&weight);
    let came = wait_until(SOON, || weighs("127.1.0.1", 1));
    assert!(came.is_ok(), "{}", daemon.log());

    // Time enough that it has come to be tried rarely.
    thread::sleep(Duration::from_secs(4));
    let before = spent(&daemon);
    thread::sleep(Duration::from_secs(6));
    let took = spent(&daemon).saturating_sub(before);
    assert!(took < Duration::from_secs(3), "{took:?} of 6 s");

    let edit = "ipvsadm -e -t 192.0.2.1:80 -r 127.1.0.2:80 -g -w 7";
    director.ask(&edit.split(' ').collect::<Vec<_>>());
    daemon.says("somebody else had changed the real server", SOON);
    assert!(weighs("127.1.0.2", 1), "{}", daemon.log());
    stop.store(true, Ordering::Relaxed);
    server.join().unwrap();
    let went = wait_until(SOON, || weighs("127.1.0.1", 0));
    assert!(went.is_ok(), "{}", daemon.log());
    assert_eq!(
        count(&daemon, "refused by the kernel"),
        1,
        "{}",
        daemon.log()
    );
    daemon.signal(Signal::USR1);
    daemon.says("the kernel refuses just now", SOON);
}
