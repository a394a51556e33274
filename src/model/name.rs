use std::fmt;

/// A name that the kernel keeps in 16 bytes with its terminating NUL: scheduler, persistence
/// engine or interface.
///
/// 1 to 15 bytes, none of them NUL.
///
/// Source: `IP_VS_SCHEDNAME_MAXLEN` and `IP_VS_PENAME_MAXLEN` in `linux/ip_vs.h`, `IFNAMSIZ` in
/// `linux/if.h`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Box<str>);

impl Name {
    /// Longest name in bytes, its NUL not counted.
    pub const MAX: usize = 15;

    /// `None` when `text` is empty, longer than [`Name::MAX`] or holds a NUL.
    pub fn new(text: &str) -> Option<Self> {
        let fits = !text.is_empty() && text.len() <= Self::MAX && !text.contains('\0');
        fits.then(|| Self(text.into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
