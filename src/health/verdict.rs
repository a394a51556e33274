use crate::model::limits::Weight;

/// What a probe found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Passed,
    /// Passed, with a word on how much the server should weigh.
    Weighed(Weighing),
    /// The server did not answer as it should; why.
    Failed(String),
    /// The fault is this host's; why.
    Unasked(String),
}

/// What a check that passed says of the weight. What several checks of a server say is summed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weighing {
    /// As the file says: `misc_dynamic` with status 0.
    Configured,
    /// So much, whatever the file says: `misc_dynamic` with a status of that and 2. 0 to 253.
    Instead(u8),
    /// So much more, or less, than the file says: `FILE_CHECK` with a weight.
    Plus(i64),
}

impl Weighing {
    /// How much it adds to a weight of the file, or takes from it.
    pub(super) fn adds(self, configured: Weight) -> i64 {
        match self {
            Self::Configured => 0,
            Self::Instead(weight) => i64::from(weight) - i64::from(configured.get()),
            Self::Plus(more) => more,
        }
    }
}
