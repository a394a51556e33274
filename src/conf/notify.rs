//! Words of `global_defs` that say who is told of changes, and how.

use std::net::IpAddr;
use std::time::Duration;

use super::command;
use super::details::first;
use super::keyword::Keyword;
use super::lowering::{Lowering, Taken};
use super::rules;
use super::tree::{Node, Word};
use super::value;
use crate::diag::Diagnostic;
use crate::model::director::Globals;
use crate::model::notify::{Fifo, MailServer};

/// Takes a line up if it is one of these words. `None` for any other.
pub(super) fn read(
    globals: &mut Globals,
    to: &mut Lowering<'_>,
    known: &Keyword,
    node: Node<'_>,
) -> Option<Taken> {
    let (mail, fifos) = (&mut globals.mail, &mut globals.fifos);
    match known.word {
        "router_id" => globals.router_id = first(node),
        "smtp_server" => {
            mail.server = server(to, node);
            return Some(Taken::No);
        }
        "notification_email" => {
            let lines = node.children().filter(|line| !line.opaque());
            let words = lines.flat_map(Node::words);
            mail.to.extend(words.map(|word| word.value()));
            return Some(Taken::No);
        }
        "notification_email_from" => mail.from = first(node),
        "smtp_helo_name" => mail.helo = first(node).or(mail.helo.take()),
        "smtp_connect_timeout" => {
            let seconds = to.number(known, node);
            let timeout = seconds.map(|seconds| Duration::from_secs(seconds.into()));
            mail.timeout = timeout.unwrap_or(mail.timeout);
        }
        "smtp_alert" => mail.alert = to.boolean(node).or(mail.alert),
        "smtp_alert_checker" => mail.alert_checker = to.boolean(node).or(mail.alert_checker),
        "no_checker_emails" => {
            mail.servers_only = to.boolean(node).unwrap_or(mail.servers_only);
        }
        "notify_fifo" => once(&mut fifos.shared, to, node, |_| fifo(node)),
        "lvs_notify_fifo" => once(&mut fifos.own, to, node, |_| fifo(node)),
        "lvs_notify_fifo_script" => {
            once(&mut fifos.script, to, node, |to| command::notify(to, node));
        }
        _ => return None,
    }
    Some(Taken::Yes)
}

/// Of a second line keepalived says that it ignores it.
fn once<'f, T>(
    slot: &mut Option<T>,
    to: &mut Lowering<'f>,
    node: Node<'_>,
    read: impl FnOnce(&mut Lowering<'f>) -> Option<T>,
) {
    if slot.is_some() {
        let finding = Diagnostic::new(&rules::GIVEN_TWICE, node.span(), "the second time")
            .note("keepalived ignores the line, and so does lvsctl");
        to.report(finding);
        return;
    }
    *slot = read(to);
}

/// `PATH [USER [GROUP]]`.
fn fifo(node: Node<'_>) -> Option<Fifo> {
    let mut words = node.arguments().map(|word| word.value());
    Some(Fifo {
        path: words.next()?,
        user: words.next(),
        group: words.next(),
    })
}

/// `HOST [PORT]`; of a bad port the row of the table complains.
fn server(to: &mut Lowering<'_>, node: Node<'_>) -> Option<MailServer> {
    let (host, port) = (node.argument(0)?, node.argument(1));
    if !may_be_host(&host) {
        to.bad_value(
            &host,
            "an address or a host name, and its port behind a blank",
        );
        return None;
    }
    let port = match port {
        Some(word) => value::port(&word).ok().filter(|port| *port > 0)?,
        None => MailServer::PORT,
    };
    let host = host.value();
    Some(MailServer { host, port })
}

/// Whether a resolver could know it. Stars stand for a host that is not known yet, which another
/// rule finds.
fn may_be_host(word: &Word<'_>) -> bool {
    let text = word.text();
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b".-_*".contains(&byte);
    let name = text.bytes().all(|byte| known(byte) || !byte.is_ascii());
    name || text.parse::<IpAddr>().is_ok()
}
