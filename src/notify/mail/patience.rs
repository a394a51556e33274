use std::time::Duration;

/// How long a mail is worth trying.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patience {
    /// After the first failure in a row, the second and so on; the last for all that follow.
    pub pauses: Vec<Duration>,
    /// A mail that is older when a try failed is given up.
    pub lifetime: Duration,
    /// How long a stop waits for mail that is under way.
    pub stop: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            pauses: [5, 15, 60, 180, 300].map(Duration::from_secs).into(),
            lifetime: Duration::from_mins(10),
            stop: Duration::from_secs(1),
        }
    }
}

impl Patience {
    /// The pause after so many failures in a row.
    pub(super) fn pause(&self, failures: usize) -> Duration {
        let at = failures.min(self.pauses.len()).saturating_sub(1);
        self.pauses.get(at).copied().unwrap_or_default()
    }
}
