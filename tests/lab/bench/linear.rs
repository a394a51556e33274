use std::fmt::Write as _;

use crate::programs::Programs;
use crate::report::Seconds;
use crate::size::Size;
use crate::{bare, director, ours, timed};

/// A thousand objects, ten thousand, a hundred thousand; nine dests to a service.
const SIZES: [Size; 3] = [
    Size::new("1k", 100, 9, 3, 0),
    Size::new("10k", 1_000, 9, 3, 0),
    Size::new("100k", 10_000, 9, 3, 0),
];

/// How the time grows, beside how the kernel's own grows.
pub fn run(programs: &Programs) -> String {
    let mut text = format!(
        "{:>10} {:>10} {:>16} {:>16}  microseconds each, medians of 3\n",
        "objects", "apply", "apply/object", "floor/object"
    );
    for size in &SIZES {
        let mut seconds = Seconds::default();
        for _ in 0..size.rounds {
            let host = director();
            let file = host.write("bench.conf", &size.configuration(""));
            let (_, took) = timed(|| ours::apply(&host, programs, &file));
            seconds.add("apply", took);
            bare::round(&host.table(), &mut seconds);
        }
        let (apply, floor) = (
            seconds.median("apply"),
            seconds.median("replay + read-back"),
        );
        let objects = f64::from(u32::try_from(size.objects()).unwrap());
        let _ = writeln!(
            text,
            "{objects:10} {apply:9.3}s {:16.2} {:16.2}",
            apply * 1e6 / objects,
            floor * 1e6 / objects
        );
    }
    text
}
