use crate::conf::Node;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::virtual_server::{VirtualServer, micros, number};
use crate::model::schedule::Scheduler;

rule! {
    /// A keyword stands twice in a virtual server, and once counts.
    ///
    /// It is the last that counts. Of `lb_kind` each counts for the servers below it, which say no
    /// `lvs_method` of their own, and the last for the others.
    ///
    /// keepalived 2.2.7 says nothing; later releases complain of some.
    ///
    /// ```text
    /// lb_algo rr
    /// lb_algo wrr
    /// ```
    ///
    /// Remedy: one line of each.
    RULE: Warning silent "repeated-keyword", "a keyword stands twice, and the last counts";
}

pub(super) const INSPECTION: Inspection = Inspection::virtual_server(&RULE, look);

/// Keywords with one value; those of a row are the same to keepalived.
const SINGLE: [&[&str]; 16] = [
    &["lb_algo", "lvs_sched"],
    &["lb_kind", "lvs_method"],
    &["protocol"],
    &["persistence_timeout"],
    &["persistence_granularity"],
    &["persistence_engine"],
    &["delay_loop"],
    &["delay_before_retry"],
    &["retry"],
    &["warmup"],
    &["connect_timeout"],
    &["virtualhost"],
    &["quorum"],
    &["hysteresis"],
    &["weight"],
    &["sorry_server"],
];

fn look(server: &VirtualServer<'_>, found: &mut Vec<Diagnostic>) {
    let mut seen: [Option<(Node<'_>, usize)>; SINGLE.len()] = [None; SINGLE.len()];
    let mut servers = 0;
    for line in server.block.lines() {
        if line.keyword().bytes == b"real_server" {
            servers += 1;
            continue;
        }
        let word = line.keyword().text();
        let Some(at) = SINGLE.iter().position(|row| row.contains(&word)) else {
            continue;
        };
        if !good(word, line) {
            continue;
        }
        if let Some((before, above)) = seen[at] {
            let parted = servers > above && SINGLE[at].contains(&"lb_kind");
            found.push(repeated(before, line, parted));
        }
        seen[at] = Some((line, servers));
    }
}

fn repeated(before: Node<'_>, line: Node<'_>, parted: bool) -> Diagnostic {
    let same = before
        .arguments()
        .map(|word| word.bytes)
        .eq(line.arguments().map(|word| word.bytes));
    let (text, other) = if same {
        ("the same once more", "here already")
    } else if parted {
        (
            "counts for what stands below",
            "counts for the servers between the two",
        )
    } else {
        ("this counts", "this does not")
    };
    let finding = Diagnostic::new(&RULE, line.span(), text).context(before.span(), other);
    finding.help("leave one of the two out")
}

/// Whether the line has a value that counts; of others the reader complains.
fn good(word: &str, line: Node<'_>) -> bool {
    let value = line.argument(0);
    let Some(text) = value.map(|value| value.text()) else {
        return word == "persistence_timeout";
    };
    match word {
        "lb_algo" | "lvs_sched" => Scheduler::named(text).is_some(),
        "lb_kind" | "lvs_method" => ["NAT", "DR", "TUN"].contains(&text),
        "protocol" => {
            let known = ["TCP", "UDP", "SCTP"];
            known.iter().any(|known| text.eq_ignore_ascii_case(known))
        }
        "persistence_timeout" | "quorum" | "weight" | "retry" => {
            number(value).is_some_and(|number: u32| number > 0)
        }
        "hysteresis" => number::<u32>(value).is_some(),
        "delay_loop" | "connect_timeout" => micros(value).is_some_and(|micros| micros > 0),
        "delay_before_retry" | "warmup" => micros(value).is_some(),
        "sorry_server" => text.parse::<std::net::IpAddr>().is_ok(),
        _ => true,
    }
}
