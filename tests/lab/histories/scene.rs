use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::server::{Kind, Server};
use crate::stage::host::Host;

/// Servers have the addresses 192.168.1.51 to 192.168.1.59 and are called rs1 to rs9.
pub const SERVERS: &str = "192.168.1.5";
const COUNT: usize = 9;

/// Where one history is told: three network namespaces on one bridge, one for all servers, one for
/// each director.
///
/// The folder `/srv` is the same for both directors and holds what a history writes; the folder
/// `/mnt` is each one's own. So both read one file, and yet have FIFOs and scripts apart.
pub struct Scene {
    servers_host: Host,
    servers: Vec<Server>,
    pub keepalived: Host,
    pub lvsctl: Host,
    shared: PathBuf,
}

/// Called with words that say what happened, leaves a line with the time since boot and the words.
const NOTIFY: &str = "#!/bin/sh
read -r up idle </proc/uptime
echo \"$up $*\" >>/mnt/scripts
";

/// Ends with the status that stands in a file of `/srv`.
const STATUS: &str = "#!/bin/sh
read -r status <\"/srv/$1\"
exit \"$status\"
";

/// Ends well, after the seconds that stand in a file of `/srv`.
const SLOW: &str = "#!/bin/sh
read -r seconds <\"/srv/$1\"
sleep \"$seconds\"
";

impl Scene {
    pub fn new(prefix: &str) -> Self {
        let servers_host = Host::new(prefix, "servers");
        let (keepalived, lvsctl) = (Host::new(prefix, "keepalived"), Host::new(prefix, "lvsctl"));
        let mut wires = String::from(
            "link set lo up\nlink add lan type bridge\naddr add 192.168.1.1/24 dev lan\n",
        );
        for (host, name) in [(&keepalived, "wire1"), (&lvsctl, "wire2")] {
            let _ = writeln!(
                wires,
                "link add {name} type veth peer name lan netns {}",
                host.name
            );
            let _ = writeln!(wires, "link set {name} master lan up");
        }
        for number in 1..=COUNT {
            let _ = writeln!(wires, "addr add {SERVERS}{number}/32 dev lan");
        }
        wires.push_str("link set lan up\n");
        servers_host.ip(&wires);
        for (host, number) in [(&keepalived, 21), (&lvsctl, 22)] {
            host.ip(&format!(
                "link set lo up\naddr add 192.168.1.{number}/24 dev lan\nlink set lan up\n\
                 addr add 192.168.1.20/32 dev lo\n"
            ));
        }
        let shared = servers_host.dir.join("shared");
        for folder in [&shared, &own(&keepalived), &own(&lvsctl)] {
            fs::create_dir_all(folder).unwrap();
        }
        let scene = Self {
            servers: (1..=COUNT)
                .map(|number| Server::new(&servers_host, number))
                .collect(),
            servers_host,
            keepalived,
            lvsctl,
            shared,
        };
        scene.script("notify", NOTIFY);
        scene.script("status", STATUS);
        scene.script("slow", SLOW);
        for host in [&scene.keepalived, &scene.lvsctl] {
            // There before either program, so that no line is lost and none is read twice.
            let fifo = own(host).join("fifo");
            rustix::fs::mknodat(
                rustix::fs::CWD,
                &fifo,
                rustix::fs::FileType::Fifo,
                rustix::fs::Mode::from_raw_mode(0o600),
                0,
            )
            .unwrap();
        }
        scene
    }

    pub fn start(&mut self, numbers: &[usize], kind: Option<Kind>) {
        for number in numbers {
            self.servers[number - 1].start(&self.servers_host, kind);
        }
    }

    pub fn kill(&mut self, numbers: &[usize]) {
        for number in numbers {
            self.servers[number - 1].kill(&self.servers_host);
        }
    }

    /// No answer of a silent server gets anywhere.
    pub fn silence(&self, numbers: &[usize]) {
        self.rules("add", numbers);
    }

    pub fn speak(&self, numbers: &[usize]) {
        self.rules("del", numbers);
    }

    fn rules(&self, verb: &str, numbers: &[usize]) {
        let mut rules = String::new();
        for number in numbers {
            let _ = writeln!(rules, "rule {verb} from {SERVERS}{number} blackhole");
        }
        self.servers_host.ip(&rules);
    }

    pub fn publish(&self, number: usize, page: &str) {
        self.servers[number - 1].publish(page);
    }

    pub fn withdraw(&self, number: usize, page: &str) {
        self.servers[number - 1].withdraw(page);
    }

    /// Replaces a file of `/srv` at once.
    pub fn write(&self, name: &str, text: &str) {
        let (path, beside) = (self.shared.join(name), self.shared.join(".new"));
        fs::write(&beside, text).unwrap();
        fs::rename(beside, path).unwrap();
    }

    pub fn erase(&self, name: &str) {
        fs::remove_file(self.shared.join(name)).unwrap();
    }

    fn script(&self, name: &str, text: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.shared.join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// What goes in front of the program of a director, so that it finds its folders. busybox has no
    /// libraries to load, which under emulation takes longer than all the rest.
    pub fn front(&self, host: &Host) -> Vec<String> {
        let (shared, own) = (self.shared.display(), own(host));
        let mount = format!(
            "busybox mount -o bind {shared} /srv && busybox mount -o bind {} /mnt && exec \"$@\"",
            own.display()
        );
        [
            "busybox", "unshare", "-m", "busybox", "sh", "-c", &mount, "sh",
        ]
        .map(str::to_owned)
        .to_vec()
    }
}

/// The folder that a director sees as `/mnt`.
pub fn own(host: &Host) -> PathBuf {
    Path::new(&host.dir).join("own")
}
