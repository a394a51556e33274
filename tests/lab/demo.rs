use std::io::Write;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::stage::VIP;
use crate::stage::client::{SLOW, Transfer};
use crate::stage::director::example;
use crate::stage::process::Process;
use crate::stage::topology::{Topology, Vip, index_of};

/// A web server dies under traffic, goes to weight 0, its clients move; it comes back.
pub fn tell() {
    let start = Instant::now();
    let say = |text: &str| {
        println!("\n[{:5.1} s] {text}", start.elapsed().as_secs_f64());
        std::io::stdout().flush().unwrap();
    };
    say("Building a network: two directors, three web servers, nine clients, one bridge.");
    let mut lab = Topology::up(Vip::Fixed);
    let file = lab
        .dir1
        .write("keepalived.conf", &example("dr-master.conf"));
    say("lvsctl plan examples/dr/dr-master.conf");
    print!(
        "{}",
        String::from_utf8_lossy(&lab.dir1.lvsctl("plan", &[&file]).stdout)
    );

    say("lvsctl daemon examples/dr/dr-master.conf");
    let daemon = lab.dir1.daemon(&file, &[]);
    let mut told = Told::default();
    told.rest(&daemon);
    table(&lab);

    say(&format!("Nine clients ask http://{VIP}/"));
    let before = ask(&lab);
    let victim = before[0].unwrap();
    let name = |index: usize| format!("rs{}", index + 1);
    let other = (1..9).find(|n| before[*n] != Some(victim)).unwrap();
    let transfer = Transfer::start(&lab.clients[other], &format!("{VIP}:80"), SLOW);
    println!("client {} begins a download that takes 40 s", other + 1);
    // The first check is over after a second and a random share of delay_loop.
    std::thread::sleep(Duration::from_secs(11));
    told.rest(&daemon);

    say(&format!("The web server on {} is killed.", name(victim)));
    lab.webs[victim].kill();
    let took = lab
        .dir1
        .wait_weight(victim, Some(0), Duration::from_secs(30));
    told.rest(&daemon);
    println!(
        "weight 0 after {:.1} s (delay_loop 10, one retry after 1 s)",
        took.as_secs_f64()
    );
    table(&lab);

    say("The nine clients ask again; those of the dead server have moved.");
    let after = ask(&lab);
    assert!(
        after
            .iter()
            .all(|server| server.is_some_and(|server| server != victim))
    );

    say(&format!("The web server on {} comes back.", name(victim)));
    lab.restart_web(victim);
    lab.dir1
        .wait_weight(victim, Some(1), Duration::from_secs(30));
    told.rest(&daemon);
    table(&lab);

    say("The daemon is told to stop: the table goes on forwarding.");
    daemon.signal(Signal::TERM);
    std::thread::sleep(Duration::from_secs(1));
    told.rest(&daemon);
    ask(&lab);
    let bytes = transfer.end(Duration::from_secs(90));
    say(&format!(
        "The download ended with all its {bytes} bytes. That is the whole story."
    ));
}

/// The daemon's own words, each once.
#[derive(Default)]
struct Told(usize);

impl Told {
    fn rest(&mut self, daemon: &Process) {
        let log = daemon.log();
        for line in log.lines().skip(self.0) {
            // Without the date, which is the guest's.
            println!(
                "  {}",
                line.split_once("Z ").map_or(line, |(_, words)| words)
            );
        }
        self.0 = log.lines().count();
    }
}

fn table(lab: &Topology) {
    print!("{}", lab.dir1.ask(&["ipvsadm", "-ln"]));
}

fn ask(lab: &Topology) -> Vec<Option<usize>> {
    let served: Vec<Option<usize>> = (1..=9)
        .map(|n| lab.get(n).ok().map(|name| index_of(&name)))
        .collect();
    for (client, server) in (1..).zip(&served) {
        let name = server.map_or("nobody".to_owned(), |index| format!("rs{}", index + 1));
        print!("c{client}:{name} ");
    }
    println!();
    served
}
