use std::fmt;

/// `UDP_CHECK`: a datagram is sent, and no error comes back.
///
/// Source: UDP_CHECK in keepalived.conf(5).
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Udp {
    /// `payload`; `None`: 32 bytes that mean nothing.
    pub payload: Option<Box<[u8]>>,
    pub reply: Reply,
}

/// What must come back.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reply {
    /// Nothing need come: silence for the whole time is a pass, as is any datagram.
    #[default]
    NotNeeded,
    /// `require_reply` alone: any datagram.
    Any,
    /// `require_reply` with data.
    Like(Like),
}

/// A datagram that must come back.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Like {
    /// Value and mask of each byte: bits set in the mask count. Compared as far as both reach.
    pub bytes: Box<[(u8, u8)]>,
    /// `min_reply_length` in bytes.
    pub least: u16,
    /// `max_reply_length` in bytes; below `least` no reply can pass.
    pub most: u16,
}

impl Like {
    pub fn fits(&self, reply: &[u8]) -> bool {
        let within = (usize::from(self.least)..=usize::from(self.most)).contains(&reply.len());
        let mut pairs = reply.iter().zip(&self.bytes);
        within && pairs.all(|(byte, (value, mask))| (byte ^ value) & mask == 0)
    }
}

impl fmt::Display for Udp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.reply {
            Reply::NotNeeded => "UDP datagram",
            Reply::Any => "UDP datagram with any reply",
            Reply::Like(_) => "UDP datagram with the right reply",
        })
    }
}
