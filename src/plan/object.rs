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

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(service) => write!(f, "service {service}"),
            Self::Dest(service, dest) => write!(f, "real server {dest} of {service}"),
            Self::Timeouts => f.write_str("connection timeouts"),
        }
    }
}
