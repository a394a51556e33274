use std::io;

use serde::{Deserialize, Serialize};

use super::{Folder, VERSION};
use crate::health::{
    Memory, RememberedCheck, RememberedPool, RememberedServer, Standing, Weighing,
};
use crate::model::moment::Moment;
use crate::model::service::{DestKey, Protocol, ServiceKey, VirtualServerKey};
use crate::model::shape::{DestShape, ServiceShape, protocol_word, word_protocol};
use crate::sys::netns;

const HEALTH: &str = "health.json";

impl Folder {
    /// What an earlier run knew of the real servers. Unusable is nothing, with the reason as a
    /// sentence.
    pub fn memory(&self) -> (Memory, Option<String>) {
        match self.load(HEALTH, parse) {
            Ok(memory) => (memory.unwrap_or_default(), None),
            Err(reason) => (Memory::default(), Some(reason)),
        }
    }

    /// Replaces what is known; a reader sees the old or the new.
    pub fn remember(&self, memory: &Memory) -> io::Result<()> {
        self.replace(HEALTH, &render(memory, netns::boot_id()?))
    }
}

#[derive(Serialize, Deserialize)]
struct HealthShape {
    version: u32,
    boot: String,
    virtual_servers: Vec<PoolShape>,
}

#[derive(Serialize, Deserialize)]
struct PoolShape {
    #[serde(flatten)]
    key: KeyShape,
    quorum: bool,
    real_servers: Vec<ServerShape>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum KeyShape {
    Group { group: String, protocol: String },
    Service(ServiceShape),
}

#[derive(Serialize, Deserialize)]
struct ServerShape {
    #[serde(flatten)]
    dest: DestShape,
    up: bool,
    /// Nanoseconds since boot.
    since: u64,
    reason: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    checks: Vec<CheckShape>,
}

#[derive(Serialize, Deserialize)]
struct CheckShape {
    asks: String,
    checked: bool,
    passes: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    weighs: Option<WeighingShape>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum WeighingShape {
    Configured,
    Instead(u8),
    Plus(i64),
}

fn parse(text: &str) -> Result<Memory, String> {
    let shape: HealthShape = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut memory = Memory::default();
    for pool in shape.virtual_servers {
        let key = pool.key.key();
        let key = key.ok_or("it names a virtual server that cannot be")?;
        let real_servers = pool.real_servers.into_iter();
        let pool = RememberedPool {
            quorum: pool.quorum,
            real_servers: real_servers.map(ServerShape::remembered).collect(),
        };
        memory.virtual_servers.insert(key, pool);
    }
    Ok(memory)
}

fn render(memory: &Memory, boot: String) -> String {
    let virtual_servers = memory.virtual_servers.iter();
    let shape = HealthShape {
        version: VERSION,
        boot,
        virtual_servers: virtual_servers
            .filter_map(|(key, pool)| {
                let real_servers = pool.real_servers.iter();
                Some(PoolShape {
                    key: KeyShape::of(key)?,
                    quorum: pool.quorum,
                    real_servers: real_servers.map(ServerShape::of).collect(),
                })
            })
            .collect(),
    };
    serde_json::to_string(&shape).expect("strings and numbers are always JSON")
}

impl KeyShape {
    /// `None` for a group whose name is no text: it is not remembered.
    fn of(key: &VirtualServerKey) -> Option<Self> {
        Some(match key {
            VirtualServerKey::Address(protocol, endpoint) => {
                let service = ServiceKey::Address(*protocol, *endpoint);
                Self::Service((&service).into())
            }
            VirtualServerKey::Mark(family, mark) => {
                Self::Service((&ServiceKey::Mark(*family, *mark)).into())
            }
            VirtualServerKey::Group(name, protocol) => Self::Group {
                group: str::from_utf8(name.as_bytes()).ok()?.to_owned(),
                protocol: protocol_word(*protocol),
            },
        })
    }

    fn key(&self) -> Option<VirtualServerKey> {
        match self {
            Self::Service(service) => service.key().map(VirtualServerKey::from),
            Self::Group { group, protocol } => {
                let protocol: Protocol = word_protocol(protocol)?;
                Some(VirtualServerKey::Group(group.as_str().into(), protocol))
            }
        }
    }
}

impl ServerShape {
    fn of((key, server): (&DestKey, &RememberedServer)) -> Self {
        let checks = server.checks.iter().map(|check| CheckShape {
            asks: check.asks.clone(),
            checked: check.checked,
            passes: check.passes,
            weighs: check.weighing.map(|weighing| match weighing {
                Weighing::Configured => WeighingShape::Configured,
                Weighing::Instead(weight) => WeighingShape::Instead(weight),
                Weighing::Plus(more) => WeighingShape::Plus(more),
            }),
        });
        Self {
            dest: key.into(),
            up: server.standing.up,
            since: server.standing.since.as_nanos(),
            reason: server.standing.reason.to_string(),
            checks: checks.collect(),
        }
    }

    fn remembered(self) -> (DestKey, RememberedServer) {
        let checks = self.checks.into_iter().map(|check| RememberedCheck {
            asks: check.asks,
            checked: check.checked,
            passes: check.passes,
            weighing: check.weighs.map(|weighs| match weighs {
                WeighingShape::Configured => Weighing::Configured,
                WeighingShape::Instead(weight) => Weighing::Instead(weight),
                WeighingShape::Plus(more) => Weighing::Plus(more),
            }),
        });
        let server = RememberedServer {
            standing: Standing {
                up: self.up,
                since: Moment::from_nanos(self.since),
                reason: self.reason.into(),
            },
            checks: checks.collect(),
        };
        (self.dest.into(), server)
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::super::head;
    use super::*;
    use crate::model::service::{Endpoint, Family};

    fn memory() -> Memory {
        let endpoint = Endpoint::new([192, 0, 2, 1].into(), 80);
        let server = RememberedServer {
            standing: Standing {
                up: false,
                since: Moment::from_nanos(7),
                reason: "connection refused".into(),
            },
            checks: [
                (Some(Weighing::Instead(3)), true),
                (Some(Weighing::Plus(-3)), true),
                (Some(Weighing::Configured), true),
                (None, false),
            ]
            .map(|(weighing, passes)| RememberedCheck {
                asks: "script \"a b\"".to_owned(),
                checked: !passes,
                passes,
                weighing,
            })
            .into(),
        };
        let pool = RememberedPool {
            quorum: true,
            real_servers: [(endpoint, server)].into(),
        };
        let keys = [
            VirtualServerKey::Address(Protocol::Udp, endpoint),
            VirtualServerKey::Mark(Family::Inet6, NonZeroU32::MIN),
            VirtualServerKey::Group("web".into(), Protocol::Tcp),
        ];
        Memory {
            virtual_servers: keys.map(|key| (key, pool.clone())).into(),
        }
    }

    #[test]
    fn what_is_remembered_comes_back_as_it_was_written() {
        let text = render(&memory(), netns::boot_id().unwrap());
        assert_eq!(head(&text), Ok(()));
        assert_eq!(parse(&text), Ok(memory()));
    }

    #[test]
    fn a_damaged_memory_is_none() {
        let good = render(&memory(), netns::boot_id().unwrap());
        let cases = [
            good[..good.len() / 2].to_owned(),
            good.replace("\"udp\"", "\"carrots\""),
            good.replace("\"since\":7", "\"since\":-7"),
            String::new(),
        ];
        for text in cases {
            assert!(parse(&text).is_err(), "{text}");
        }
    }
}
