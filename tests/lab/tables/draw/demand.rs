use lvsctl::model::service::Family;

use super::group::{self, Member};
use super::vocabulary::{self, vocabulary};
use crate::keywords;

/// Something that must be drawn in a run.
#[derive(Clone, Debug)]
pub enum Demand {
    /// A line of a virtual server.
    Service(Line),
    /// A line of a real server.
    Server(Line),
    /// What a virtual server is named by.
    Header(Family, Header),
    /// The port of a real server.
    Port(Option<u16>),
    /// The words of `lvs_timeouts`.
    Timeouts(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub keyword: String,
    pub arguments: String,
}

/// What follows `virtual_server`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Header {
    /// An address of its own, with a port or without.
    Address(Option<u16>),
    Mark(u32),
    Group(Vec<Member>),
}

/// Every port a file can name, at both ends, and none.
const PORTS: [Option<u16>; 4] = [None, Some(0), Some(1), Some(65535)];

/// All that a run must draw.
pub fn all() -> Vec<Demand> {
    let mut all = Vec::new();
    all.extend(lines("virtual_server").into_iter().map(Demand::Service));
    all.extend(lines("real_server").into_iter().map(Demand::Server));
    all.extend(PORTS.map(Demand::Port));
    for family in [Family::Inet, Family::Inet6] {
        let header = |header| Demand::Header(family, header);
        all.extend(PORTS.map(|port| header(Header::Address(port))));
        all.extend([1, u32::MAX].map(|mark| header(Header::Mark(mark))));
        let members = group::forms(family);
        all.extend(
            members
                .into_iter()
                .map(|member| header(Header::Group(vec![member]))),
        );
    }
    for end in ["0", "2678400"] {
        let words = ["tcp", "tcpfin", "udp"].map(|name| format!("{name} {end}"));
        all.push(Demand::Timeouts(words.join(" ")));
        all.extend(words.map(Demand::Timeouts));
    }
    all
}

/// Each keyword of a block that acts, with each end of its range or each of its words.
fn lines(block: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    for row in keywords::acting(block).filter(|row| row.word != "real_server") {
        let ends = keywords::ends(row);
        let mut words: Vec<String> = ends.into_iter().map(str::to_owned).collect();
        if words.is_empty() {
            let families = [Family::Inet, Family::Inet6].into_iter();
            let vocabulary = |family| vocabulary(row, family);
            words.extend(families.filter_map(vocabulary).flatten());
            assert!(
                !words.is_empty(),
                "nothing can be drawn for {} of {block}",
                row.word
            );
        } else if row.usage.starts_with('[') {
            words.push(String::new());
        }
        words.sort();
        words.dedup();
        lines.extend(words.into_iter().map(|arguments| Line {
            keyword: row.word.to_owned(),
            arguments,
        }));
    }
    lines
}

impl Demand {
    /// The family without which it cannot be met.
    pub fn family(&self) -> Option<Family> {
        match self {
            Self::Header(family, _) => Some(*family),
            Self::Service(line) => line.family(),
            Self::Server(_) | Self::Port(_) | Self::Timeouts(_) => None,
        }
    }

    /// Whether one configuration cannot hold both.
    pub fn excludes(&self, other: &Self) -> bool {
        match (self, other) {
            // The last line would be the one that counts.
            (Self::Timeouts(_), Self::Timeouts(_)) => true,
            _ => self.marks().iter().any(|mark| other.marks().contains(mark)),
        }
    }

    fn marks(&self) -> Vec<u32> {
        match self {
            Self::Header(_, Header::Mark(mark)) => vec![*mark],
            Self::Header(_, Header::Group(members)) => {
                members.iter().filter_map(Member::mark).collect()
            }
            _ => Vec::new(),
        }
    }
}

impl Line {
    fn family(&self) -> Option<Family> {
        let dotted = self.arguments.contains('.');
        match (self.keyword.as_str(), self.arguments.as_str()) {
            ("persistence_granularity", _) if dotted => Some(Family::Inet),
            ("persistence_granularity", _) => Some(Family::Inet6),
            ("ip_family", word) => vocabulary::family_named(word),
            _ => None,
        }
    }

    pub fn is(&self, keywords: &[&str]) -> bool {
        keywords.contains(&self.keyword.as_str())
    }
}
