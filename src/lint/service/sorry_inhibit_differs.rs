//! A real server is the sorry server too, and one of them is inhibited on failure.
//!
//! The kernel has one entry for both. keepalived says `matches sorry server, but inhibit setting
//! differs` and takes the real server's for the sorry server.
//!
//! ```text
//! sorry_server 192.0.2.9 80
//! real_server 192.0.2.9 80 {
//!     inhibit_on_failure
//! }
//! ```
//!
//! Remedy: `sorry_server_inhibit` too, or another sorry server.

use crate::diag::{Diagnostic, Rule};
use crate::lint::check::{Check, warning};
use crate::lint::outline::{Line, Outline};

static RULE: Rule = warning(
    "sorry-inhibit-differs",
    "a server and sorry server in one are not inhibited alike",
);

pub(super) const CHECK: Check = Check::new(&RULE, look);

fn look(outline: &Outline, found: &mut Vec<Diagnostic>) {
    for service in outline.each("virtual_server") {
        let Some(sorry) = service.last("sorry_server") else {
            continue;
        };
        let general = service.first("inhibit_on_failure").is_some();
        let inhibited = general || service.first("sorry_server_inhibit").is_some();
        let same = |server: &&Line| {
            let words = |line: &Line| {
                line.arguments()
                    .iter()
                    .map(|word| word.text.clone())
                    .collect()
            };
            let (one, two): (Vec<_>, Vec<_>) = (words(server), words(sorry));
            one == two
        };
        for server in service.each("real_server").filter(same) {
            if server.first("inhibit_on_failure").is_some() != inhibited {
                let finding =
                    Diagnostic::new(&RULE, sorry.place(), "keepalived takes the server's")
                        .context(server.place(), "the server");
                found.push(finding);
            }
        }
    }
}
