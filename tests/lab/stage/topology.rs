use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::VIP;
use super::client::get;
use super::director::Director;
use super::host::Host;
use super::web::Web;

/// The laboratory of the seed files: two directors, three real servers with a web server each,
/// nine clients, all on one bridge 192.168.1.0/24.
///
/// Every topology has names of its own, so that tests run side by side.
#[derive(Debug)]
pub struct Topology {
    pub dir1: Director,
    pub dir2: Director,
    pub webs: Vec<Web>,
    pub real: Vec<Host>,
    pub clients: Vec<Host>,
    _lan: Host,
}

static COUNT: AtomicUsize = AtomicUsize::new(0);

/// A name that no other test of this boot has.
pub fn prefix() -> String {
    format!("t{}", COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Who brings the VIP up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vip {
    /// It is on the first director.
    Fixed,
    /// VRRP will say.
    Vrrp,
}

impl Topology {
    pub fn up(vip: Vip) -> Self {
        Self::named(&prefix(), vip)
    }

    pub fn named(prefix: &str, vip: Vip) -> Self {
        let lan = Host::new(prefix, "lan");
        let host = |name: &str| Host::new(prefix, name);
        let real: Vec<Host> = (1..=3).map(|n| host(&format!("rs{n}"))).collect();
        let clients: Vec<Host> = (1..=9).map(|n| host(&format!("c{n}"))).collect();
        let (dir1, dir2) = (host("dir1"), host("dir2"));
        let mut addressed = vec![(&dir1, 21), (&dir2, 22)];
        addressed.extend(real.iter().zip(50..));
        addressed.extend(clients.iter().zip(101..));

        let mut wires = String::from("link add br0 type bridge\nlink set br0 up\n");
        for (host, last) in &addressed {
            let name = &host.name;
            let _ = writeln!(
                wires,
                "link add p{last} type veth peer name eth0 netns {name}"
            );
            let _ = writeln!(wires, "link set p{last} master br0 up");
        }
        lan.ip(&wires);
        for host in &real {
            // Before the VIP is there: an answer to one ARP request spoils the rest.
            host.sysctl("net.ipv4.conf.all.arp_ignore", "1");
            host.sysctl("net.ipv4.conf.all.arp_announce", "2");
        }
        for (host, last) in &addressed {
            host.ip(&format!(
                "link set lo up\naddr add 192.168.1.{last}/24 dev eth0\nlink set eth0 up\n"
            ));
        }
        for host in &real {
            host.ip(&format!("addr add {VIP}/32 dev lo\n"));
        }
        if vip == Vip::Fixed {
            dir1.ip(&format!("addr add {VIP}/24 dev eth0\n"));
        }
        let names = ["rs1", "rs2", "rs3"];
        let webs: Vec<Web> = real
            .iter()
            .zip(names)
            .map(|(host, name)| Web::start(host, name))
            .collect();
        real.iter().for_each(Web::wait);
        Self {
            dir1: Director::new(dir1),
            dir2: Director::new(dir2),
            webs,
            real,
            clients,
            _lan: lan,
        }
    }

    /// What client number `n`, from 1, gets from the VIP.
    pub fn get(&self, n: usize) -> std::io::Result<String> {
        get(&self.clients[n - 1], &format!("{VIP}:80"), "/")
    }

    /// Which web server, from 0, a client is answered by.
    pub fn server_of(&self, n: usize) -> usize {
        let name = self
            .get(n)
            .unwrap_or_else(|e| panic!("client {n} is not served: {e}"));
        index_of(&name)
    }

    pub fn restart_web(&mut self, index: usize) {
        self.webs[index] = Web::start(&self.real[index], &format!("rs{}", index + 1));
        Web::wait(&self.real[index]);
    }
}

/// Which web server, from 0, a page names.
pub fn index_of(name: &str) -> usize {
    let number = name
        .strip_prefix("rs")
        .and_then(|n| n.parse::<usize>().ok());
    number.unwrap_or_else(|| panic!("{name} is no server")) - 1
}
