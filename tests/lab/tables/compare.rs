use lvsctl::model::table::{Dest, Service, Settings, Table};

use crate::bench::Filled;

/// One attribute of one object that is not the same in both tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub attribute: &'static str,
    pub object: String,
    pub ours: String,
    pub theirs: String,
}

/// All that differs. The order of dests does not count.
pub fn differences(ours: &Filled, theirs: &Filled) -> Vec<Difference> {
    let mut found = Vec::new();
    tables(&ours.table, &theirs.table, &mut found);
    let timeouts = |filled: &Filled| {
        let timeouts = filled.timeouts;
        [
            ("tcp", timeouts.tcp.to_string()),
            ("tcpfin", timeouts.tcp_fin.to_string()),
            ("udp", timeouts.udp.to_string()),
        ]
    };
    pairs("lvs_timeouts", timeouts(ours), timeouts(theirs), &mut found);
    found
}

fn tables(ours: &Table, theirs: &Table, found: &mut Vec<Difference>) {
    let mut keys: Vec<_> = ours.keys().chain(theirs.keys()).collect();
    keys.sort();
    keys.dedup();
    for key in keys {
        match (ours.get(key), theirs.get(key)) {
            (Some(a), Some(b)) => services(&key.to_string(), a, b, found),
            (a, b) => pairs(
                &key.to_string(),
                [("service", there(a))],
                [("service", there(b))],
                found,
            ),
        }
    }
}

fn there<T>(object: Option<&T>) -> String {
    if object.is_some() { "there" } else { "-" }.to_owned()
}

fn services(key: &str, ours: &Service, theirs: &Service, found: &mut Vec<Difference>) {
    settings(key, &ours.settings, &theirs.settings, found);
    let mut keys: Vec<_> = ours.pool.in_order().chain(theirs.pool.in_order()).collect();
    keys.sort();
    keys.dedup();
    for dest in keys {
        let object = format!("{key} -> {dest}");
        match (ours.pool.get(dest), theirs.pool.get(dest)) {
            (Some(a), Some(b)) => dests(&object, a, b, found),
            (a, b) => pairs(
                &object,
                [("real_server", there(a))],
                [("real_server", there(b))],
                found,
            ),
        }
    }
}

fn settings(key: &str, ours: &Settings, theirs: &Settings, found: &mut Vec<Difference>) {
    // Every field has its line: one that is added does not compile until it has.
    let fields = |settings: &Settings| {
        let Settings {
            scheduler,
            flags,
            one_packet,
            persistence,
            engine,
        } = settings.clone();
        let timeout = persistence.map_or("-".to_owned(), |p| p.timeout.to_string());
        let granularity = persistence.map_or("-".to_owned(), |p| p.granularity.to_string());
        [
            ("scheduler", scheduler.to_string()),
            ("flags", format!("{flags:?}")),
            ("ops", one_packet.to_string()),
            ("persistence", timeout),
            ("granularity", granularity),
            (
                "engine",
                engine.map_or("-".to_owned(), |name| name.to_string()),
            ),
        ]
    };
    pairs(key, fields(ours), fields(theirs), found);
}

fn dests(object: &str, ours: &Dest, theirs: &Dest, found: &mut Vec<Difference>) {
    let fields = |dest: &Dest| {
        let Dest {
            weight,
            method,
            thresholds,
        } = dest;
        [
            ("weight", weight.to_string()),
            ("method", method.to_string()),
            ("uthreshold", thresholds.upper.to_string()),
            ("lthreshold", thresholds.lower.to_string()),
        ]
    };
    pairs(object, fields(ours), fields(theirs), found);
}

fn pairs<const N: usize>(
    object: &str,
    ours: [(&'static str, String); N],
    theirs: [(&'static str, String); N],
    found: &mut Vec<Difference>,
) {
    for ((attribute, ours), (_, theirs)) in ours.into_iter().zip(theirs) {
        if ours != theirs {
            found.push(Difference {
                attribute,
                object: object.to_owned(),
                ours,
                theirs,
            });
        }
    }
}
