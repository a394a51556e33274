use std::fmt::Write as _;

use lvsctl::model::service::Family;

use super::demand::{Demand, Header, Line};
use super::group::{self, Member};
use super::random::Random;
use super::real_server::{self, Pool};
use super::vocabulary::{METHODS, PROTOCOLS, schedulers, value};
use crate::keywords;
use lvsctl::conf::keyword::Keyword;

/// What stands in every virtual server, at the place that is right for it.
const FIXED: [&str; 10] = [
    "ip_family",
    "protocol",
    "lb_algo",
    "lvs_sched",
    "lb_kind",
    "lvs_method",
    "real_server",
    "sorry_server",
    "sorry_server_inhibit",
    "sorry_server_lvs_method",
];

/// A virtual server that meets a demand, with the blocks it needs beside it.
pub fn draw(random: &mut Random, number: usize, demand: &Demand) -> String {
    let family = demand.family();
    let family = family.unwrap_or(random.one_of(&[Family::Inet, Family::Inet, Family::Inet6]));
    let line = match demand {
        Demand::Service(line) => Some(line),
        _ => None,
    };
    let header = header(demand, random, number);
    let port = match &header {
        Header::Address(port) => port.filter(|port| *port > 0),
        Header::Mark(_) => None,
        Header::Group(_) if random.once_in(5) => None,
        Header::Group(_) => Some(any_port(random)),
    };
    let scheduler = scheduler(line, random);
    let method = given(line, &["lb_kind", "lvs_method"], random.one_of(&METHODS));

    let mut before = String::new();
    let named = match &header {
        Header::Address(port) => {
            let written = port.map_or(String::new(), |port| format!(" {port}"));
            match family {
                Family::Inet => format!("192.0.2.{number}{written}"),
                Family::Inet6 => format!("2001:db8::{number:x}{written}"),
            }
        }
        Header::Mark(mark) => format!("fwmark {mark}"),
        Header::Group(members) => {
            let name = format!("group{number}");
            before = group::block(&name, number, family, members, port, random);
            format!("group {name}")
        }
    };
    let mut lines = Vec::new();
    let only_marks = match &header {
        Header::Address(_) => false,
        Header::Mark(_) => true,
        Header::Group(_) => !before.contains(['.', ':']),
    };
    if !only_marks {
        let protocol = if line.is_some_and(|line| line.is(&["ops"])) {
            "UDP"
        } else {
            random.one_of(&PROTOCOLS)
        };
        lines.push(format!("protocol {}", given(line, &["protocol"], protocol)));
    }
    let ours = line.filter(|line| FIXED.contains(&line.keyword.as_str()));
    let word = |names: [&'static str; 2], random: &mut Random| {
        let asked = ours
            .filter(|line| line.is(&names))
            .map(|line| line.keyword.clone());
        asked.unwrap_or_else(|| random.one_of(&names).to_owned())
    };
    lines.push(format!(
        "{} {scheduler}",
        word(["lb_algo", "lvs_sched"], random)
    ));
    lines.push(format!(
        "{} {method}",
        word(["lb_kind", "lvs_method"], random)
    ));
    let unsaid = matches!(&header, Header::Mark(_)) || before.contains("fwmark");
    if line.is_some_and(|line| line.is(&["ip_family"])) || (unsaid && !random.once_in(3)) {
        lines.push(format!("ip_family {}", family.as_str()));
    }
    let udp = lines[0].to_lowercase() == "protocol udp";
    let mut more = further(random, family, &scheduler, udp || only_marks, line);
    if port.is_none()
        && !only_marks
        && !more
            .iter()
            .any(|line| line.starts_with("persistence_timeout"))
    {
        more.push("persistence_timeout".to_owned());
    }
    random.shuffle(&mut more);
    lines.extend(more);

    let pool = Pool {
        family,
        port,
        method: &method,
        marked: matches!(&header, Header::Mark(_)),
        mixed: matches!(&header, Header::Address(_)),
        demand,
    };
    let servers = real_server::draw(random, &pool);
    // Where the quorum cannot be had though all are up, keepalived begins with the sorry server:
    // a case of its own.
    let out_of_reach =
        |line: &String| line.starts_with("quorum ") || line.starts_with("hysteresis");
    if !lines.iter().any(out_of_reach) && !servers.contains(" weight 0\n") {
        lines.extend(sorry(random, &pool, line));
    }
    let mut text = format!("{before}virtual_server {named} {{\n");
    for line in &lines {
        let _ = writeln!(text, "    {}", line.trim_end());
    }
    text + &servers + "}\n"
}

fn header(demand: &Demand, random: &mut Random, number: usize) -> Header {
    let mark = u32::try_from(1000 + number).expect("numbers are small");
    match demand {
        Demand::Header(_, header) => return header.clone(),
        Demand::Service(line) if line.is(&["ip_family"]) => return Header::Mark(mark),
        Demand::Service(line) if line.is(&["protocol", "ops"]) => {
            return Header::Address(Some(any_port(random)));
        }
        _ => {}
    }
    match random.below(10) {
        0 => Header::Address(None),
        1 => Header::Mark(mark),
        2 => Header::Group(vec![Member::Address]),
        _ => Header::Address(Some(any_port(random))),
    }
}

pub fn any_port(random: &mut Random) -> u16 {
    u16::try_from(1 + random.below(65535)).expect("a port has 16 bits")
}

/// What the demanded line says if it is one of these, else something else.
fn given(line: Option<&Line>, keywords: &[&str], other: &str) -> String {
    let line = line.filter(|line| line.is(keywords));
    line.map_or(other, |line| &line.arguments).to_owned()
}

fn scheduler(line: Option<&Line>, random: &mut Random) -> String {
    let of_flag = line.and_then(|line| match line.keyword.as_str() {
        "sh-port" | "sh-fallback" => Some("sh"),
        "mh-port" | "mh-fallback" => Some("mh"),
        _ => None,
    });
    let other = of_flag.unwrap_or_else(|| random.one_of(&schedulers()));
    given(line, &["lb_algo", "lvs_sched"], other)
}

/// The lines that may or may not be there.
fn further(
    random: &mut Random,
    family: Family,
    scheduler: &str,
    one_packet: bool,
    demanded: Option<&Line>,
) -> Vec<String> {
    let fits = |row: &Keyword| match row.word {
        "sh-port" | "sh-fallback" => scheduler == "sh",
        "mh-port" | "mh-fallback" => scheduler == "mh",
        "hashed" => matches!(scheduler, "sh" | "mh"),
        "ops" => one_packet,
        word => !FIXED.contains(&word),
    };
    let mut lines = Vec::new();
    for row in keywords::taken("virtual_server").filter(|row| fits(row)) {
        let demanded = demanded.filter(|line| line.keyword == row.word);
        let arguments = match demanded {
            Some(line) => Some(line.arguments.clone()),
            None if random.once_in(8) => value(row, family, random),
            None => None,
        };
        lines.extend(arguments.map(|arguments| format!("{} {arguments}", row.word)));
    }
    lines
}

/// A server for when all others are down, and what is said of it.
fn sorry(random: &mut Random, pool: &Pool<'_>, demanded: Option<&Line>) -> Vec<String> {
    let words = [
        "sorry_server",
        "sorry_server_inhibit",
        "sorry_server_lvs_method",
    ];
    let asked = demanded.filter(|line| line.is(&words));
    let mut lines = Vec::new();
    if asked.is_none() && !random.once_in(8) {
        return lines;
    }
    let mut port = pool.port.map_or(String::new(), |port| format!(" {port}"));
    for row in keywords::taken("virtual_server").filter(|row| words.contains(&row.word)) {
        let arguments = match asked.filter(|line| line.keyword == row.word) {
            Some(line) => Some(line.arguments.clone()),
            None if row.word == words[0] || random.once_in(2) => value(row, pool.family, random),
            None => None,
        };
        lines.extend(arguments.map(|arguments| format!("{} {arguments}{port}", row.word)));
        port.clear();
    }
    lines
}
