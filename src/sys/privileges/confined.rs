use std::fmt;

/// How far seccomp or Landlock holds a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Confined {
    Yes,
    /// The kernel knows less than is asked for.
    Partly,
    /// This kernel has no such thing, or not on this architecture.
    No,
    /// It is not wanted.
    Off,
    /// It could not be done, in these words.
    Failed(String),
}

impl fmt::Display for Confined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Yes => f.write_str("yes"),
            Self::Partly => f.write_str("partly: this kernel knows less"),
            Self::No => f.write_str("no: this kernel has it not"),
            Self::Off => f.write_str("off"),
            Self::Failed(why) => f.write_str(why),
        }
    }
}
