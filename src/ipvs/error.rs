use std::{fmt, io};

use rustix::io::Errno;

use crate::model::schedule::engine_module;
use crate::model::table::Settings;
use crate::plan::Change;
use crate::plan::Step;

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
pub enum Refusal {
    /// It answered with this errno, a positive number.
    Errno(i32),
    /// Its answer was lost, and the table read back is not as the step wants it.
    Lost,
}

/// What a refusal means, and what helps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    pub cause: String,
    pub remedy: Option<String>,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.cause)?;
        match &self.remedy {
            Some(remedy) => write!(f, " (remedy: {remedy})"),
            None => Ok(()),
        }
    }
}

impl From<String> for Reason {
    fn from(cause: String) -> Self {
        let remedy = None;
        Self { cause, remedy }
    }
}

impl Refusal {
    /// Whether it shows that the table is not as the step supposes.
    pub fn contradicts(&self, step: &Step) -> bool {
        let Self::Errno(errno) = *self else {
            return true;
        };
        let errno = Errno::from_raw_os_error(errno);
        match step.change {
            Change::AddService(_) | Change::AddDest(..) if errno == Errno::EXIST => true,
            Change::EditDest { .. } | Change::RemoveDest(..) if errno == Errno::NOENT => true,
            _ => errno == Errno::SRCH,
        }
    }

    /// What it means for `step`, and what helps, in one line.
    pub fn explain(&self, step: &Step) -> String {
        let mut reason = self.reason(step);
        if let (Change::AddDest(..), Self::Errno(errno)) = (&step.change, self)
            && *errno == Errno::INVAL.raw_os_error()
            && let Some(remedy) = &mut reason.remedy
        {
            remedy.push_str("; in a namespace without any address, ip link set lo up");
        }
        reason.to_string()
    }

    /// The same, of a namespace whose `lo` is up.
    pub fn reason(&self, step: &Step) -> Reason {
        let Self::Errno(errno) = *self else {
            return self.to_string().into();
        };
        let errno = Errno::from_raw_os_error(errno);
        match (&step.change, errno) {
            (Change::AddService(settings), Errno::NOENT) => missing_module(settings),
            (Change::EditService { after, .. }, Errno::NOENT) => missing_module(after),
            (Change::AddService(_) | Change::AddDest(..), Errno::EXIST) => {
                "somebody else added it meanwhile".to_owned().into()
            }
            (_, Errno::SRCH) => "the service is gone: somebody else removed it meanwhile"
                .to_owned()
                .into(),
            (Change::EditDest { .. } | Change::RemoveDest(..), Errno::NOENT) => {
                "it is gone: somebody else removed it meanwhile".to_owned().into()
            }
            (Change::AddDest(dest, _), Errno::INVAL) => Reason {
                cause: format!("the kernel takes {} for no host", dest.ip),
                remedy: Some("name an address of the service's family that is neither broadcast nor multicast".to_owned()),
            },
            (_, Errno::AFNOSUPPORT) => "the kernel has no IPv6".to_owned().into(),
            _ => self.to_string().into(),
        }
    }
}

fn missing_module(settings: &Settings) -> Reason {
    let scheduler = settings.scheduler.module();
    let engine = settings.engine.as_ref().map(engine_module);
    let (or, and) = match &engine {
        Some(engine) => (format!(" or {engine}"), format!(" {engine}")),
        None => Default::default(),
    };
    Reason {
        cause: format!("the kernel lacks the module {scheduler}{or}"),
        remedy: Some(format!("modprobe -a {scheduler}{and}")),
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Errno(errno) => io::Error::from_raw_os_error(*errno).fmt(f),
            Self::Lost => f.write_str("the answer was lost and the change is not there"),
        }
    }
}
