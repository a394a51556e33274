/// How much weight must be alive for a virtual server to serve.
///
/// Source: `quorum` and `hysteresis` in keepalived.conf(5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quorum {
    /// Sum of the weights of live real servers; at most the sum of all.
    pub minimum: u32,
    /// Gained at `minimum + hysteresis`, lost below `minimum - hysteresis` or at 0. Below
    /// `minimum`, or 0.
    pub hysteresis: u32,
}

impl Default for Quorum {
    fn default() -> Self {
        Self {
            minimum: 1,
            hysteresis: 0,
        }
    }
}
