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

impl Places {
    pub fn service(&self, service: &ServiceKey) -> Option<Span> {
        let index = self.index(service)?;
        self.servers.get(index).map(|(span, _)| *span)
    }

    /// Asked with the director that was read together with the places.
    pub fn dest(&self, director: &Director, service: &ServiceKey, dest: &DestKey) -> Option<Span> {
        let index = self.index(service)?;
        let server = director.virtual_servers.get(index)?;
        let mut servers = server.real_servers.iter();
        let at = servers.position(|real| real.dest(service) == *dest)?;
        self.servers.get(index)?.1.get(at).copied()
    }

    /// Where the virtual server at `index` of the director stands, and each real server of it.
    pub fn virtual_server(&self, index: usize) -> Option<(Span, &[Span])> {
        let (span, real) = self.servers.get(index)?;
        Some((*span, real))
    }

    pub(super) fn index(&self, service: &ServiceKey) -> Option<usize> {
        self.services.get(service).map(|index| *index as usize)
    }

    /// The next virtual server's.
    pub(super) fn add(&mut self, keys: &[ServiceKey], span: Span, real: Vec<Span>) {
        let index = u32::try_from(self.servers.len()).unwrap_or(u32::MAX);
        self.services.extend(keys.iter().map(|key| (*key, index)));
        self.servers.push((span, real.into()));
    }
}
