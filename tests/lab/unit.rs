//! The units of `examples/systemd` under a real service manager, on a real kernel.

use std::fs;
use std::process::Output;
use std::time::Duration;

use crate::stage::director::{Director, LVSCTL, example};
use crate::stage::process::Process;
use crate::stage::topology::{Topology, Vip};
use crate::stage::wait_until;

const SOON: Duration = Duration::from_mins(1);
/// How long the service manager may take to start, where the machine has much else to do.
const BOOT: Duration = Duration::from_mins(3);

/// A service manager whose services run on one director.
struct Manager<'a> {
    director: &'a Director,
    process: Process,
    /// The folder that it has as `/etc/keepalived`.
    folder: String,
}

impl<'a> Manager<'a> {
    /// With this file for the daemon.
    fn start(director: &'a Director, file: &str) -> Self {
        let folder = director.dir.join("etc");
        fs::create_dir_all(&folder).unwrap();
        let folder = folder.to_str().unwrap().to_owned();
        let process = director.spawn("systemd.log", &["tests/lab/systemd", &folder, LVSCTL]);
        let mut manager = Self {
            director,
            process,
            folder,
        };
        manager.write(file);
        let mut state = String::new();
        let booted = wait_until(BOOT, || {
            let output = manager.run(&["systemctl", "is-system-running"]);
            String::from_utf8_lossy(&output.stdout)
                .trim()
                .clone_into(&mut state);
            let ended = manager.process.ended();
            assert_eq!(ended, None, "{}", manager.process.log());
            ["running", "degraded"].contains(&&*state)
        });
        assert!(booted.is_ok(), "{state}: {}", manager.process.log());
        manager
    }

    fn write(&self, file: &str) {
        fs::write(format!("{}/keepalived.conf", self.folder), file).unwrap();
    }

    /// Runs a command where the services are.
    fn run(&self, line: &[&str]) -> Output {
        let pid = self.process.pid();
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
        let first = children.unwrap_or_default();
        let first = first.split_whitespace().next().unwrap_or("0").to_owned();
        let mut whole = vec!["nsenter", "-t", &first, "-m", "-p", "-i", "-u", "-C"];
        whole.extend(line);
        self.director.run(&whole)
    }

    fn ask(&self, line: &[&str]) -> String {
        let output = self.run(line);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let err = text(&output.stderr);
        assert!(output.status.success(), "{line:?}: {err}{}", self.journal());
        text(&output.stdout)
    }

    fn journal(&self) -> String {
        let output = self.run(&["journalctl", "-u", "lvsctl", "--no-pager", "-o", "cat"]);
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn property(&self, name: &str) -> String {
        let text = self.ask(&["systemctl", "show", "--value", "-p", name, "lvsctl"]);
        text.trim().to_owned()
    }

    /// Waits until a property of the service has these words in it.
    fn has(&self, name: &str, words: &str) {
        let has = wait_until(SOON, || self.property(name).contains(words));
        assert!(has.is_ok(), "{}\n{}", self.property(name), self.journal());
    }
}

/// The seed file, asked often.
fn seed() -> String {
    example("dr-master.conf").replace("delay_loop 10", "delay_loop 1")
}

#[test]
fn the_unit_serves_as_a_user_of_its_own_through_reload_crash_and_stop() {
    let mut lab = Topology::up(Vip::Fixed);
    let manager = Manager::start(&lab.dir1, &seed());
    manager.ask(&["systemctl", "start", "lvsctl"]);
    for index in 0..3 {
        lab.dir1.wait_weight(index, Some(1), SOON);
    }
    manager.has("StatusText", "3 of 3 servers up");
    let sysctl = "net.ipv4.vs.expire_quiescent_template";
    assert_eq!(lab.dir1.read_sysctl(sysctl), "1", "{}", manager.journal());
    let first = manager.property("MainPID");
    let status = manager.ask(&["cat", &format!("/proc/{first}/status")]);
    let user = manager.ask(&["id", "-u", "lvsctl"]);
    let user = user.trim();
    for line in [
        &format!("Uid:\t{user}\t{user}\t{user}\t{user}\n"),
        "CapEff:\t0000000000001000\n",
        "CapBnd:\t0000000000001000\n",
        "NoNewPrivs:\t1\n",
    ] {
        assert!(status.contains(line), "{line}{status}");
    }

    lab.webs[0].kill();
    lab.dir1.wait_weight(0, Some(0), SOON);
    manager.has("StatusText", "2 of 3 servers up");
    manager.write(&seed().replace("weight 1", "weight 5"));
    manager.ask(&["systemctl", "reload", "lvsctl"]);
    lab.dir1.wait_weight(1, Some(5), SOON);
    manager.write(&seed()[..900]);
    manager.ask(&["systemctl", "reload", "lvsctl"]);
    manager.has(
        "StatusText",
        "reload refused: /etc/keepalived/keepalived.conf:45",
    );
    manager.write(&seed().replace("weight 1", "weight 5"));

    let before = lab.dir1.table();
    manager.ask(&[
        "systemctl",
        "kill",
        "-s",
        "KILL",
        "--kill-who=main",
        "lvsctl",
    ]);
    let again = wait_until(SOON, || {
        manager.property("SubState") == "running" && manager.property("MainPID") != first
    });
    assert!(again.is_ok(), "{}", manager.journal());
    assert_eq!(lab.dir1.table(), before);
    manager.ask(&["systemctl", "stop", "lvsctl"]);
    assert_eq!(lab.dir1.table(), before);
    let state = manager.ask(&["find", "/run/lvsctl", "-name", "health.json"]);
    assert!(!state.is_empty(), "it outlives a stop");
    manager.ask(&["systemctl", "start", "lvsctl"]);
    assert_eq!(lab.dir1.table(), before, "{}", manager.journal());
    manager.has("StatusText", "2 of 3 servers up");
}

#[test]
fn with_the_drop_in_scripts_run_as_whom_the_file_names() {
    let lab = Topology::up(Vip::Fixed);
    let check = "TCP_CHECK {\n\t      connect_timeout 5\n\t      connect_port 80\n";
    let script = |line: &str| format!("MISC_CHECK {{\n\t      misc_path \"{line}\"\n");
    let mut file = seed();
    for line in ["/usr/bin/touch /run/asked/by", "/bin/false", "/bin/true"] {
        file = file.replacen(check, &script(line), 1);
    }
    let file = format!("global_defs {{\nscript_user nobody\n}}\n{file}");
    let manager = Manager::start(&lab.dir1, &file);
    // The unit as it is becomes nobody else: no server goes out for that, and it says what helps.
    manager.ask(&["systemctl", "start", "lvsctl"]);
    let remedy = "remedy: start the daemon as root, with --user";
    let said = wait_until(SOON, || manager.journal().matches(remedy).count() >= 3);
    assert!(said.is_ok(), "{}", manager.journal());
    assert_eq!(lab.dir1.weight(1), Some(1));
    manager.ask(&["mkdir", "-m", "777", "/run/asked"]);
    let folder = "/run/systemd/system/lvsctl.service.d";
    manager.ask(&["mkdir", folder]);
    manager.ask(&["cp", "/run/units/scripts.conf", folder]);
    manager.ask(&["systemctl", "stop", "lvsctl"]);
    manager.ask(&["systemctl", "daemon-reload"]);
    manager.ask(&["systemctl", "start", "lvsctl"]);
    lab.dir1.wait_weight(1, Some(0), SOON);
    let asked = wait_until(SOON, || {
        let output = manager.run(&["stat", "-c", "%U", "/run/asked/by"]);
        output.stdout == b"nobody\n"
    });
    assert!(asked.is_ok(), "{}", manager.journal());
    assert_eq!([0, 2].map(|index| lab.dir1.weight(index)), [Some(1); 2]);
    let daemon = manager.property("MainPID");
    let status = manager.ask(&["cat", &format!("/proc/{daemon}/status")]);
    let user = manager.ask(&["id", "-u", "lvsctl"]);
    assert!(
        status.contains(&format!("Uid:\t{}\t", user.trim())),
        "{status}"
    );
}
