//! The daemon without the rights of root, on a real kernel.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::chown;
use std::time::Duration;

use lvsctl::sys::privileges::CapabilitySet;
use rustix::process::{Pid, Signal, kill_process};

use crate::stage::director::{Director, example};
use crate::stage::process::Process;
use crate::stage::topology::{Topology, Vip};
use crate::stage::wait_until;

const SOON: Duration = Duration::from_mins(1);
const NOBODY: u32 = 65_534;
const DAEMON: u32 = 1;

/// The seed file, asked often.
fn seed() -> String {
    example("dr-master.conf").replace("delay_loop 10", "delay_loop 1")
}

/// What the kernel says of every thread of a process, each line by its name.
fn threads(process: u32) -> Vec<BTreeMap<String, String>> {
    let tasks = fs::read_dir(format!("/proc/{process}/task")).unwrap();
    let tasks = tasks.map(|task| {
        let text = fs::read_to_string(task.unwrap().path().join("status")).unwrap();
        let lines = text.lines().filter_map(|line| line.split_once(':'));
        let lines = lines.map(|(name, value)| {
            let words: Vec<&str> = value.split_whitespace().collect();
            (name.to_owned(), words.join(" "))
        });
        lines.collect()
    });
    tasks.collect()
}

/// Holds every thread of a process to one table.
fn all_have(process: u32, user: u32, capabilities: CapabilitySet, seccomp: &str) {
    let threads = threads(process);
    assert!(
        threads.len() >= 7,
        "kernel, store, checks and more: {threads:?}"
    );
    let (some, none) = (format!("{:016x}", capabilities.bits()), "0".repeat(16));
    for thread in threads {
        let name = &thread["Name"];
        for (line, want) in [
            ("Uid", &format!("{user} {user} {user} {user}")),
            ("CapPrm", &some),
            ("CapEff", &some),
            ("CapBnd", &some),
            ("CapInh", &none),
            ("CapAmb", &none),
            ("NoNewPrivs", &"1".to_owned()),
            ("Seccomp", &seccomp.to_owned()),
        ] {
            assert_eq!(&thread[line], want, "{line} of thread {name}");
        }
    }
}

/// Fills a table, follows a server, reloads, and goes on after a crash.
fn serves(lab: &mut Topology, file: &str, start: &dyn Fn(&Director) -> Process) -> Process {
    let mut daemon = start(&lab.dir1);
    for index in 0..3 {
        lab.dir1.wait_weight(index, Some(1), SOON);
    }
    let sysctl = "net.ipv4.vs.expire_quiescent_template";
    assert_eq!(lab.dir1.read_sysctl(sysctl), "1", "{}", daemon.log());
    lab.webs[0].kill();
    lab.dir1.wait_weight(0, Some(0), SOON);
    fs::write(file, seed().replace("weight 1", "weight 5")).unwrap();
    daemon.signal(Signal::HUP);
    lab.dir1.wait_weight(1, Some(5), SOON);
    daemon.kill();
    let before = lab.dir1.table();
    let daemon = start(&lab.dir1);
    assert_eq!(lab.dir1.table(), before);
    lab.restart_web(0);
    lab.dir1.wait_weight(0, Some(5), SOON);
    for word in ["cannot be set", "cannot be written", "not used", "denied"] {
        assert!(!daemon.log().contains(word), "{}", daemon.log());
    }
    daemon
}

#[test]
fn as_a_user_of_its_own_it_does_all_it_has_to() {
    let mut lab = Topology::up(Vip::Fixed);
    let file = lab.dir1.write("dr.conf", &seed());
    let start = |director: &Director| director.daemon(&file, &["--user", "nobody"]);
    let daemon = serves(&mut lab, &file, &start);
    all_have(daemon.pid(), NOBODY, CapabilitySet::NET_ADMIN, "2");

    let tcp = "TCP_CHECK {\n\t      connect_timeout 5\n\t      connect_port 80\n";
    let echo = seed().replacen(tcp, "PING_CHECK {\nconnect_timeout 1\n", 1);
    assert_ne!(echo, seed());
    fs::write(&file, &echo).unwrap();
    daemon.signal(Signal::HUP);
    daemon.says("needs CAP_NET_RAW, which was given up at start", SOON);
    drop(daemon);
    let low = "TCP_CHECK {\nbindto 192.168.1.21\nbind_port 1001\n";
    fs::write(&file, echo.replacen("TCP_CHECK {", low, 1)).unwrap();
    let daemon = start(&lab.dir1);
    let more = CapabilitySet::NET_RAW | CapabilitySet::NET_BIND_SERVICE;
    all_have(daemon.pid(), NOBODY, CapabilitySet::NET_ADMIN | more, "2");
    lab.real[0].ip("link set eth0 down\n");
    lab.dir1.wait_weight(0, Some(0), SOON);
    assert!(
        !daemon.log().contains("bind_port from 1024 on"),
        "{}",
        daemon.log()
    );
}

/// What a service manager does with `User=`, `AmbientCapabilities=` and their kin.
#[test]
fn started_without_root_it_needs_one_capability() {
    let mut lab = Topology::up(Vip::Fixed);
    let file = lab.dir1.write("dr.conf", &seed());
    let state = lab.dir1.state_dir();
    fs::create_dir(&state).unwrap();
    chown(&state, Some(NOBODY), Some(NOBODY)).unwrap();
    let front = [
        "setpriv",
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        "--inh-caps=-all,+net_admin",
        "--ambient-caps=-all,+net_admin",
        "--bounding-set=-all,+net_admin",
        "--no-new-privs",
    ];
    let start = |director: &Director| director.daemon_under(&front, &file, &[]);
    let daemon = serves(&mut lab, &file, &start);
    all_have(daemon.pid(), NOBODY, CapabilitySet::NET_ADMIN, "2");
}

#[test]
fn root_that_stays_root_gives_up_what_has_nothing_to_do_with_files() {
    let lab = Topology::up(Vip::Fixed);
    let file = lab.dir1.write("dr.conf", &seed());
    let files = CapabilitySet::CHOWN | CapabilitySet::DAC_OVERRIDE | CapabilitySet::FOWNER;
    for (option, seccomp) in [("--strict", "2"), ("--no-sandbox", "0")] {
        let daemon = lab.dir1.daemon(&file, &[option]);
        all_have(daemon.pid(), 0, CapabilitySet::NET_ADMIN | files, seccomp);
        lab.dir1.wait_weight(2, Some(1), SOON);
    }
}

/// The process that runs scripts keeps the rights of root, and can be started again by a daemon
/// that has none and may execute nothing.
#[test]
fn scripts_have_their_users_and_a_fifo_its_lines_whoever_the_daemon_is() {
    let lab = Topology::up(Vip::Fixed);
    let folder = lab.dir1.dir.join("own");
    fs::create_dir(&folder).unwrap();
    chown(&folder, Some(DAEMON), None).unwrap();
    let fifos = lab.dir1.dir.join("fifos");
    fs::create_dir(&fifos).unwrap();
    chown(&fifos, Some(NOBODY), None).unwrap();
    let (who, fifo) = (folder.join("who"), fifos.join("events"));
    let body = format!("#!/bin/sh\necho $(id -u) $PPID >>{}\n", who.display());
    let script = lab.dir1.write("check", &body);
    lab.dir1.ask(&["chmod", "755", &script]);
    let misc = format!("MISC_CHECK {{\nmisc_path {script}\nuser daemon\n}}\nTCP_CHECK {{");
    let conf = format!(
        "global_defs {{\nlvs_notify_fifo {} nobody\n}}\n{}",
        fifo.display(),
        seed().replacen("TCP_CHECK {", &misc, 1)
    );
    let file = lab.dir1.write("scripts.conf", &conf);
    let daemon = lab.dir1.daemon(&file, &["--user", "nobody"]);
    all_have(daemon.pid(), NOBODY, CapabilitySet::NET_ADMIN, "2");
    let reader = lab
        .dir1
        .spawn("events.log", &["cat", fifo.to_str().unwrap()]);

    let runs = || fs::read_to_string(&who).unwrap_or_default();
    let parent = || {
        let runs = runs();
        let last = runs.lines().last()?.split_once(' ')?;
        assert_eq!(last.0, DAEMON.to_string());
        last.1.parse::<i32>().ok()
    };
    assert!(
        wait_until(SOON, || parent().is_some()).is_ok(),
        "{}",
        daemon.log()
    );
    let process = parent().unwrap();
    let status = &threads(process.cast_unsigned())[0];
    assert_eq!(
        (status["Uid"].as_str(), status["NoNewPrivs"].as_str()),
        ("0 0 0 0", "0")
    );
    kill_process(Pid::from_raw(process).unwrap(), Signal::KILL).unwrap();
    daemon.says("the process that runs scripts is started again", SOON);
    let other = || parent().is_some_and(|parent| parent != process);
    assert!(wait_until(SOON, other).is_ok(), "{}", daemon.log());

    daemon.signal(Signal::HUP);
    daemon.says("reloaded", SOON);
    fs::write(&script, "#!/bin/sh\nexit 1\n").unwrap();
    reader.says("DOWN", SOON);
    lab.dir1.wait_weight(0, Some(0), SOON);

    let elsewhere = conf.replace(fifo.to_str().unwrap(), "/tmp/lab/elsewhere");
    fs::write(&file, elsewhere).unwrap();
    daemon.signal(Signal::HUP);
    daemon.says(
        "nothing more may be written in /tmp/lab since the start",
        SOON,
    );
}
