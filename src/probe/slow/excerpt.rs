use crate::model::text::escape;

/// Bytes that are shown, at most.
const MOST: usize = 80;

/// What was said or asked for, in quotes, escaped, and cut where it is long.
pub(super) fn excerpt(bytes: &[u8]) -> String {
    let shown = &bytes[..bytes.len().min(MOST)];
    let mut text = String::from("\"");
    // Writing to a string cannot fail.
    let _ = escape(shown, &mut text);
    text.push('"');
    if shown.len() < bytes.len() {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_escaped_and_bounded() {
        assert_eq!(excerpt(b"no\x1b[2J\xff"), "\"no\\u{1b}[2J\\xff\"");
        assert_eq!(excerpt(&[b'a'; 81]), format!("\"{}\"…", "a".repeat(80)));
    }
}
