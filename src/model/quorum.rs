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

impl Quorum {
    /// Whether live real servers of this weight in all gain it, as at a start.
    pub fn is_gained_by(self, weight: u64) -> bool {
        let wanted = u64::from(self.minimum) + u64::from(self.hysteresis);
        weight > 0 && weight >= wanted
    }
}

impl Default for Quorum {
    fn default() -> Self {
        Self {
            minimum: 1,
            hysteresis: 0,
        }
    }
}
