use std::fmt;

/// Status codes that a page may be answered with, 100 to 599.
///
/// Source: `status_code` in keepalived.conf(5).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatusSet(Box<[(u16, u16)]>);

impl StatusSet {
    pub const LEAST: u16 = 100;
    pub const MOST: u16 = 599;

    /// Codes from `first` to `last`, both included; `None` where a range is empty or reaches out
    /// of 100 to 599, or there is none.
    pub fn new(mut ranges: Vec<(u16, u16)>) -> Option<Self> {
        let good = |(first, last): &(u16, u16)| {
            Self::LEAST <= *first && first <= last && *last <= Self::MOST
        };
        if ranges.is_empty() || !ranges.iter().all(good) {
            return None;
        }
        ranges.sort_unstable();
        let mut merged: Vec<(u16, u16)> = Vec::with_capacity(ranges.len());
        for (first, last) in ranges {
            match merged.last_mut() {
                Some(before) if first <= before.1 + 1 => before.1 = before.1.max(last),
                _ => merged.push((first, last)),
            }
        }
        Some(Self(merged.into()))
    }

    pub fn contains(&self, code: u16) -> bool {
        self.0
            .iter()
            .any(|(first, last)| (*first..=*last).contains(&code))
    }

    /// Ascending, apart from each other.
    pub fn ranges(&self) -> &[(u16, u16)] {
        &self.0
    }
}

/// 200 to 299.
impl Default for StatusSet {
    fn default() -> Self {
        Self([(200, 299)].into())
    }
}

impl fmt::Display for StatusSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (first, last)) in self.0.iter().enumerate() {
            let gap = if index == 0 { "" } else { " " };
            if first == last {
                write!(f, "{gap}{first}")?;
            } else {
                write!(f, "{gap}{first}-{last}")?;
            }
        }
        Ok(())
    }
}
