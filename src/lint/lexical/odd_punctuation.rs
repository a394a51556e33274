use super::letters;
use super::line::Line;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;

rule! {
    /// A typographic quote or dash, a full-width digit, letter or comma: word processors, chats and
    /// East Asian keyboards write them, and they look like the plain signs.
    ///
    /// keepalived knows the plain signs alone. `“` opens no quote, `，` and `５` are part of a word
    /// that is then no number, and of a name or password they stay a part without a word.
    ///
    /// ```text
    /// delay_loop ５
    /// virtualhost “www.example.org”
    /// ```
    ///
    /// Remedy: type the sign anew. In double quotes and comments these signs do no harm.
    RULE: Warning "odd-punctuation", "this sign only looks like the one that is meant";
}

pub(super) const INSPECTION: Inspection = Inspection::written(&RULE, look);

fn look(line: &Line<'_>) -> Option<Diagnostic> {
    let mut letters = letters::bare(line)?;
    let (start, letter) = letters
        .find(|(start, letter)| plain(*letter).is_some() && in_plain_word(line.active, *start))?;
    let text = format!(
        "{letter} is {}, not {}",
        letters::number(letter),
        plain(letter)?
    );
    let finding = Diagnostic::new(&RULE, line.span(start, letter.len_utf8()), text)
        .note("to keepalived it is a letter like any other");
    Some(finding.help("type the plain sign"))
}

/// All other letters of the word are plain ones, so that it is no word of another script.
fn in_plain_word(active: &[u8], at: usize) -> bool {
    let blank = |byte: &u8| byte.is_ascii_whitespace();
    let start = active[..at]
        .iter()
        .rposition(blank)
        .map_or(0, |before| before + 1);
    let end = active[at..]
        .iter()
        .position(blank)
        .map_or(active.len(), |length| at + length);
    let word = std::str::from_utf8(&active[start..end]).unwrap_or("\u{fffd}");
    word.chars()
        .all(|letter| letter.is_ascii() || plain(letter).is_some())
}

/// The sign it looks like.
fn plain(letter: char) -> Option<char> {
    Some(match letter {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(letter) - 0xfee0)?,
        '\u{2018}' | '\u{2019}' => '\'',
        '\u{201c}'..='\u{201e}' | '\u{ab}' | '\u{bb}' => '"',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        '\u{3001}' => ',',
        '\u{3002}' => '.',
        _ => return None,
    })
}
