use super::cluster::Cluster;
use super::comparison::Comparison;
use super::director::Director;
use crate::diag::{Diagnostic, Span, rule};
use crate::lint::outline::{Line, Word};
use crate::lint::vrrp::instance::instance;

rule! {
    /// `lvs_sync_daemon` with another id, multicast group or port than on the other director, or
    /// following the instance of another virtual router.
    ///
    /// The kernel takes no connection from a daemon with another id: all of them break at a
    /// failover. Where no `id` is written it is the router id of the instance. keepalived looks at
    /// one file alone.
    ///
    /// ```text
    /// # master.conf: lvs_sync_daemon eth1 web id 5
    /// # backup.conf: lvs_sync_daemon eth1 web id 6
    /// ```
    ///
    /// Remedy: one id, group and port on all directors.
    RULE: Warning silent "peer-sync-daemon-differs", "the sync daemons of two directors do not meet";
}

pub(super) const COMPARISON: Comparison = Comparison::new(&RULE, look);

fn look(cluster: &Cluster<'_>, found: &mut Vec<Diagnostic>) {
    for pair in &cluster.pairs {
        let (Some(mine), Some(its)) = (Daemon::of(pair.later), Daemon::of(pair.first)) else {
            continue;
        };
        for what in ["id", "group", "port"] {
            let (here, there) = (mine.option(what), its.option(what));
            if here.as_ref().map(|(value, _)| value) == there.as_ref().map(|(value, _)| value) {
                continue;
            }
            // What follows from another router id is said there.
            if what == "id"
                && !mine.says("id")
                && !its.says("id")
                && mine.follows() == its.follows()
            {
                continue;
            }
            let finding = mine.label(what, here.as_ref(), "here");
            let label = its.label(what, there.as_ref(), &pair.first.whereabouts);
            found.push(Diagnostic::new(&RULE, finding.1, finding.0).context(label.1, label.0));
        }
        if let (Some(here), Some(there)) = (mine.instance(), its.instance()) {
            let follows = |at: &Director, name: &Word| {
                cluster.routers.iter().position(|router| {
                    let mut members = router.members.iter();
                    members.any(|member| {
                        std::ptr::eq(member.director, at) && member.name() == &*name.text
                    })
                })
            };
            let routers = (follows(pair.later, here), follows(pair.first, there));
            if let (Some(mine), Some(its)) = routers
                && mine != its
            {
                let text = format!("it follows {}", here.text);
                let finding = Diagnostic::new(&RULE, pair.later.at_word(here), text);
                let text = format!("and {} {}", there.text, pair.first.whereabouts);
                found.push(finding.context(pair.first.at_word(there), text));
            }
        }
    }
}

/// A `lvs_sync_daemon` line.
struct Daemon<'d> {
    director: &'d Director,
    line: &'d Line,
}

impl<'d> Daemon<'d> {
    /// The first, which is the one that counts.
    fn of(director: &'d Director) -> Option<Self> {
        let line = director.outline.globals("lvs_sync_daemon").next()?;
        line.argument()?;
        Some(Self { director, line })
    }

    /// The instance it follows: behind the interface, with or without `inst`.
    fn instance(&self) -> Option<&'d Word> {
        let words = self.line.arguments();
        let word = words.get(1)?;
        match &*word.text {
            "inst" => words.get(2),
            "id" | "maxlen" | "port" | "ttl" | "group" => None,
            _ => Some(word),
        }
    }

    fn follows(&self) -> bool {
        self.instance().is_some()
    }

    fn written(&self, option: &str) -> Option<&'d Word> {
        let words = self.line.arguments();
        let mut pairs = words.windows(2);
        let pair = pairs.find(|pair| &*pair[0].text == option);
        // Before `id` there was a number without it.
        let third = words.get(2).filter(|word| word.text.parse::<u8>().is_ok());
        let old = third.filter(|_| option == "id" && self.follows());
        pair.and_then(|pair| pair.get(1)).or(old)
    }

    fn says(&self, option: &str) -> bool {
        self.written(option).is_some()
    }

    /// What is written; the id where it is not.
    fn option(&self, option: &str) -> Option<(String, Span)> {
        if let Some(word) = self.written(option) {
            return Some((word.text.to_string(), self.director.at_word(word)));
        }
        if option != "id" {
            return None;
        }
        let followed = self.instance();
        let id = match followed {
            Some(name) => instance(&self.director.outline, &name.text)?.router_id()?,
            None => 0,
        };
        let place = followed.map_or(self.line.place(), |name| name.span);
        Some((id.to_string(), self.director.at(place)))
    }

    /// The text and place of a label.
    fn label(
        &self,
        what: &str,
        said: Option<&(String, Span)>,
        whereabouts: &str,
    ) -> (String, Span) {
        if let Some((value, place)) = said {
            return (format!("{what} {value} {whereabouts}"), *place);
        }
        let text = format!("no {what} {whereabouts}");
        (text, self.director.at(self.line.place()))
    }
}
