use super::asking::{Asking, each_of};
use crate::conf::Node;
use crate::diag::{Diagnostic, Span, rule};
use crate::lint::inspection::Inspection;
use crate::lint::virtual_server::{VirtualServer, and_more};

rule! {
    /// A check that another check of the same server makes superfluous.
    ///
    /// It is the same once more, or a `TCP_CHECK` of the port that an `HTTP_GET`, `SSL_GET` or
    /// `SMTP_CHECK` asks as often. keepalived runs both, and a server is up only where both pass:
    /// the second adds connections and no knowledge.
    ///
    /// ```text
    /// real_server 192.0.2.11 80 {
    ///     TCP_CHECK {
    ///     }
    ///     HTTP_GET {
    ///         url {
    ///             path /
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// Remedy: leave it out.
    RULE: Info silent "implied-check", "another check says as much";
}

pub(super) const INSPECTION: Inspection = Inspection::virtual_server(&RULE, look);

fn look(around: &VirtualServer<'_>, found: &mut Vec<Diagnostic>) {
    let several = around.real_servers.iter();
    let several = several.filter(|server| around.checks_of(server).len() > 1);
    let mut implied = several.filter_map(|server| {
        let checks: Vec<Asking<'_, '_>> = each_of(around, server).collect();
        pair(&checks)
    });
    let Some((check, by, text)) = implied.next() else {
        return;
    };
    let finding = Diagnostic::new(&RULE, check, text).context(by, "the other");
    let finding = and_more(finding, implied.count());
    found.push(finding.help("leave it out"));
}

/// The first check that another one implies, and that one.
fn pair(checks: &[Asking<'_, '_>]) -> Option<(Span, Span, &'static str)> {
    let place = |asking: &Asking<'_, '_>| asking.check.node.keyword().span;
    for (at, check) in checks.iter().enumerate() {
        if let Some(first) = checks[..at]
            .iter()
            .find(|first| same(first.check.node, check.check.node))
        {
            return Some((place(check), place(first), "the same once more"));
        }
        if let Some(by) = checks.iter().find(|by| implies(by, check)) {
            return Some((place(check), place(by), "the other connects there too"));
        }
    }
    None
}

/// Two blocks say the same, word for word.
fn same(one: Node<'_>, other: Node<'_>) -> bool {
    let words = |node: Node<'_>| {
        node.words()
            .map(|word| word.bytes.to_vec())
            .collect::<Vec<_>>()
    };
    let (mut ones, mut others) = (one.children(), other.children());
    let known = !one.opaque() && !other.opaque();
    known
        && words(one) == words(other)
        && loop {
            match (ones.next(), others.next()) {
                (None, None) => break true,
                (Some(one), Some(other)) if same(one, other) => {}
                _ => break false,
            }
        }
}

/// A check over TCP fails, and no later, wherever a mere connection would.
fn implies(by: &Asking<'_, '_>, check: &Asking<'_, '_>) -> bool {
    let from = [
        "connect_ip",
        "bindto",
        "bind_port",
        "bind_if",
        "fwmark",
        "host",
    ];
    let plain = |asking: &Asking<'_, '_>| !from.iter().any(|word| asking.check.has(word));
    let sooner = || {
        let loops = by.delay_loop()?.micros <= check.delay_loop()?.micros;
        let waits = by.timeout()?.micros <= check.timeout()?.micros;
        let after = by.notices_after()? <= check.notices_after()?;
        Some(loops && waits && after)
    };
    check.kind() == "TCP_CHECK"
        && matches!(by.kind(), "HTTP_GET" | "SSL_GET" | "SMTP_CHECK")
        && plain(by)
        && plain(check)
        && by.port() == check.port()
        && sooner() == Some(true)
}
