use std::fmt;

use crate::model::service::{DestKey, ServiceKey};

/// One thing of a namespace's IPVS that can be changed by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Object {
    Service(ServiceKey),
    Dest(ServiceKey, DestKey),
    /// Connection timeouts, of the whole namespace.
    Timeouts,
}

impl Object {
    /// The service it is, or is in.
    pub fn service(&self) -> Option<ServiceKey> {
        match self {
            Self::Service(service) | Self::Dest(service, _) => Some(*service),
            Self::Timeouts => None,
        }
    }

    pub fn dest(&self) -> Option<DestKey> {
        match self {
            Self::Dest(_, dest) => Some(*dest),
            Self::Service(_) | Self::Timeouts => None,
        }
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(service) => write!(f, "service {service}"),
            Self::Dest(service, dest) => write!(f, "real server {dest} of {service}"),
            Self::Timeouts => f.write_str("connection timeouts"),
        }
    }
}
