use super::cluster::Cluster;
use super::comparison::Comparison;
use super::router::{Member, Router};
use crate::diag::{Diagnostic, Span, rule};

rule! {
    /// Instances of one virtual router with different `auth_type` or `auth_pass`.
    ///
    /// The first 8 bytes of the password count. keepalived drops packets with another (`received an
    /// invalid passwd`): both become master.
    ///
    /// ```text
    /// # master.conf: auth_pass correct
    /// # backup.conf: auth_pass Correct
    /// ```
    ///
    /// Remedy: one password on all directors.
    RULE: Error silent "peer-auth-differs", "a virtual router has two passwords";
}

pub(super) const COMPARISON: Comparison = Comparison::new(&RULE, look);

fn look(cluster: &Cluster<'_>, found: &mut Vec<Diagnostic>) {
    for (first, later) in cluster.routers.iter().flat_map(Router::pairs) {
        if first.instance.version() != later.instance.version() {
            continue;
        }
        let (Some(mine), Some(its)) = (Auth::of(later), Auth::of(first)) else {
            continue;
        };
        let whereabouts = &first.director.whereabouts;
        let (word, text, there) = if mine.kind != its.kind {
            let there = format!("{} {whereabouts}", its.kind);
            ("auth_type", format!("{} here", mine.kind), there)
        } else if mine.password != its.password {
            let text = "its first 8 bytes are others";
            (
                "auth_pass",
                text.to_owned(),
                format!("the one {whereabouts}"),
            )
        } else {
            continue;
        };
        let finding = Diagnostic::new(&RULE, place(later, word), text);
        let finding = finding.context(place(first, word), there);
        found.push(finding.note("each drops the other's packets: both become master"));
    }
}

/// What counts of an `authentication` block.
struct Auth<'d> {
    kind: &'d str,
    password: &'d [u8],
}

impl<'d> Auth<'d> {
    /// `None` where it depends on the host, or is none that keepalived knows.
    fn of(member: Member<'d>) -> Option<Self> {
        let block = member.block();
        if !block.whole || block.each("authentication").any(|block| !block.whole) {
            return None;
        }
        let none = Auth {
            kind: "no authentication",
            password: b"",
        };
        if member.instance.version() == 3 || member.instance.strict() {
            return Some(none);
        }
        let words = (
            member.authentication("auth_type"),
            member.authentication("auth_pass"),
        );
        let (Some(kind), Some(password)) = words else {
            return Some(none);
        };
        let kind = ["PASS", "AH"]
            .into_iter()
            .find(|known| *known == &*kind.text)?;
        let password = password.text.as_bytes();
        Some(Auth {
            kind,
            password: password.get(..8).unwrap_or(password),
        })
    }
}

fn place(member: Member<'_>, word: &str) -> Span {
    let word = member.authentication(word);
    word.map_or(member.place(), |word| member.director.at_word(word))
}
