use super::director::Director;
use super::pair::{Both, Real};
use crate::diag::{Diagnostic, Rule, Span};
use crate::model::persist::Persistence;
use crate::model::server::{RealServer, VirtualServer};

/// A setting on which two directors do not agree.
pub(super) struct Difference {
    what: &'static str,
    first: Said,
    later: Said,
}

/// What one of them says, and where; of a default, where it could be said.
struct Said {
    value: String,
    place: Span,
}

impl Difference {
    pub(super) fn finding(self, rule: &'static Rule, first: &Director) -> Diagnostic {
        let Self { what, .. } = self;
        let text = format!("{what} {} here", self.later.value);
        let there = format!("{what} {} {}", self.first.value, first.whereabouts);
        Diagnostic::new(rule, self.later.place, text).context(self.first.place, there)
    }
}

/// A setting of a virtual server: how findings call it, the words that say it, and its value.
struct Setting<T: 'static> {
    what: &'static str,
    words: &'static [&'static str],
    value: fn(&T) -> String,
}

const OF_VIRTUAL_SERVER: &[Setting<VirtualServer>] = &[
    Setting {
        what: "protocol",
        words: &["protocol"],
        value: |server| match server.keys.first() {
            Some(crate::model::service::ServiceKey::Address(protocol, _)) => protocol.to_string(),
            _ => String::new(),
        },
    },
    Setting {
        what: "scheduler",
        words: &["lb_algo", "lvs_sched"],
        value: |server| server.scheduler.to_string(),
    },
    Setting {
        what: "flag-1",
        words: &["flag-1", "sh-fallback", "mh-fallback"],
        value: |server| on(server.flags.flag1),
    },
    Setting {
        what: "flag-2",
        words: &["flag-2", "sh-port", "mh-port"],
        value: |server| on(server.flags.flag2),
    },
    Setting {
        what: "flag-3",
        words: &["flag-3"],
        value: |server| on(server.flags.flag3),
    },
    Setting {
        what: "ops",
        words: &["ops"],
        value: |server| on(server.one_packet),
    },
    Setting {
        what: "persistence",
        words: &["persistence_timeout"],
        value: |server| seconds(server.persistence),
    },
    Setting {
        what: "persistence engine",
        words: &["persistence_engine"],
        value: |server| {
            let engine = server.engine.as_ref();
            engine.map_or("off".to_owned(), ToString::to_string)
        },
    },
    Setting {
        what: "sorry server",
        words: &["sorry_server"],
        value: |server| match server.sorry {
            Some(sorry) => sorry.key.to_string(),
            None => "none".to_owned(),
        },
    },
];

/// Asked only where both have one: without it, or with another total of weights, there is nothing
/// to compare.
const OF_PERSISTENCE: Setting<VirtualServer> = Setting {
    what: "granularity",
    words: &["persistence_granularity"],
    value: |server| {
        let persistence = server.persistence;
        persistence.map_or(String::new(), |some| some.granularity.to_string())
    },
};

const OF_QUORUM: &[Setting<VirtualServer>] = &[
    Setting {
        what: "quorum",
        words: &["quorum"],
        value: |server| server.quorum.minimum.to_string(),
    },
    Setting {
        what: "hysteresis",
        words: &["hysteresis"],
        value: |server| server.quorum.hysteresis.to_string(),
    },
];

const OF_SORRY: &[Setting<VirtualServer>] = &[
    Setting {
        what: "method of the sorry server:",
        words: &["sorry_server_lvs_method"],
        value: |server| {
            let sorry = server.sorry;
            sorry.map_or(String::new(), |sorry| sorry.method.to_string())
        },
    },
    Setting {
        what: "sorry_server_inhibit",
        words: &["sorry_server_inhibit"],
        value: |server| on(server.sorry.is_some_and(|sorry| sorry.inhibit)),
    },
];

/// What a real server may have from its virtual server.
const OF_EITHER: &[Setting<RealServer>] = &[
    Setting {
        what: "weight",
        words: &["weight"],
        value: |real| real.weight.to_string(),
    },
    Setting {
        what: "method",
        words: &["lvs_method", "lb_kind"],
        value: |real| real.method.to_string(),
    },
    Setting {
        what: "inhibit_on_failure",
        words: &["inhibit_on_failure"],
        value: |real| on(real.inhibit),
    },
];

const OF_REAL_SERVER: &[Setting<RealServer>] = &[
    Setting {
        what: "port",
        words: &[],
        value: |real| real.key.port.to_string(),
    },
    Setting {
        what: "uthreshold",
        words: &["uthreshold"],
        value: |real| real.thresholds.upper.to_string(),
    },
    Setting {
        what: "lthreshold",
        words: &["lthreshold"],
        value: |real| real.thresholds.lower.to_string(),
    },
];

fn on(on: bool) -> String {
    if on { "on" } else { "off" }.to_owned()
}

fn seconds(persistence: Option<Persistence>) -> String {
    persistence.map_or("off".to_owned(), |some| format!("{} s", some.timeout))
}

/// What the virtual servers themselves differ in, and what their real servers have from them.
pub(super) fn of_virtual_server(both: &Both<'_>) -> Vec<Difference> {
    let mut differences = Vec::new();
    let (first, later) = (both.first, both.later);
    let mut compare = |setting: &Setting<VirtualServer>| {
        let (mine, its) = ((setting.value)(later.server), (setting.value)(first.server));
        if mine != its {
            let place = |server: super::pair::Virtual<'_>| {
                let said = server.said(setting.words);
                said.unwrap_or_else(|| server.place())
            };
            differences.push(Difference {
                what: setting.what,
                first: Said {
                    value: its,
                    place: place(first),
                },
                later: Said {
                    value: mine,
                    place: place(later),
                },
            });
        }
    };
    if !same_settings(first.server, later.server) {
        OF_VIRTUAL_SERVER.iter().for_each(&mut compare);
        if first.server.persistence.is_some() && later.server.persistence.is_some() {
            compare(&OF_PERSISTENCE);
        }
        // A quorum above the weight of all is cut to it.
        if first.server.weight() == later.server.weight() {
            OF_QUORUM.iter().for_each(&mut compare);
        }
        if first.server.sorry.is_some() && later.server.sorry.is_some() {
            // A method that it has from the virtual server is the virtual server's.
            let own = [first, later];
            let own = own
                .iter()
                .any(|server| server.said(&["sorry_server_lvs_method"]).is_some());
            let settings = OF_SORRY.iter().skip(usize::from(!own));
            settings.for_each(&mut compare);
        }
    }
    for setting in OF_EITHER {
        let mut inherited = both.real.iter();
        let pair = inherited.find(|pair| differs(setting, pair) && !is_own(setting, pair));
        if let Some((real, other)) = pair {
            let place = |real: Real<'_>| {
                let said = real.of.said(setting.words);
                said.unwrap_or_else(|| real.of.place())
            };
            differences.push(difference(setting, *real, *other, place));
        }
    }
    differences
}

/// What two real servers differ in that they do not have from their virtual server.
pub(super) fn of_real_server(pair: &(Real<'_>, Real<'_>)) -> Vec<Difference> {
    let either = OF_EITHER.iter().filter(|setting| is_own(setting, pair));
    let settings = OF_REAL_SERVER.iter().chain(either);
    let different = settings.filter(|setting| differs(setting, pair));
    let place = |setting: &Setting<RealServer>, real: Real<'_>| {
        let said = real.said(setting.words);
        said.unwrap_or_else(|| real.place())
    };
    let (first, later) = *pair;
    different
        .map(|setting| difference(setting, first, later, |real| place(setting, real)))
        .collect()
}

fn difference(
    setting: &Setting<RealServer>,
    first: Real<'_>,
    later: Real<'_>,
    place: impl Fn(Real<'_>) -> Span,
) -> Difference {
    let said = |real: Real<'_>| Said {
        value: (setting.value)(real.server),
        place: place(real),
    };
    Difference {
        what: setting.what,
        first: said(first),
        later: said(later),
    }
}

fn differs(setting: &Setting<RealServer>, (first, later): &(Real<'_>, Real<'_>)) -> bool {
    !same_server(first.server, later.server)
        && (setting.value)(first.server) != (setting.value)(later.server)
}

/// One of them says it itself.
fn is_own(setting: &Setting<RealServer>, (first, later): &(Real<'_>, Real<'_>)) -> bool {
    let mut both = [first, later].into_iter();
    both.any(|real| real.said(setting.words).is_some())
}

/// Cheaper than to compare what is shown, for most are the same.
fn same_settings(one: &VirtualServer, other: &VirtualServer) -> bool {
    one.keys == other.keys
        && one.scheduler == other.scheduler
        && one.flags == other.flags
        && one.one_packet == other.one_packet
        && one.persistence == other.persistence
        && one.engine == other.engine
        && one.quorum == other.quorum
        && one.sorry == other.sorry
}

fn same_server(one: &RealServer, other: &RealServer) -> bool {
    one.key == other.key
        && one.weight == other.weight
        && one.method == other.method
        && one.thresholds == other.thresholds
        && one.inhibit == other.inhibit
}
