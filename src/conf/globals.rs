use super::decimal::micros;
use super::details::first;
use super::keyword::Kind;
use super::lowering::{Lowering, Taken};
use super::notify;
use super::rules;
use super::tree::{Node, Word};
use crate::diag::{Diagnostic, Fix};
use crate::model::director::{Globals, Timeouts};

/// Takes a `global_defs` block up; it may occur several times.
pub(super) fn read(to: &mut Lowering<'_>, globals: &mut Globals, node: Node<'_>) {
    let Some(kind) = Kind::named("global_defs") else {
        return;
    };
    to.walk(kind, node.children(), |to, known, node| {
        match known.word {
            "lvs_timeouts" => timeouts(to, &mut globals.timeouts, node),
            "lvs_flush_on_stop" | "lvs_flush_onstop" => match node.argument(0) {
                Some(other) if other.text() != "VS" => to.bad_value(&other, "VS, or nothing"),
                _ => globals.flush_on_stop = true,
            },
            "checker_log_all_failures" => {
                let all = &mut globals.log_all_failures;
                *all = to.boolean(node).unwrap_or(*all);
            }
            "rs_init_notifies" => {
                let all = &mut globals.init_notifies;
                *all = to.boolean(node).unwrap_or(*all);
            }
            "script_user" => {
                globals.scripts.user = first(node);
                globals.scripts.group = node.argument(1).map(|word| word.value());
                return Taken::No;
            }
            "enable_script_security" => globals.scripts.security = to.always_true(node),
            "set_supplementary_groups" => {
                let all = &mut globals.scripts.all_groups;
                *all = to.boolean(node).unwrap_or(*all);
            }
            "vrrp_garp_interval" | "vrrp_gna_interval" if is_zero(node) => zero_interval(to, node),
            _ => return notify::read(globals, to, known, node).unwrap_or(Taken::No),
        }
        Taken::Yes
    });
}

fn is_zero(node: Node<'_>) -> bool {
    let word = node.argument(0);
    word.and_then(|word| micros(word.text())) == Some(0)
}

/// A line of many distributions' sample files.
fn zero_interval(to: &mut Lowering<'_>, node: Node<'_>) {
    let finding = Diagnostic::new(&rules::ZERO_INTERVAL, node.span(), "0 is the default")
        .note("keepalived complains of the line and ignores it")
        .fix(Fix::replace("remove the line", node.span(), ""));
    to.report(finding);
}

/// `tcp N`, `tcpfin N`, `udp N` in any order.
fn timeouts(to: &mut Lowering<'_>, timeouts: &mut Timeouts, node: Node<'_>) {
    let mut words = node.arguments();
    while let Some(name) = words.next() {
        let Some(value) = words.next() else {
            to.bad_value(
                &name,
                "a name and seconds: tcp, tcpfin or udp, then 0 to 2678400",
            );
            return;
        };
        let slot = match name.text() {
            "tcp" => &mut timeouts.tcp,
            "tcpfin" => &mut timeouts.tcp_fin,
            "udp" => &mut timeouts.udp,
            _ => {
                to.bad_value(&name, "tcp, tcpfin or udp");
                continue;
            }
        };
        match seconds(&value) {
            Some(seconds) => *slot = seconds,
            None => to.bad_value(&value, "seconds, 0 to 2678400"),
        }
    }
}

fn seconds(word: &Word<'_>) -> Option<u32> {
    let seconds = word.text().parse().ok();
    seconds.filter(|seconds| *seconds <= 2_678_400)
}
