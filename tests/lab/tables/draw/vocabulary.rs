use lvsctl::model::schedule::Scheduler;
use lvsctl::model::service::Family;

use super::random::Random;
use crate::keywords;
use lvsctl::conf::keyword::Keyword;

/// Every form of a forwarding method.
pub const METHODS: [&str; 12] = [
    "NAT",
    "DR",
    "TUN",
    "TUN type ipip",
    "TUN type ipip nocsum",
    "TUN type gue port 1",
    "TUN type gue port 65535 nocsum",
    "TUN type gue port 6080 csum",
    "TUN type gue port 6080 remcsum",
    "TUN type gre",
    "TUN type gre nocsum",
    "TUN type gre csum",
];
pub const PROTOCOLS: [&str; 6] = ["TCP", "tcp", "UDP", "Udp", "SCTP", "sctp"];
const MASKS: [&str; 5] = [
    "255.255.255.255",
    "255.255.255.0",
    "255.255.240.0",
    "128.0.0.0",
    "0.0.0.0",
];
const PREFIXES: [&str; 4] = ["1", "64", "127", "128"];
const BOOLEANS: [&str; 7] = ["", "on", "off", "yes", "no", "true", "false"];

pub fn schedulers() -> Vec<&'static str> {
    const NAMED: &[Scheduler] = &Scheduler::NAMED;
    NAMED.iter().map(Scheduler::as_str).collect()
}

pub fn family_named(word: &str) -> Option<Family> {
    [Family::Inet, Family::Inet6]
        .into_iter()
        .find(|family| family.as_str() == word)
}

/// The arguments that a keyword without a range can have, where there are but so many.
pub fn vocabulary(row: &Keyword, family: Family) -> Option<Vec<String>> {
    let words: Vec<&str> = match (row.word, row.usage) {
        ("lb_algo" | "lvs_sched", _) => schedulers(),
        ("lb_kind" | "lvs_method" | "sorry_server_lvs_method", _) => METHODS.to_vec(),
        ("protocol", _) => PROTOCOLS.to_vec(),
        ("ip_family", _) => vec![family.as_str()],
        ("persistence_engine", _) => vec!["sip"],
        ("persistence_granularity", _) if family == Family::Inet => MASKS.to_vec(),
        ("persistence_granularity", _) => PREFIXES.to_vec(),
        ("virtualhost", _) => vec!["www.example.org"],
        ("snmp_name", _) => vec!["name"],
        ("sorry_server", _) if family == Family::Inet => vec!["203.0.113.251"],
        ("sorry_server", _) => vec!["2001:db8:ffff::251"],
        // A word where none belongs is a mistake of its own.
        (_, "" | "[IGNORED...]") => vec![""],
        (_, "[BOOLEAN]") => BOOLEANS.to_vec(),
        (_, usage) if usage.starts_with("COMMAND") => vec!["/bin/true"],
        _ if keywords::opens_a_block(row) => vec!["{"],
        _ => return None,
    };
    Some(words.into_iter().map(str::to_owned).collect())
}

/// Arguments for a keyword, by chance.
pub fn value(row: &Keyword, family: Family, random: &mut Random) -> Option<String> {
    let ends = keywords::ends(row);
    if ends.is_empty() {
        return Some(random.one_of(&vocabulary(row, family)?));
    }
    if row.usage.starts_with('[') && random.once_in(4) {
        return Some(String::new());
    }
    if random.once_in(3) {
        return Some(random.one_of(&ends).to_owned());
    }
    // Something of any size between; of an end with a fraction the whole number inside.
    let whole = |end: &str| {
        end.split('.')
            .next()
            .and_then(|end| end.parse::<usize>().ok())
    };
    let low = whole(ends[0]).map_or(0, |low| low + usize::from(ends[0].contains('.')));
    let high = ends.get(1).and_then(|end| whole(end)).unwrap_or(usize::MAX);
    let size = 1_usize << random.below(31);
    Some((low + random.below(size)).min(high).to_string())
}
