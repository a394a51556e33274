use std::fmt::Write as _;

use lvsctl::model::service::Family;

use super::demand::{Demand, Line};
use super::random::Random;
use super::virtual_server::any_port;
use super::vocabulary::{METHODS, value};
use crate::keywords;
use lvsctl::conf::keyword::Keyword;

/// What the real servers must fit.
pub struct Pool<'a> {
    pub family: Family,
    /// The one port of the virtual server, if it has one.
    pub port: Option<u16>,
    pub method: &'a str,
    /// The virtual server is a mark, whose servers have no port.
    pub marked: bool,
    /// Servers of the other family may stand beside, in a tunnel.
    pub mixed: bool,
    pub demand: &'a Demand,
}

/// A few real servers, the first of which meets the demand.
pub fn draw(random: &mut Random, pool: &Pool<'_>) -> String {
    let mut text = String::new();
    let first = random.below(100);
    for nth in 0..=random.below(3) {
        let demanded = match pool.demand {
            Demand::Server(line) if nth == 0 => Some(line),
            _ => None,
        };
        one(random, pool, first + nth + 1, demanded, &mut text);
    }
    text
}

fn one(
    random: &mut Random,
    pool: &Pool<'_>,
    number: usize,
    demanded: Option<&Line>,
    text: &mut String,
) {
    let own = match demanded {
        Some(line) if line.is(&["lvs_method"]) => Some(line.arguments.as_str()),
        _ if random.once_in(6) => Some(random.one_of(&METHODS)),
        _ => None,
    };
    let method = own.unwrap_or(pool.method);
    let family = match pool.family {
        Family::Inet if pool.mixed && method.starts_with("TUN") && random.once_in(4) => {
            Family::Inet6
        }
        Family::Inet6 if pool.mixed && method.starts_with("TUN") && random.once_in(4) => {
            Family::Inet
        }
        family => family,
    };
    let address = match family {
        Family::Inet => format!("203.0.113.{number}"),
        Family::Inet6 => format!("2001:db8:ffff::{number:x}"),
    };
    let port = match pool.demand {
        Demand::Port(port) => *port,
        _ => port(pool, method == "NAT", random),
    };
    let port = port.map_or(String::new(), |port| format!(" {port}"));
    let _ = writeln!(text, "    real_server {address}{port} {{");
    if let Some(method) = own {
        let _ = writeln!(text, "        lvs_method {method}");
    }
    for line in lines(random, family, demanded) {
        let _ = writeln!(text, "        {}", line.trim_end());
    }
    checks(random, demanded, text);
    text.push_str("    }\n");
}

/// Where the method rewrites no port, it is that of the virtual server.
fn port(pool: &Pool<'_>, rewrites: bool, random: &mut Random) -> Option<u16> {
    let other = [None, Some(0), Some(1), Some(65535), Some(any_port(random))];
    match random.below(4) {
        0 => None,
        1 if rewrites && !pool.marked => random.one_of(&other),
        _ => pool.port,
    }
}

fn lines(random: &mut Random, family: Family, demanded: Option<&Line>) -> Vec<String> {
    let threshold = |row: &Keyword| matches!(row.word, "uthreshold" | "lthreshold");
    let mut lines = Vec::new();
    for row in keywords::taken("real_server") {
        if keywords::opens_a_block(row) || threshold(row) || row.word == "lvs_method" {
            continue;
        }
        let arguments = match demanded.filter(|line| line.keyword == row.word) {
            Some(line) => Some(line.arguments.clone()),
            None if random.once_in(6) => value(row, family, random),
            None => None,
        };
        lines.extend(arguments.map(|arguments| format!("{} {arguments}", row.word)));
    }
    lines.extend(thresholds(random, demanded));
    random.shuffle(&mut lines);
    lines
}

/// The upper one, and a lower one that is not above it.
///
/// What is above [`MOST`] only where it is demanded: the kernel takes none of it, and lvsctl
/// refuses the whole file.
fn thresholds(random: &mut Random, demanded: Option<&Line>) -> Vec<String> {
    const MOST: usize = 2_147_483_647;
    let rows = ["uthreshold", "lthreshold"];
    let known = keywords::taken("real_server").any(|row| rows.contains(&row.word));
    let asked = demanded.filter(|line| line.is(&rows));
    if !known || (asked.is_none() && !random.once_in(5)) {
        return Vec::new();
    }
    let upper = match asked {
        Some(line) => line
            .arguments
            .parse()
            .expect("an end of a range is a number"),
        None => random.one_of(&[0, 1, 100, MOST]),
    };
    let lower = match asked {
        Some(line) if line.is(&["lthreshold"]) => upper,
        _ => random.below(upper + 1),
    };
    vec![format!("uthreshold {upper}"), format!("lthreshold {lower}")]
}

/// What each check needs to be one, with a port where no server need have one. None of them is
/// ever run.
const CHECKS: [(&str, &[&str]); 10] = [
    ("TCP_CHECK", &["connect_port 80"]),
    ("HTTP_GET", &["connect_port 80", "url {", "path /", "}"]),
    ("SSL_GET", &["connect_port 443", "url {", "path /", "}"]),
    ("SMTP_CHECK", &["connect_port 25"]),
    ("DNS_CHECK", &["connect_port 53", "name example.org"]),
    ("UDP_CHECK", &["connect_port 53"]),
    ("PING_CHECK", &[]),
    ("MISC_CHECK", &["misc_path /bin/true"]),
    ("FILE_CHECK", &["track_file drawn_file", "weight 0"]),
    ("BFD_CHECK", &["name drawn_bfd"]),
];

/// What must stand before the virtual servers where a check is in one.
pub const NEEDS: [(&str, &str); 2] = [
    (
        "FILE_CHECK",
        "track_file drawn_file {\n    file /nonexistent\n    weight 0\n}\n",
    ),
    (
        "BFD_CHECK",
        "bfd_instance drawn_bfd {\n    neighbor_ip 192.0.2.254\n}\n",
    ),
];

fn checks(random: &mut Random, demanded: Option<&Line>, text: &mut String) {
    let taken: Vec<&str> = keywords::taken("real_server")
        .filter(|row| keywords::opens_a_block(row))
        .map(|row| row.word)
        .collect();
    for (name, body) in CHECKS.iter().filter(|(name, _)| taken.contains(name)) {
        let asked = demanded.is_some_and(|line| line.is(&[name]));
        if asked || random.once_in(2 * CHECKS.len()) {
            let _ = writeln!(text, "        {name} {{");
            for line in *body {
                let _ = writeln!(text, "            {line}");
            }
            text.push_str("        }\n");
        }
    }
}
