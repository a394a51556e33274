use netlink_packet_core::{Emitable, Nla};

/// Attributes that describe a service. Numbers and byte orders: `enum
/// __ip_vs_genl_svc_attr` in `linux/ip_vs.h`; numbers travel in host order unless said otherwise.
pub(super) mod service {
    pub(crate) const AF: u16 = 1;
    pub(crate) const PROTOCOL: u16 = 2;
    pub(crate) const ADDR: u16 = 3;
    /// Big endian.
    pub(crate) const PORT: u16 = 4;
    pub(crate) const FWMARK: u16 = 5;
    pub(crate) const SCHED_NAME: u16 = 6;
    /// Flags and the mask of those that are meant, 32 bits each.
    pub(crate) const FLAGS: u16 = 7;
    /// Seconds.
    pub(crate) const TIMEOUT: u16 = 8;
    /// IPv4: the octets of the mask in network order. IPv6: a prefix length in host order.
    pub(crate) const NETMASK: u16 = 9;
    pub(crate) const PE_NAME: u16 = 11;
}

/// Attributes that describe a dest: `enum __ip_vs_genl_dest_attr`.
pub(super) mod dest {
    pub(crate) const ADDR: u16 = 1;
    /// Big endian.
    pub(crate) const PORT: u16 = 2;
    pub(crate) const FWD_METHOD: u16 = 3;
    pub(crate) const WEIGHT: u16 = 4;
    pub(crate) const U_THRESH: u16 = 5;
    pub(crate) const L_THRESH: u16 = 6;
    pub(crate) const ACTIVE_CONNS: u16 = 7;
    pub(crate) const INACT_CONNS: u16 = 8;
    pub(crate) const PERSIST_CONNS: u16 = 9;
    pub(crate) const ADDR_FAMILY: u16 = 11;
    /// One byte.
    pub(crate) const TUN_TYPE: u16 = 13;
    /// Big endian.
    pub(crate) const TUN_PORT: u16 = 14;
    pub(crate) const TUN_FLAGS: u16 = 15;
}

/// Attributes of a command: `enum __ip_vs_genl_cmd_attr`.
pub(super) mod command {
    pub(crate) const SERVICE: u16 = 1;
    pub(crate) const DEST: u16 = 2;
    /// Seconds, as the two that follow.
    pub(crate) const TIMEOUT_TCP: u16 = 4;
    pub(crate) const TIMEOUT_TCP_FIN: u16 = 5;
    pub(crate) const TIMEOUT_UDP: u16 = 6;
}

/// Attributes of the answer to `GET_INFO`, which count anew: `enum __ip_vs_genl_info_attr`.
pub(super) mod info {
    pub(crate) const VERSION: u16 = 1;
    pub(crate) const CONN_TAB_SIZE: u16 = 2;
}

/// The bits of `service::FLAGS` that user space may set: `IP_VS_SVC_F_*`. `HASHED`, 0x02, is the
/// kernel's own and must not be sent.
pub(super) mod flag {
    pub(crate) const PERSISTENT: u32 = 0x01;
    pub(crate) const ONE_PACKET: u32 = 0x04;
    pub(crate) const SCHED1: u32 = 0x08;
    pub(crate) const SCHED2: u32 = 0x10;
    pub(crate) const SCHED3: u32 = 0x20;
}

/// One attribute on its way to the kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Attr {
    kind: u16,
    value: Value,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Byte(u8),
    Short([u8; 2]),
    Word([u8; 4]),
    Pair([u8; 8]),
    Address([u8; 16]),
    /// Without its NUL, which is added.
    Text(Box<str>),
    Nested(Vec<Attr>),
}

impl Attr {
    pub(super) fn byte(kind: u16, value: u8) -> Self {
        let value = Value::Byte(value);
        Self { kind, value }
    }

    pub(super) fn u16(kind: u16, value: u16) -> Self {
        let value = Value::Short(value.to_ne_bytes());
        Self { kind, value }
    }

    /// Ports travel big endian.
    pub(super) fn port(kind: u16, port: u16) -> Self {
        let value = Value::Short(port.to_be_bytes());
        Self { kind, value }
    }

    pub(super) fn u32(kind: u16, value: u32) -> Self {
        let value = Value::Word(value.to_ne_bytes());
        Self { kind, value }
    }

    /// Four bytes in the order given.
    pub(super) fn octets(kind: u16, octets: [u8; 4]) -> Self {
        let value = Value::Word(octets);
        Self { kind, value }
    }

    pub(super) fn flags(kind: u16, flags: u32, mask: u32) -> Self {
        let mut pair = [0; 8];
        pair[..4].copy_from_slice(&flags.to_ne_bytes());
        pair[4..].copy_from_slice(&mask.to_ne_bytes());
        let value = Value::Pair(pair);
        Self { kind, value }
    }

    pub(super) fn address(kind: u16, bytes: [u8; 16]) -> Self {
        let value = Value::Address(bytes);
        Self { kind, value }
    }

    pub(super) fn text(kind: u16, text: &str) -> Self {
        let value = Value::Text(text.into());
        Self { kind, value }
    }

    pub(super) fn nested(kind: u16, attrs: Vec<Self>) -> Self {
        let value = Value::Nested(attrs);
        Self { kind, value }
    }
}

impl Nla for Attr {
    fn value_len(&self) -> usize {
        match &self.value {
            Value::Byte(_) => 1,
            Value::Short(_) => 2,
            Value::Word(_) => 4,
            Value::Pair(_) => 8,
            Value::Address(_) => 16,
            Value::Text(text) => text.len() + 1,
            Value::Nested(attrs) => attrs.as_slice().buffer_len(),
        }
    }

    fn kind(&self) -> u16 {
        self.kind
    }

    fn is_nested(&self) -> bool {
        matches!(self.value, Value::Nested(_))
    }

    fn emit_value(&self, buffer: &mut [u8]) {
        match &self.value {
            Value::Byte(byte) => buffer[0] = *byte,
            Value::Short(bytes) => buffer.copy_from_slice(bytes),
            Value::Word(bytes) => buffer.copy_from_slice(bytes),
            Value::Pair(bytes) => buffer.copy_from_slice(bytes),
            Value::Address(bytes) => buffer.copy_from_slice(bytes),
            Value::Text(text) => {
                buffer[..text.len()].copy_from_slice(text.as_bytes());
                buffer[text.len()] = 0;
            }
            Value::Nested(attrs) => attrs.as_slice().emit(buffer),
        }
    }
}
