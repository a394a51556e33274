use super::asking::{Asking, each};
use crate::conf::Node;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;
use crate::lint::virtual_server::{Block, VirtualServer, and_more};

rule! {
    /// `SSL_GET` at port 80, or `HTTP_GET` at port 443.
    ///
    /// A web server speaks plain HTTP at port 80 and TLS at port 443, so that the check always
    /// fails. keepalived says nothing and takes the server out. `HTTP_GET` with `status_code 400`
    /// at port 443 is no mistake: that is what a web server answers there.
    ///
    /// ```text
    /// real_server 192.0.2.11 80 {
    ///     SSL_GET {
    ///         url {
    ///             path /
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// Remedy: the other check, or `connect_port`.
    RULE: Warning silent "scheme-of-other-port", "a check speaks another protocol than its port";
}

pub(super) const INSPECTION: Inspection = Inspection::virtual_server(&RULE, look);

fn look(around: &VirtualServer<'_>, found: &mut Vec<Diagnostic>) {
    let mut odd = each(around).filter(odd);
    let Some(first) = odd.next() else {
        return;
    };
    let (other, speaks) = match first.kind() {
        "SSL_GET" => ("HTTP_GET", "plain HTTP"),
        _ => ("SSL_GET", "TLS"),
    };
    let word = first.check.word("connect_port");
    let place = word.or_else(|| first.server.block.node.argument(1));
    let text = format!("port {} speaks {speaks}", first.port());
    let mut finding = Diagnostic::new(&RULE, first.check.node.keyword().span, text);
    if let Some(place) = place {
        finding = finding.context(place.span, "the port");
    }
    finding = and_more(finding, odd.count());
    found.push(finding.help(format!("{other}, or connect_port with the port it means")));
}

fn odd(asking: &Asking<'_, '_>) -> bool {
    match (asking.kind(), asking.port()) {
        ("SSL_GET", 80) => true,
        ("HTTP_GET", 443) => !asking.check.each("url").any(accepts_400),
        _ => false,
    }
}

fn accepts_400(url: Node<'_>) -> bool {
    let codes = |line: Node<'_>| line.arguments().any(|word| covers(word.text(), 400));
    Block::of(url).each("status_code").any(codes)
}

fn covers(range: &str, code: u16) -> bool {
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    let number = |text: &str| text.parse::<u16>().ok();
    number(first)
        .zip(number(last))
        .is_some_and(|(first, last)| (first..=last).contains(&code))
}
