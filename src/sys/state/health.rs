use std::fmt;
use std::io;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Folder, VERSION};
use crate::health::{
    Memory, RememberedCheck, RememberedPool, RememberedServer, Snapshot, Standing, Weighing,
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
    pub fn remember(&self, snapshot: &Snapshot) -> io::Result<()> {
        let boot = netns::boot_id()?;
        self.replace(HEALTH, &|to| write(to, &boot, || snapshot.pools()))
    }
}

/// What is written: each virtual server is put into its shape when its turn has come.
#[derive(Serialize)]
struct Written<'a, P: Fn() -> I, I: Iterator<Item = Pool>> {
    version: u32,
    boot: &'a str,
    #[serde(serialize_with = "each")]
    virtual_servers: P,
}

type Pool = (VirtualServerKey, RememberedPool);

fn each<S: Serializer, I: Iterator<Item = Pool>>(
    pools: &impl Fn() -> I,
    to: S,
) -> Result<S::Ok, S::Error> {
    let shape = |(key, pool): Pool| PoolShape::of(&key, &pool);
    to.collect_seq(pools().filter_map(shape))
}

/// What is read.
#[derive(Deserialize)]
struct Read {
    virtual_servers: Pools,
}

/// `None` where one of them cannot be.
struct Pools(Option<Memory>);

/// Each is taken up when it was read, so that shapes of all of them are never there together.
impl<'de> Deserialize<'de> for Pools {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Each;

        impl<'de> Visitor<'de> for Each {
            type Value = Pools;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("virtual servers")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Pools, A::Error> {
                let mut memory = Some(Memory::default());
                while let Some(shape) = from.next_element::<PoolShape>()? {
                    let pool = shape.remembered();
                    memory = memory.zip(pool).map(|(mut memory, (key, pool))| {
                        memory.virtual_servers.insert(key, pool);
                        memory
                    });
                }
                Ok(Pools(memory))
            }
        }

        from.deserialize_seq(Each)
    }
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
    let read: Read = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let memory = read.virtual_servers.0;
    memory.ok_or_else(|| "it names a virtual server that cannot be".to_owned())
}

fn write<I: Iterator<Item = Pool>>(
    to: &mut dyn io::Write,
    boot: &str,
    pools: impl Fn() -> I,
) -> io::Result<()> {
    let written = Written {
        version: VERSION,
        boot,
        virtual_servers: pools,
    };
    Ok(serde_json::to_writer(to, &written)?)
}

impl PoolShape {
    /// `None` where it is not remembered.
    fn of(key: &VirtualServerKey, pool: &RememberedPool) -> Option<Self> {
        Some(Self {
            key: KeyShape::of(key)?,
            quorum: pool.quorum,
            real_servers: pool.real_servers.iter().map(ServerShape::of).collect(),
        })
    }

    /// `None` for a virtual server that cannot be.
    fn remembered(self) -> Option<Pool> {
        let real_servers = self.real_servers.into_iter();
        let pool = RememberedPool {
            quorum: self.quorum,
            real_servers: real_servers.map(ServerShape::remembered).collect(),
        };
        Some((self.key.key()?, pool))
    }
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

    fn written() -> String {
        let (mut text, boot) = (Vec::new(), netns::boot_id().unwrap());
        write(&mut text, &boot, || memory().virtual_servers.into_iter()).unwrap();
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn what_is_remembered_comes_back_as_it_was_written() {
        let text = written();
        assert_eq!(head(&text), Ok(()));
        assert_eq!(parse(&text), Ok(memory()));
    }

    #[test]
    fn a_damaged_memory_is_none() {
        let good = written();
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
