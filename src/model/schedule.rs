use std::fmt;

use super::name::Name;

/// How a service chooses a dest for a new connection.
///
/// Reading a file is strict, reading a kernel total: a module we never heard of is `Other`.
///
/// Source: `lb_algo` in keepalived.conf(5); ipvsadm(8).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheduler {
    Rr,
    Wrr,
    Lc,
    Wlc,
    Lblc,
    Lblcr,
    Dh,
    Sh,
    Sed,
    Nq,
    Fo,
    Ovf,
    Mh,
    Twos,
    Other(Name),
}

impl Scheduler {
    /// All that keepalived.conf(5) names.
    pub const NAMED: [Self; 14] = [
        Self::Rr,
        Self::Wrr,
        Self::Lc,
        Self::Wlc,
        Self::Lblc,
        Self::Lblcr,
        Self::Dh,
        Self::Sh,
        Self::Sed,
        Self::Nq,
        Self::Fo,
        Self::Ovf,
        Self::Mh,
        Self::Twos,
    ];

    /// The name the kernel knows it by, `IPVS_SVC_ATTR_SCHED_NAME`.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Rr => "rr",
            Self::Wrr => "wrr",
            Self::Lc => "lc",
            Self::Wlc => "wlc",
            Self::Lblc => "lblc",
            Self::Lblcr => "lblcr",
            Self::Dh => "dh",
            Self::Sh => "sh",
            Self::Sed => "sed",
            Self::Nq => "nq",
            Self::Fo => "fo",
            Self::Ovf => "ovf",
            Self::Mh => "mh",
            Self::Twos => "twos",
            Self::Other(name) => name.as_str(),
        }
    }

    /// The kernel module that brings it.
    pub fn module(&self) -> String {
        format!("ip_vs_{self}")
    }

    /// One of [`Scheduler::NAMED`], or `None`.
    pub fn named(text: &str) -> Option<Self> {
        Self::NAMED.into_iter().find(|known| known.as_str() == text)
    }
}

impl fmt::Display for Scheduler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The kernel module that brings a persistence engine.
pub fn engine_module(engine: &Name) -> String {
    format!("ip_vs_pe_{engine}")
}

/// The three bits whose meaning each scheduler defines for itself.
///
/// Source: `IP_VS_SVC_F_SCHED1` to `3` in `linux/ip_vs.h`; `flag-1` to `flag-3`, `sh-fallback`,
/// `sh-port`, `mh-fallback`, `mh-port` in keepalived.conf(5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SchedulerFlags {
    /// `sh` and `mh`: choose another dest where the hashed one cannot take the connection.
    pub flag1: bool,
    /// `sh` and `mh`: hash the source port too.
    pub flag2: bool,
    pub flag3: bool,
}
