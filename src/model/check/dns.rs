use std::fmt;

use crate::model::text::Text;

/// `DNS_CHECK`: the server answers the question without an error.
///
/// Source: DNS_CHECK in keepalived.conf(5).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dns {
    pub record: RecordType,
    pub name: DnsName,
}

/// `type`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordType {
    A,
    Ns,
    Cname,
    #[default]
    Soa,
    Mx,
    Txt,
    Aaaa,
    Rrsig,
    Dnskey,
}

impl RecordType {
    pub const ALL: [Self; 9] = [
        Self::A,
        Self::Ns,
        Self::Cname,
        Self::Soa,
        Self::Mx,
        Self::Txt,
        Self::Aaaa,
        Self::Rrsig,
        Self::Dnskey,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::Ns => "NS",
            Self::Cname => "CNAME",
            Self::Soa => "SOA",
            Self::Mx => "MX",
            Self::Txt => "TXT",
            Self::Aaaa => "AAAA",
            Self::Rrsig => "RRSIG",
            Self::Dnskey => "DNSKEY",
        }
    }

    /// The number of the IANA registry of resource record types.
    pub const fn number(self) -> u16 {
        match self {
            Self::A => 1,
            Self::Ns => 2,
            Self::Cname => 5,
            Self::Soa => 6,
            Self::Mx => 15,
            Self::Txt => 16,
            Self::Aaaa => 28,
            Self::Rrsig => 46,
            Self::Dnskey => 48,
        }
    }

    /// In any case; `None` where there is no such type here.
    pub fn named(word: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|record| record.as_str().eq_ignore_ascii_case(word))
    }
}

/// `name`: a domain name as written, with or without the dot at its end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DnsName(Text);

/// Why bytes are no domain name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoDnsName {
    EmptyLabel,
    /// A label of more than 63 bytes, or more than 253 in all.
    TooLong,
}

impl DnsName {
    /// Source: RFC 1035, section 2.3.4.
    pub fn new(bytes: &[u8]) -> Result<Self, NoDnsName> {
        if !matches!(bytes, b"" | b".") {
            let labels = bytes.strip_suffix(b".").unwrap_or(bytes);
            for label in labels.split(|byte| *byte == b'.') {
                match label.len() {
                    0 => return Err(NoDnsName::EmptyLabel),
                    1..=63 => {}
                    _ => return Err(NoDnsName::TooLong),
                }
            }
            if labels.len() > 253 {
                return Err(NoDnsName::TooLong);
            }
        }
        Ok(Self(bytes.into()))
    }

    /// From the host to the root, which is not among them.
    pub fn labels(&self) -> impl Iterator<Item = &[u8]> {
        let labels = self.0.as_bytes().split(|byte| *byte == b'.');
        labels.filter(|label| !label.is_empty())
    }
}

/// The root.
impl Default for DnsName {
    fn default() -> Self {
        Self(".".into())
    }
}

impl fmt::Display for DnsName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Dns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DNS question {} {}", self.record.as_str(), self.name)
    }
}
