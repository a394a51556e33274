use std::net::IpAddr;

use crate::conf::{self, Word};
use crate::lint::outline::Line;

/// The first and last address of a line of a group; `None` for a mark, and for what is none.
pub(in crate::lint) fn addresses(line: &Line) -> Option<(IpAddr, IpAddr)> {
    let bytes = line.keyword().as_bytes();
    let span = line.place();
    conf::addresses(&Word { bytes, span })
}

/// An address as a number, with those of a family together.
pub(in crate::lint) fn number(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(ip) => u32::from(ip).into(),
        IpAddr::V6(ip) => ip.into(),
    }
}

/// Every address from the first to the last; none where there are more than `most`.
pub(in crate::lint) fn each(
    first: IpAddr,
    last: IpAddr,
    most: u128,
) -> impl Iterator<Item = IpAddr> {
    let (start, end) = (number(first), number(last));
    let few = end.saturating_sub(start) < most;
    let all = (start..=end)
        .filter(move |_| few)
        .take(if few { usize::MAX } else { 0 });
    all.map(move |number| match first {
        IpAddr::V4(_) => IpAddr::V4(u32::try_from(number).unwrap_or(u32::MAX).into()),
        IpAddr::V6(_) => IpAddr::V6(number.into()),
    })
}
