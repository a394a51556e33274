use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use super::keyword::{self, Keyword};
use super::lowering::Lowering;
use super::rules;
use super::tree::{Node, Word};
use crate::diag::Diagnostic;

/// keepalived counts time in microseconds.
const MICROS: u64 = 1_000_000;

impl Lowering {
    /// A whole number in the range of the keyword table; its line counts for nothing otherwise.
    pub(super) fn number(&mut self, block: &str, node: &Node) -> Option<u32> {
        let word = node.arguments().first()?;
        let digits = word.text.strip_prefix('+').unwrap_or(&word.text);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return self.no_number(word, "expected a whole number in digits");
        }
        let (least, most) = range(keyword::find(block, &node.keyword().text));
        let value = digits.parse::<u64>().ok().filter(|value| {
            let micros = value.saturating_mul(MICROS);
            micros >= least && most.is_none_or(|most| micros <= most)
        });
        match value.and_then(|value| u32::try_from(value).ok()) {
            Some(value) => Some(value),
            None => self.out_of_range(block, node, word),
        }
    }

    /// Seconds with up to six decimals.
    pub(super) fn timer(&mut self, block: &str, node: &Node) -> Option<Duration> {
        let word = node.arguments().first()?;
        let Some(micros) = micros(&word.text) else {
            return self.no_number(
                word,
                "expected seconds, with a point and up to six decimals, and no unit",
            );
        };
        let (least, most) = range(keyword::find(block, &node.keyword().text));
        if micros < least || most.is_some_and(|most| micros > most) {
            return self.out_of_range(block, node, word);
        }
        Some(Duration::from_micros(micros))
    }

    fn no_number<T>(&mut self, word: &Word, text: &str) -> Option<T> {
        let finding = Diagnostic::new(&rules::BAD_NUMBER, word.span, text)
            .note("keepalived goes on with what it makes of the first digits");
        self.report(finding.refuse());
        None
    }

    fn out_of_range<T>(&mut self, block: &str, node: &Node, word: &Word) -> Option<T> {
        let text = match keyword::find(block, &node.keyword().text).and_then(|known| known.range) {
            Some((least, Some(most))) => format!("expected {least} to {most}"),
            Some((least, None)) => format!("expected {least} or more"),
            None => "too large".to_owned(),
        };
        let finding = Diagnostic::new(&rules::OUT_OF_RANGE, word.span, text)
            .note("keepalived ignores the line, and so does lvsctl");
        self.report(finding);
        None
    }

    /// One IP address. What follows a `-` or `/` is dropped without a word by keepalived.
    pub(super) fn address(&mut self, word: &Word) -> Option<IpAddr> {
        let end = word.text.find(['-', '/']).unwrap_or(word.text.len());
        let (address, tail) = word.text.split_at(end);
        let Ok(ip) = address.parse::<IpAddr>() else {
            self.refuse(
                &rules::BAD_ADDRESS,
                word.span,
                "expected an IPv4 or IPv6 address, without port, name or brackets",
            );
            return None;
        };
        if !tail.is_empty() {
            let text = format!("{tail} is dropped, what remains is {ip}");
            self.report(Diagnostic::new(&rules::ADDRESS_TAIL, word.span, text));
        }
        Some(ip)
    }

    /// A port, 1 to 65,535; 0 and absence mean every port.
    pub(super) fn port(&mut self, word: Option<&Word>) -> Option<u16> {
        let Some(word) = word else { return Some(0) };
        let digits = word.text.bytes().all(|byte| byte.is_ascii_digit());
        let port = word.text.parse().ok().filter(|_| digits);
        if port.is_none() {
            self.refuse(&rules::BAD_PORT, word.span, "expected a number, 1 to 65535");
        }
        port
    }

    /// An IPv4 netmask in dotted form.
    pub(super) fn netmask(&mut self, word: &Word) -> Option<Ipv4Addr> {
        let mask = word.text.parse().ok();
        if mask.is_none() {
            let text = "expected a netmask such as 255.255.255.0";
            let finding = Diagnostic::new(&rules::BAD_VALUE, word.span, text);
            let finding = match word.text.parse::<u32>() {
                Ok(number) => {
                    let octets = Ipv4Addr::from(number);
                    finding.note(format!("keepalived takes {number} for the mask {octets}"))
                }
                Err(_) => finding,
            };
            self.report(finding.refuse());
        }
        mask
    }
}

/// The keyword's range in millionths.
fn range(known: Option<&Keyword>) -> (u64, Option<u64>) {
    let Some((least, most)) = known.and_then(|known| known.range) else {
        return (0, None);
    };
    (micros(least).unwrap_or(0), most.and_then(micros))
}

/// Decimal seconds as microseconds; `.5` and `5.` count.
pub(super) fn micros(text: &str) -> Option<u64> {
    let text = text.strip_prefix('+').unwrap_or(text);
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let some = !whole.is_empty() || !fraction.is_empty();
    if !some || !digits(whole) || !digits(fraction) || fraction.len() > 6 {
        return None;
    }
    let whole: u64 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    let mut unit = MICROS;
    let mut micros = 0;
    for digit in fraction.bytes() {
        unit /= 10;
        micros += u64::from(digit - b'0') * unit;
    }
    whole.checked_mul(MICROS)?.checked_add(micros)
}
