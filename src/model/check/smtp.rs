use std::fmt;

use crate::model::text::Text;

/// `SMTP_CHECK`: the server greets, takes `HELO` and lets go.
///
/// Source: SMTP_CHECK in keepalived.conf(5).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Smtp {
    /// `helo_name`: who we say we are.
    pub helo: Text,
}

impl fmt::Display for Smtp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SMTP greeting from {}", self.helo)
    }
}
