use std::fmt;
use std::io;
use std::time::Instant;

/// What became of a connection that was not served to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// Nobody listens, as the director says where a service has no server or no scheduler.
    Refused,
    Unreachable,
    Reset,
    /// The other side ended it in the middle.
    Ended,
    /// No answer.
    Silent,
    Other(io::ErrorKind),
}

impl How {
    pub fn of(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionRefused => Self::Refused,
            io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => Self::Unreachable,
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => Self::Reset,
            io::ErrorKind::UnexpectedEof => Self::Ended,
            io::ErrorKind::TimedOut => Self::Silent,
            kind => Self::Other(kind),
        }
    }
}

impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused => f.write_str("refused"),
            Self::Unreachable => f.write_str("unreachable"),
            Self::Reset => f.write_str("reset"),
            Self::Ended => f.write_str("ended by the other side"),
            Self::Silent => f.write_str("no answer"),
            Self::Other(kind) => write!(f, "{kind}"),
        }
    }
}

/// Which of the two kinds of client lost something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whose {
    /// A connection that had been answered before.
    Held,
    /// A connection that had not.
    New,
}

/// One connection that was lost.
#[derive(Clone, Copy, Debug)]
pub struct Loss {
    pub at: Instant,
    pub whose: Whose,
    pub how: How,
}
