use std::env::var;
use std::fmt;

/// How much is run, and which.
pub struct Options {
    /// Everything, and no entry of the ledger may be left over.
    pub soak: bool,
    /// What is stated is written anew instead of held to.
    pub write: bool,
    pub seed: u64,
    /// Only what has this in its name, with all that is known of it.
    pub only: Option<String>,
}

/// Where nobody gives a seed, so that a test that passed passes again.
const SEED: u64 = 1;

impl Options {
    pub fn of_environment() -> Self {
        let given = |name| var(name).ok().filter(|value| !value.is_empty());
        let seed = given("LVSCTL_SEED").map(|seed| seed.parse().expect("LVSCTL_SEED is a number"));
        Self {
            soak: given("LVSCTL_SOAK").is_some(),
            write: given("LVSCTL_WRITE").is_some(),
            seed: seed.unwrap_or(SEED),
            only: given("LVSCTL_ORACLE"),
        }
    }

    pub fn wants(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| name.contains(only))
    }
}

impl fmt::Display for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = if self.soak { "everything" } else { "a sample" };
        write!(f, "{size}, LVSCTL_SEED={}", self.seed)
    }
}
