use crate::model::name::Name;

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

/// Attributes on their way to the kernel, written straight behind what the send has already.
pub(super) struct Attrs<'a>(&'a mut Vec<u8>);

/// `NLA_F_NESTED`.
const NESTED: u16 = 1 << 15;
/// Length and kind before each value.
const HEADER: u16 = 4;

impl<'a> Attrs<'a> {
    pub(super) fn new(bytes: &'a mut Vec<u8>) -> Self {
        Self(bytes)
    }

    pub(super) fn byte(&mut self, kind: u16, value: u8) {
        self.word(kind, 1, [value, 0, 0, 0]);
    }

    pub(super) fn u16(&mut self, kind: u16, value: u16) {
        let [a, b] = value.to_ne_bytes();
        self.word(kind, 2, [a, b, 0, 0]);
    }

    /// Ports travel big endian.
    pub(super) fn port(&mut self, kind: u16, port: u16) {
        let [a, b] = port.to_be_bytes();
        self.word(kind, 2, [a, b, 0, 0]);
    }

    pub(super) fn u32(&mut self, kind: u16, value: u32) {
        self.word(kind, 4, value.to_ne_bytes());
    }

    /// Four bytes in the order given.
    pub(super) fn octets(&mut self, kind: u16, octets: [u8; 4]) {
        self.word(kind, 4, octets);
    }

    pub(super) fn flags(&mut self, kind: u16, flags: u32, mask: u32) {
        self.header(kind, 8);
        self.0.extend_from_slice(&flags.to_ne_bytes());
        self.0.extend_from_slice(&mask.to_ne_bytes());
    }

    pub(super) fn address(&mut self, kind: u16, bytes: [u8; 16]) {
        self.header(kind, 16);
        self.0.extend_from_slice(&bytes);
    }

    /// A name with its NUL.
    pub(super) fn name(&mut self, kind: u16, name: &str) {
        const { assert!(Name::MAX < 16) }
        let mut bytes = [0; 16];
        // A name is never longer; what were longer would lose its end, never its NUL.
        for (to, from) in bytes.iter_mut().zip(name.bytes().take(Name::MAX)) {
            *to = from;
        }
        let length = name.len().min(Name::MAX) + 1;
        self.header(kind, u16::try_from(length).unwrap_or(16));
        self.0
            .extend_from_slice(&bytes[..length.next_multiple_of(4)]);
    }

    pub(super) fn nested(&mut self, kind: u16, inside: impl FnOnce(&mut Attrs<'_>)) {
        let start = self.0.len();
        self.header(kind | NESTED, 0);
        inside(self);
        let length = self.0.len() - start;
        // A few hundred bytes at most.
        let length = u16::try_from(length).unwrap_or(u16::MAX);
        self.0[start..start + 2].copy_from_slice(&length.to_ne_bytes());
    }

    fn header(&mut self, kind: u16, length: u16) {
        self.0.extend_from_slice(&header(kind, length));
    }

    /// A value of up to four bytes, padded.
    fn word(&mut self, kind: u16, length: u16, value: [u8; 4]) {
        let mut bytes = [0; 8];
        bytes[..4].copy_from_slice(&header(kind, length));
        bytes[4..].copy_from_slice(&value);
        self.0.extend_from_slice(&bytes);
    }
}

/// What stands before a value of so many bytes.
fn header(kind: u16, length: u16) -> [u8; 4] {
    let mut bytes = [0; 4];
    bytes[..2].copy_from_slice(&(HEADER + length).to_ne_bytes());
    bytes[2..].copy_from_slice(&kind.to_ne_bytes());
    bytes
}
