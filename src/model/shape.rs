use std::net::IpAddr;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::service::{DestKey, Endpoint, Family, Protocol, ServiceKey};

/// A service key as machines read and write it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceShape {
    pub family: String,
    #[serde(flatten)]
    pub identity: IdentityShape,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum IdentityShape {
    Mark {
        fwmark: NonZeroU32,
    },
    Address {
        protocol: String,
        address: IpAddr,
        port: u16,
    },
}

/// A dest key as machines read and write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DestShape {
    pub address: IpAddr,
    pub port: u16,
}

impl From<&ServiceKey> for ServiceShape {
    fn from(key: &ServiceKey) -> Self {
        let identity = match key {
            ServiceKey::Mark(_, fwmark) => IdentityShape::Mark { fwmark: *fwmark },
            ServiceKey::Address(protocol, endpoint) => IdentityShape::Address {
                protocol: protocol_word(*protocol),
                address: endpoint.ip,
                port: endpoint.port,
            },
        };
        Self {
            family: key.family().as_str().to_owned(),
            identity,
        }
    }
}

impl ServiceShape {
    /// `None` where the words name no service.
    pub fn key(&self) -> Option<ServiceKey> {
        let family = [Family::Inet, Family::Inet6]
            .into_iter()
            .find(|family| family.as_str() == self.family)?;
        match &self.identity {
            IdentityShape::Mark { fwmark } => Some(ServiceKey::Mark(family, *fwmark)),
            IdentityShape::Address {
                protocol,
                address,
                port,
            } => {
                let protocol = word_protocol(protocol)?;
                let agrees = Family::of(*address) == family;
                agrees.then(|| ServiceKey::Address(protocol, Endpoint::new(*address, *port)))
            }
        }
    }
}

impl From<&DestKey> for DestShape {
    fn from(key: &DestKey) -> Self {
        Self {
            address: key.ip,
            port: key.port,
        }
    }
}

impl From<DestShape> for DestKey {
    fn from(shape: DestShape) -> Self {
        Self::new(shape.address, shape.port)
    }
}

/// A protocol in small letters, or its number.
pub fn protocol_word(protocol: Protocol) -> String {
    match protocol {
        Protocol::Other(number) => number.to_string(),
        named => named.to_string().to_lowercase(),
    }
}

/// `None` where the word names no protocol.
pub fn word_protocol(word: &str) -> Option<Protocol> {
    Some(match word {
        "tcp" => Protocol::Tcp,
        "udp" => Protocol::Udp,
        "sctp" => Protocol::Sctp,
        other => Protocol::Other(other.parse().ok()?),
    })
}
