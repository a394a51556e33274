use std::ops::RangeInclusive;

use crate::health::{Verdict, Weighing};
use crate::model::check::WatchedFile;

/// Numbers that keepalived takes from a file; its upper end is one more than 32 bits hold.
const NUMBERS: RangeInclusive<i64> = -(1 << 31)..=1 << 31;

/// The number at the beginning of a file, as strtol(3) reads it with base 0: decimal, `0x` and
/// hexadecimal, `0` and octal. What is no number is 0. `None` where it is beyond what counts.
pub(super) fn read(text: &[u8]) -> Option<i64> {
    let text = text.trim_ascii_start();
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] | digits => (false, digits),
    };
    let (radix, digits) = match digits {
        [b'0', b'x' | b'X', digits @ ..] => (16, digits),
        [b'0', digits @ ..] => (8, digits),
        digits => (10, digits),
    };
    let mut number = 0_i64;
    let digits = digits.iter().map(|byte| char::from(*byte).to_digit(radix));
    for digit in digits.map_while(|digit| digit) {
        let longer = number.saturating_mul(radix.into());
        number = longer.saturating_add(digit.into());
    }
    let number = if negative { -number } else { number };
    Some(number).filter(|number| NUMBERS.contains(number))
}

/// What a number in the file says of the server. What it adds to the weight stays within 32 bits;
/// the least that could be, −2147483648, is a failure.
///
/// Source: weight_range() and update_track_file_status() in keepalived's `track_file.c`.
pub(super) fn judge(number: i64, file: &WatchedFile) -> Verdict {
    let path = &file.path;
    if file.weight == 0 {
        return if (number == 0) == file.reverse {
            Verdict::Failed(format!("{path} holds {number}"))
        } else {
            Verdict::Passed
        };
    }
    let product = number.saturating_mul(file.weight.into());
    let product = if file.reverse { -product } else { product };
    let plus = product.clamp(i32::MIN.into(), i32::MAX.into());
    if plus == i64::from(i32::MIN) {
        Verdict::Failed(format!("{path} holds {number}, which weighs {product}"))
    } else {
        Verdict::Weighed(Weighing::Plus(plus))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_strtol_reads_it() {
        let cases: [(&[u8], Option<i64>); 22] = [
            (b"", Some(0)),
            (b"7", Some(7)),
            (b"7\n", Some(7)),
            (b" \t\r\n 7 8", Some(7)),
            (b"-7", Some(-7)),
            (b"+7", Some(7)),
            (b"--7", Some(0)),
            (b"- 7", Some(0)),
            (b"7.9", Some(7)),
            (b"up", Some(0)),
            (b"\xff\x007", Some(0)),
            (b"0x10", Some(16)),
            (b"-0XfF", Some(-255)),
            (b"0x", Some(0)),
            (b"0xg", Some(0)),
            (b"010", Some(8)),
            (b"08", Some(0)),
            (b"2147483648", Some(1 << 31)),
            (b"2147483649", None),
            (b"-2147483648", Some(-(1 << 31))),
            (b"-2147483649", None),
            (b"99999999999999999999999999", None),
        ];
        for (text, want) in cases {
            assert_eq!(read(text), want, "{}", text.escape_ascii());
        }
    }

    #[test]
    fn a_number_is_weighed_as_the_check_says() {
        let failed = Err(());
        let plus = |plus| Ok(Some(plus));
        // Number, weight, reverse, verdict: a failure, a pass, or one that adds so much.
        let cases = [
            (0, 0, false, Ok(None)),
            (1, 0, false, failed),
            (-1, 0, false, failed),
            (0, 0, true, failed),
            (1, 0, true, Ok(None)),
            (-1, 0, true, Ok(None)),
            (0, 1, false, plus(0)),
            (5, 1, false, plus(5)),
            (5, 1, true, plus(-5)),
            (5, -3, false, plus(-15)),
            (5, -3, true, plus(15)),
            (1 << 31, i32::MAX, false, plus(i32::MAX.into())),
            (1 << 31, 1, false, plus(i32::MAX.into())),
            (1 << 31, -1, false, failed),
            (-(1 << 31), 1, false, failed),
            (-(1 << 31), 1, true, plus(i32::MAX.into())),
            (1 - (1 << 31), 1, false, plus(1 - (1 << 31))),
            (-(1 << 31), i32::MAX, false, failed),
        ];
        for (number, weight, reverse, want) in cases {
            let file = WatchedFile {
                name: "f".into(),
                path: "/f".into(),
                weight,
                reverse,
            };
            let found = match judge(number, &file) {
                Verdict::Passed => Ok(None),
                Verdict::Weighed(Weighing::Plus(plus)) => Ok(Some(plus)),
                Verdict::Failed(_) => failed,
                other => panic!("{other:?}"),
            };
            assert_eq!(found, want, "{number} times {weight}, reverse {reverse}");
        }
    }
}
