use crate::conf::tree::Node;

/// The bytes behind a keyword, as value and mask: pairs of hexadecimal digits, where `x` is a
/// digit that may be any. A digit alone before a blank or the end is a byte.
///
/// `None` where they are no such thing, or none.
pub(super) fn read(node: Node<'_>, wild: bool) -> Option<Vec<(u8, u8)>> {
    let mut bytes = Vec::new();
    for word in node.arguments() {
        let parts = word.bytes.split(|byte| matches!(byte, b' ' | b'\t'));
        for digits in parts.flat_map(|part| part.chunks(2)) {
            let mut whole = (0, 0);
            for digit in digits {
                let (value, mask) = nibble(*digit, wild)?;
                whole = (whole.0 << 4 | value, whole.1 << 4 | mask);
            }
            if digits.len() == 1 {
                whole.1 |= 0xf0;
            }
            bytes.push(whole);
        }
    }
    (!bytes.is_empty()).then_some(bytes)
}

fn nibble(digit: u8, wild: bool) -> Option<(u8, u8)> {
    if wild && matches!(digit, b'x' | b'X') {
        return Some((0, 0));
    }
    let value = char::from(digit).to_digit(16)?;
    Some((u8::try_from(value).ok()?, 0x0f))
}
