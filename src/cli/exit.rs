/// What the process ends with.
///
/// A code's meaning never changes within a major version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All is as asked.
    Done,
    /// `lint`: findings at error level. `plan --exit-code`: there is something to do. `apply`:
    /// some of it was refused by the kernel. `daemon`: it stopped though nobody asked.
    Partly,
    /// It could not be done, and nothing was changed.
    Refused,
}

impl Exit {
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Partly => 1,
            Self::Refused => 2,
        }
    }
}
