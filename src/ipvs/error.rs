use std::{fmt, io};

/// Why the kernel's table could not be read or changed at all.
#[derive(Debug)]
pub enum Error {
    /// The `IPVS` generic netlink family is not registered.
    NoFamily,
    /// The kernel wants CAP_NET_ADMIN in the initial user namespace.
    NotPermitted,
    /// The socket failed or stayed silent while doing `what`.
    Transport {
        what: &'static str,
        source: io::Error,
    },
    /// A reply is not what `linux/ip_vs.h` describes.
    Malformed { what: &'static str },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFamily => f.write_str("the kernel has no IPVS family (remedy: modprobe ip_vs)"),
            Self::NotPermitted => f.write_str(
                "the kernel refuses access to IPVS (remedy: run as root, or with CAP_NET_ADMIN in the initial user namespace)",
            ),
            Self::Transport { what, .. } => write!(f, "cannot {what} over netlink"),
            Self::Malformed { what } => write!(f, "cannot understand the kernel's {what}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Transport { source, .. } => Some(source),
            Self::NoFamily | Self::NotPermitted | Self::Malformed { .. } => None,
        }
    }
}

/// Why the kernel did not carry out one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Positive errno.
    pub errno: i32,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        io::Error::from_raw_os_error(self.errno).fmt(f)
    }
}
