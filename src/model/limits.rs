use std::fmt;

/// Share of new connections a dest receives, relative to its peers.
///
/// No unit; `0..=2_147_483_647`, because the kernel keeps a signed 32-bit integer and refuses
/// negatives. Zero quiesces: established connections go on, new ones go elsewhere.
///
/// Source: `IPVS_DEST_ATTR_WEIGHT` in `linux/ip_vs.h`; `weight` in keepalived.conf(5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Weight(u32);

impl Weight {
    /// Takes no new connections.
    pub const QUIESCED: Self = Self(0);
    pub const ONE: Self = Self(1);
    /// Largest weight the kernel accepts.
    pub const MAX: Self = Self(i32::MAX.cast_unsigned());

    /// `None` when `raw` is above [`Weight::MAX`].
    pub const fn new(raw: u32) -> Option<Self> {
        if raw <= Self::MAX.0 {
            Some(Self(raw))
        } else {
            None
        }
    }

    /// The nearest weight there is.
    pub fn clamped(raw: i64) -> Self {
        let most = i64::from(Self::MAX.0);
        Self(u32::try_from(raw.clamp(0, most)).unwrap_or(Self::MAX.0))
    }

    /// The number the kernel sees.
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Connection limits of a dest; active and inactive connections count. 0 is no limit.
///
/// Source: `IPVS_DEST_ATTR_U_THRESH` and `_L_THRESH`; the kernel wants `lower <= upper` and
/// `upper <= 2_147_483_647`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Thresholds {
    /// At this many connections the dest takes no more.
    pub upper: u32,
    /// Below this many it takes connections again; 0 means three quarters of `upper`.
    pub lower: u32,
}

impl Thresholds {
    /// The largest limit the kernel takes.
    pub const MOST: u32 = i32::MAX.cast_unsigned();
}
