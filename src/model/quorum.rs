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
        weight > 0 && weight >= self.gained_at()
    }

    /// Whether it is there with live real servers of this weight in all, where it was there
    /// before or was not.
    pub fn is_there(self, before: bool, weight: u64) -> bool {
        if before {
            weight > 0 && weight >= self.lost_below()
        } else {
            self.is_gained_by(weight)
        }
    }

    /// The weight that gains it.
    pub fn gained_at(self) -> u64 {
        u64::from(self.minimum) + u64::from(self.hysteresis)
    }

    /// It is lost with less weight than this, or none.
    pub fn lost_below(self) -> u64 {
        u64::from(self.minimum.saturating_sub(self.hysteresis))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_lost_and_gained_at_different_weights() {
        let quorum = Quorum {
            minimum: 4,
            hysteresis: 1,
        };
        let mut there = false;
        let mut seen = String::new();
        for weight in [3, 4, 5, 4, 3, 2, 3, 4, 5] {
            there = quorum.is_there(there, weight);
            seen.push(if there { '+' } else { '-' });
        }
        assert_eq!(seen, "--+++---+");
    }

    #[test]
    fn nobody_is_no_quorum() {
        let none = Quorum {
            minimum: 1,
            hysteresis: 1,
        };
        assert!(none.is_there(true, 1));
        assert!(!none.is_there(true, 0));
        assert!(!Quorum::default().is_there(false, 0));
    }
}
