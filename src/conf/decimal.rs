/// keepalived counts time in microseconds.
pub(super) const MICROS: u64 = 1_000_000;

/// Decimal seconds as microseconds; `.5` and `5.` count.
pub(crate) fn micros(text: &str) -> Option<u64> {
    let text = text.strip_prefix('+').unwrap_or(text);
    let point = text.bytes().position(|byte| byte == b'.');
    let (whole, fraction) = point.map_or((text, ""), |at| (&text[..at], &text[at + 1..]));
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
