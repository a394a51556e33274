use super::line::Line;
use crate::conf::written::Kind;

/// Letters of a line outside quotes and comments that are no ASCII, and where each begins. `None`
/// where there is none, or where the line is not UTF-8.
pub(super) fn bare<'t>(line: &Line<'t>) -> Option<impl Iterator<Item = (usize, char)> + use<'t>> {
    if line.active.is_ascii() {
        return None;
    }
    let text = std::str::from_utf8(line.active).ok()?;
    let words = line.words().filter(|token| token.kind == Kind::Word);
    let letters = words.flat_map(move |token| {
        let start = token.start as usize;
        let word = text.get(start..token.end as usize).unwrap_or_default();
        word.char_indices()
            .map(move |(at, letter)| (start + at, letter))
    });
    Some(letters.filter(|(_, letter)| !letter.is_ascii()))
}

/// As Unicode numbers it.
pub(super) fn number(letter: char) -> String {
    format!("U+{:04X}", u32::from(letter))
}
