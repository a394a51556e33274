use super::common::Common;
use super::url::{self, UrlLines};
use super::{Asks, common_or};
use crate::conf::details::first;
use crate::conf::keyword::{Inside, Keyword, Kind};
use crate::conf::lowering::{Lowering, Taken};
use crate::conf::rules;
use crate::conf::tree::Node;
use crate::diag::Diagnostic;
use crate::model::check::{Http, HttpVersion};
use crate::model::text::Text;

/// An `HTTP_GET` or `SSL_GET` block as written.
#[derive(Debug, Default)]
pub(super) struct Lines {
    tls: bool,
    version: HttpVersion,
    virtualhost: Option<Text>,
    server_name: ServerName,
    fast_recovery: bool,
    tls_compliant: bool,
    urls: Vec<UrlLines>,
}

/// What is said of the server's name in the TLS handshake.
#[derive(Debug, Default)]
struct ServerName {
    enabled: bool,
    name: Option<Text>,
}

pub(super) fn read(
    to: &mut Lowering<'_>,
    kind: Kind,
    node: Node<'_>,
    common: &mut Common,
    tls: bool,
) -> Option<Asks> {
    let mut lines = Lines {
        tls,
        ..Lines::default()
    };
    let mut blocks = 0;
    common_or(to, kind, node, common, |to, known, node| {
        blocks += usize::from(known.word == "url");
        lines.line(to, known, node)
    });
    if blocks == 0 && !super::says(node, "url") {
        let urls = Kind::named("HTTP_GET.url");
        let of_url = |line: &Node<'_>| {
            let word = line.keyword().bytes;
            kind.find(word).is_none() && urls.is_some_and(|urls| urls.find(word).is_some())
        };
        let mut finding = match node.children().find(of_url) {
            Some(line) => {
                let text = "this stands outside url";
                Diagnostic::new(&rules::NO_URL, line.keyword().span, text)
            }
            None => Diagnostic::new(&rules::NO_URL, node.span(), "there is nothing to ask for"),
        };
        finding = finding
            .note("keepalived crashes, or drops the check, and the server is up for ever")
            .help("write url, a brace, path /, and a brace, each on a line of its own");
        to.report(finding.refuse());
    }
    // `nb_get_retry` is the old name of `retry`, and was taken up as that.
    (!lines.urls.is_empty()).then(|| Asks::Http(Box::new(lines)))
}

impl Lines {
    fn line(&mut self, to: &mut Lowering<'_>, known: &'static Keyword, node: Node<'_>) -> Taken {
        match known.word {
            "url" => {
                if let Inside::Keywords(block) = known.inside
                    && let Some(kind) = Kind::named(block)
                {
                    self.urls.extend(url::read(to, kind, node));
                }
            }
            "virtualhost" => self.virtualhost = first(node),
            "http_protocol" => self.version = version(to, node).unwrap_or(self.version),
            "enable_sni" => {
                self.server_name.enabled = to.boolean(node).unwrap_or(self.server_name.enabled);
            }
            "sni_name" => self.server_name.name = first(node),
            "fast_recovery" => self.fast_recovery = to.boolean(node).unwrap_or(self.fast_recovery),
            "tls_compliant" => self.tls_compliant = to.boolean(node).unwrap_or(self.tls_compliant),
            _ => return Taken::No,
        }
        Taken::Yes
    }

    /// `servers` is what real server or virtual server say of the `Host` header.
    pub(super) fn lower(&self, servers: Option<&Text>) -> Http {
        let host = self.virtualhost.as_ref().or(servers);
        let urls = self.urls.iter().map(|lines| {
            let mut url = lines.lower(
                host,
                self.tls && lines.tls_compliant.unwrap_or(self.tls_compliant),
            );
            if self.tls && self.server_name.enabled {
                url.server_name = self
                    .server_name
                    .name
                    .clone()
                    .or_else(|| url.virtualhost.clone());
            }
            url
        });
        Http {
            tls: self.tls,
            version: self.version,
            fast_recovery: self.fast_recovery,
            urls: urls.collect(),
        }
    }
}

fn version(to: &mut Lowering<'_>, node: Node<'_>) -> Option<HttpVersion> {
    let word = node.argument(0)?;
    let version = HttpVersion::named(word.text());
    if version.is_none() {
        to.bad_value(&word, "1.0, 1.0C or 1.1");
    }
    version
}
