use std::sync::Arc;

use super::common::{Common, Connection};
use super::{Asks, common_or};
use crate::conf::details::first;
use crate::conf::keyword::{Inside, Kind};
use crate::conf::lowering::{Lowering, Taken};
use crate::conf::tree::Node;
use crate::model::check::Smtp;

/// Who we say we are where nothing is said.
const HELO: &str = "smtpchecker.keepalived.org";

/// An `SMTP_CHECK` block as written.
#[derive(Debug)]
pub(super) struct Lines {
    smtp: Arc<Smtp>,
    hosts: Vec<Connection>,
}

pub(super) fn read(to: &mut Lowering<'_>, kind: Kind, node: Node<'_>, common: &mut Common) -> Asks {
    let mut helo = None;
    let mut hosts = Vec::new();
    let mut of_hosts = Common::default();
    common_or(to, kind, node, common, |to, known, node| {
        match (known.word, known.inside) {
            ("helo_name", _) => helo = first(node),
            ("host", Inside::Keywords(block)) => {
                if let Some(kind) = Kind::named(block) {
                    hosts.push(host(to, kind, node, &mut of_hosts));
                }
            }
            _ => return Taken::No,
        }
        Taken::Yes
    });
    common.patience = of_hosts.patience.within(common.patience);
    common.alpha = of_hosts.alpha.or(common.alpha);
    common.log_all_failures |= of_hosts.log_all_failures;
    let helo = helo.unwrap_or_else(|| HELO.into());
    let smtp = Arc::new(Smtp { helo });
    Asks::Smtp(Box::new(Lines { smtp, hosts }))
}

/// Where one host is; what it says beside is for the whole check.
fn host(to: &mut Lowering<'_>, kind: Kind, node: Node<'_>, common: &mut Common) -> Connection {
    to.walk(kind, node.children(), |to, known, node| {
        common.read(to, known, node)
    });
    std::mem::take(&mut common.connection)
}

impl Lines {
    pub(super) fn smtp(&self) -> Arc<Smtp> {
        Arc::clone(&self.smtp)
    }

    /// Whom to ask. The block's own connection counts where it is said, or where there are no
    /// hosts.
    pub(super) fn connections<'a>(
        &'a self,
        own: &'a Connection,
    ) -> impl Iterator<Item = &'a Connection> {
        let own = Some(own).filter(|own| self.hosts.is_empty() || !own.is_silent());
        own.into_iter().chain(&self.hosts)
    }
}
