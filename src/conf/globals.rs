use super::lowering::Lowering;
use super::tree::{Node, Word};
use crate::model::director::{Globals, Timeouts};

const BLOCK: &str = "global_defs";

/// Takes a `global_defs` block up; it may occur several times.
pub(super) fn read(to: &mut Lowering, globals: &mut Globals, asks: &mut Mail, node: &Node) {
    to.walk(BLOCK, node.children(), |to, word, node| match word {
        "lvs_timeouts" => timeouts(to, &mut globals.timeouts, node),
        "lvs_flush_on_stop" | "lvs_flush_onstop" => match node.arguments() {
            [other, ..] if other.text != "VS" => to.bad_value(other, "VS, or nothing"),
            _ => globals.flush_on_stop = true,
        },
        "smtp_server" => asks.server = true,
        "notification_email" => {
            to.nothing_strays(node, node);
            asks.to = !node.children().is_empty();
        }
        _ => {}
    });
    globals.mail = asks.server && asks.to;
}

/// Mail is sent only when both are known.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mail {
    server: bool,
    to: bool,
}

/// `tcp N`, `tcpfin N`, `udp N` in any order.
fn timeouts(to: &mut Lowering, timeouts: &mut Timeouts, node: &Node) {
    for pair in node.arguments().chunks(2) {
        let [name, value] = pair else {
            to.bad_value(
                &pair[0],
                "a name and seconds: tcp, tcpfin or udp, then 0 to 2678400",
            );
            return;
        };
        let slot = match name.text.as_str() {
            "tcp" => &mut timeouts.tcp,
            "tcpfin" => &mut timeouts.tcp_fin,
            "udp" => &mut timeouts.udp,
            _ => {
                to.bad_value(name, "tcp, tcpfin or udp");
                continue;
            }
        };
        match seconds(value) {
            Some(seconds) => *slot = seconds,
            None => to.bad_value(value, "seconds, 0 to 2678400"),
        }
    }
}

fn seconds(word: &Word) -> Option<u32> {
    word.text
        .parse()
        .ok()
        .filter(|seconds| *seconds <= 2_678_400)
}
