use std::sync::Arc;

use super::header::Header;
use super::{PERSISTENCE, VirtualServerBlock};
use crate::conf::group::Group;
use crate::conf::lowering::Lowering;
use crate::conf::rules;
use crate::diag::{Diagnostic, Rule, Span};
use crate::model::forward::ForwardingMethod;
use crate::model::persist::{Granularity, Persistence};
use crate::model::schedule::Scheduler;
use crate::model::server::VirtualServer;
use crate::model::service::{Endpoint, Family, Protocol, ServiceKey, VirtualServerKey};

/// A virtual server, and where it and its real servers stand.
pub(in crate::conf) struct Lowered {
    pub(in crate::conf) server: Arc<VirtualServer>,
    pub(in crate::conf) span: Span,
    /// One for each real server, in their order.
    pub(in crate::conf) real_spans: Vec<Span>,
}

impl VirtualServerBlock {
    /// What the block comes to; for a group, with the group of its name, if there is one.
    ///
    /// `None` where it would be lost, which is a finding.
    pub(in crate::conf) fn lower(
        mut self,
        to: &mut Lowering<'_>,
        group: Option<&Group>,
    ) -> Option<Lowered> {
        if let Header::Group(name, span) = &self.header
            && group.is_none()
        {
            let text = format!("there is no virtual_server_group {name}");
            let finding = Diagnostic::new(&rules::UNDEFINED_GROUP, *span, text)
                .note("keepalived drops the virtual server without a word");
            to.report(finding.refuse());
            return None;
        }
        if let Some(group) = group {
            if group.partly_read {
                return None;
            }
            if group.members.is_empty() {
                let finding =
                    Diagnostic::new(&rules::EMPTY_GROUP, self.span, "of this virtual server")
                        .context(group.span, "this group has no member")
                        .note("keepalived drops the virtual server");
                to.report(finding.refuse());
                return None;
            }
            self.member_ports = group.ports();
            self.any_port_member = group.has_any_port();
        }
        let family = self.family(to, group)?;
        let by_address = match &self.header {
            Header::Address(..) => true,
            Header::Mark(_) => false,
            Header::Group(..) => group.is_some_and(Group::has_addresses),
        };
        let protocol = self.protocol(to, by_address);
        let scheduler = self.scheduler(to);
        let method = self.method(to);
        if let Some(span) = self.ops
            && by_address
            && protocol != Protocol::Udp
        {
            let text = format!("switched off for {protocol}");
            to.warn(&rules::OPS_NEEDS_UDP, span, text);
            self.ops = None;
        }
        let persistence = self.persistence(to, family);
        if self.ha_suspends(to, group) {
            self.details.get_or_insert_default().ha_suspend = true;
        }
        if self.real_servers.is_empty() {
            self.report_no_real_server(to);
            return None;
        }
        let (real_servers, real_spans) = self.pool(to, method);
        let weights = real_servers.iter().map(|real| u64::from(real.weight.get()));
        let quorum = self.quorum.lower(to, weights.sum(), self.span);
        let sorry = self.lower_sorry(to, method, family);
        let server = VirtualServer {
            key: self.key(protocol, family),
            keys: self.keys(protocol, family, group),
            scheduler,
            flags: self.flags,
            one_packet: self.ops.is_some(),
            persistence,
            engine: self.engine,
            real_servers,
            quorum,
            sorry,
            details: self.details,
        };
        Some(Lowered {
            server: Arc::new(server),
            span: self.span,
            real_spans,
        })
    }

    fn key(&self, protocol: Protocol, family: Family) -> VirtualServerKey {
        match &self.header {
            Header::Address(ip, port) => {
                VirtualServerKey::Address(protocol, Endpoint::new(*ip, *port))
            }
            Header::Mark(mark) => VirtualServerKey::Mark(family, *mark),
            Header::Group(name, _) => VirtualServerKey::Group(name.as_ref().into(), protocol),
        }
    }

    fn keys(&self, protocol: Protocol, family: Family, group: Option<&Group>) -> Vec<ServiceKey> {
        match &self.header {
            Header::Address(ip, port) => {
                vec![ServiceKey::Address(protocol, Endpoint::new(*ip, *port))]
            }
            Header::Mark(mark) => vec![ServiceKey::Mark(family, *mark)],
            Header::Group(..) => group.map_or_else(Vec::new, |group| group.keys(protocol, family)),
        }
    }

    /// The family of the services that do not say it themselves. `None` where the group's members
    /// are of one and the real servers of another, which is a finding.
    fn family(&mut self, to: &mut Lowering<'_>, group: Option<&Group>) -> Option<Family> {
        let Some(group) = group else {
            // All that is left are tunnels; where they agree, so does the mark.
            let mut tunnels = self.real_servers.iter().map(|real| Family::of(real.ip));
            let first = tunnels.next().unwrap_or(Family::Inet);
            let agreed = if tunnels.all(|other| other == first) {
                first
            } else {
                Family::Inet
            };
            return Some(self.family.unwrap_or(agreed));
        };
        let mut said = group.families().flatten();
        let first = said.next();
        let mixed = first.is_some_and(|first| said.any(|other| other != first));
        let clash = match self.family {
            Some(family) => mixed || first.is_some_and(|first| first != family),
            None => false,
        };
        if clash {
            let text = "its real servers are of another family than a member of the group";
            let finding = Diagnostic::new(&rules::MIXED_FAMILIES, self.span, text)
                .context(group.span, "the group")
                .note("keepalived drops the virtual server without a word");
            to.report(finding.refuse());
            return None;
        }
        let only = first.filter(|_| !mixed);
        Some(self.family.or(only).unwrap_or(Family::Inet))
    }

    fn protocol(&self, to: &mut Lowering<'_>, by_address: bool) -> Protocol {
        match self.protocol {
            Some((_, span)) if !by_address => {
                let text = "a mark carries every protocol";
                to.warn(&rules::PROTOCOL_WITH_MARK, span, text);
                Protocol::Udp
            }
            Some((protocol, _)) => protocol,
            None => {
                if by_address && !self.names_protocol {
                    self.report_unset(to, &rules::PROTOCOL_UNSET, "add a protocol line");
                }
                Protocol::Udp
            }
        }
    }

    fn report_unset(&self, to: &mut Lowering<'_>, rule: &'static Rule, text: &str) {
        if !self.partly_read && !self.complained {
            to.warn(rule, self.span, text);
        }
    }

    fn scheduler(&self, to: &mut Lowering<'_>) -> Scheduler {
        self.scheduler.clone().unwrap_or_else(|| {
            if !self.names_scheduler {
                self.report_unset(to, &rules::SCHEDULER_UNSET, "add an lb_algo line");
            }
            Scheduler::Wlc
        })
    }

    fn method(&self, to: &mut Lowering<'_>) -> ForwardingMethod {
        self.method.unwrap_or_else(|| {
            let mut servers = self.real_servers.iter();
            if !self.names_method && servers.any(|real| real.method.is_none()) {
                self.report_unset(to, &rules::METHOD_UNSET, "add an lb_kind line");
            }
            ForwardingMethod::Masquerade
        })
    }

    fn persistence(&self, to: &mut Lowering<'_>, family: Family) -> Option<Persistence> {
        let every_port = match &self.header {
            Header::Address(_, port) => *port == 0,
            Header::Mark(_) => false,
            Header::Group(..) => self.any_port_member,
        };
        let timeout = self.timeout.or_else(|| {
            every_port.then(|| {
                let text = format!("made persistent for {PERSISTENCE} s");
                let finding = Diagnostic::new(&rules::PORT_ZERO_NEEDS_PERSISTENCE, self.span, text)
                    .help("name a port, or add persistence_timeout");
                to.report(finding);
                PERSISTENCE
            })
        })?;
        let host = Granularity::host(family);
        let mut granularity = self
            .granularity
            .map_or(host, |(granularity, _)| granularity);
        if let (Header::Group(..), Some((said, span))) = (&self.header, self.granularity)
            && said != host
        {
            let text = format!("every client for itself, not {said}");
            let finding = Diagnostic::new(&rules::GROUP_WITHOUT_GRANULARITY, span, text).note(
                "keepalived forgets it for the members of a group, and lvsctl programs the same",
            );
            to.report(finding);
            granularity = host;
        }
        Some(Persistence {
            timeout,
            granularity,
        })
    }

    fn ha_suspends(&self, to: &mut Lowering<'_>, group: Option<&Group>) -> bool {
        let marks = matches!(self.header, Header::Mark(_)) || group.is_some_and(Group::has_marks);
        if let Some(span) = self.ha_suspend.filter(|_| marks) {
            let text = "a mark is on no interface";
            let finding = Diagnostic::new(&rules::HA_SUSPEND_WITH_MARK, span, text)
                .note("keepalived ignores the line, and so does lvsctl");
            to.report(finding);
        }
        self.ha_suspend.is_some() && !marks
    }

    fn report_no_real_server(&self, to: &mut Lowering<'_>) {
        if self.partly_read {
            return;
        }
        let text = "its block names none";
        let finding = Diagnostic::new(&rules::NO_REAL_SERVER, self.span, text)
            .note("keepalived drops the virtual server");
        to.report(finding.refuse());
    }
}
