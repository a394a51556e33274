use std::cell::Cell;
use std::collections::HashMap;

use crate::diag::Span;
use crate::model::director::Director;
use crate::model::service::{DestKey, ServiceKey};

/// Where the file names a service or a dest.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// Which virtual server a service is of, by its index.
    services: HashMap<ServiceKey, u32>,
    /// By index of the virtual server: its own place, and that of each real server.
    servers: Vec<(Span, Box<[Span]>)>,
}

/// Where the last of many places was found. Who asks for a thousand services, or dests of one, asks
/// in their order: the next is looked for there first.
#[derive(Debug, Default)]
pub struct Near {
    server: Cell<usize>,
    /// Behind the real server.
    real: Cell<usize>,
}

impl Places {
    pub fn service(&self, service: &ServiceKey) -> Option<Span> {
        let index = self.index(service)?;
        self.servers.get(index).map(|(span, _)| *span)
    }

    /// Asked with the director that was read together with the places.
    pub fn dest(&self, director: &Director, service: &ServiceKey, dest: &DestKey) -> Option<Span> {
        self.dest_near(director, service, dest, &Near::default())
    }

    /// As [`Self::service`], for who asks for many.
    pub fn service_near(
        &self,
        director: &Director,
        service: &ServiceKey,
        near: &Near,
    ) -> Option<Span> {
        let index = self.index_near(director, service, near)?;
        self.servers.get(index).map(|(span, _)| *span)
    }

    /// As [`Self::dest`], for who asks for many.
    pub fn dest_near(
        &self,
        director: &Director,
        service: &ServiceKey,
        dest: &DestKey,
        near: &Near,
    ) -> Option<Span> {
        let index = self.index_near(director, service, near)?;
        let servers = &director.virtual_servers.get(index)?.real_servers;
        let from = near.real.get().min(servers.len());
        let here = |at: &usize| servers[*at].dest(service) == *dest;
        let at = (from..servers.len()).chain(0..from).find(here)?;
        near.real.set(at + 1);
        self.servers.get(index)?.1.get(at).copied()
    }

    fn index_near(&self, director: &Director, service: &ServiceKey, near: &Near) -> Option<usize> {
        let from = near.server.get();
        let servers = &director.virtual_servers;
        let here = |at: &usize| {
            let server = servers.get(*at);
            server.is_some_and(|server| server.keys.first() == Some(service))
        };
        let index = (from..=from + 1).find(here);
        let index = index.or_else(|| self.index(service))?;
        near.server.set(index);
        Some(index)
    }

    /// Where the virtual server at `index` of the director stands, and each real server of it.
    pub fn virtual_server(&self, index: usize) -> Option<(Span, &[Span])> {
        let (span, real) = self.servers.get(index)?;
        Some((*span, real))
    }

    pub(super) fn index(&self, service: &ServiceKey) -> Option<usize> {
        self.services.get(service).map(|index| *index as usize)
    }

    /// Makes room for so many more virtual servers.
    pub(super) fn reserve(&mut self, servers: usize) {
        self.services.reserve(servers);
        self.servers.reserve_exact(servers);
    }

    /// The next virtual server's.
    pub(super) fn add(&mut self, keys: &[ServiceKey], span: Span, real: Vec<Span>) {
        let index = u32::try_from(self.servers.len()).unwrap_or(u32::MAX);
        self.services.extend(keys.iter().map(|key| (*key, index)));
        self.servers.push((span, real.into()));
    }
}
