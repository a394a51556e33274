use super::letters;
use super::line::Line;
use crate::diag::{Diagnostic, rule};
use crate::lint::inspection::Inspection;

rule! {
    /// A no-break space, an ideographic space or another blank of Unicode stands between words. It
    /// usually comes from a web page or a chat, and looks like a blank on the screen.
    ///
    /// To keepalived it is part of the word: ` delay_loop` with a no-break space before it is an
    /// unknown keyword, and with it goes the line, or the whole block it opens. Behind a number it
    /// makes the number invalid; in a name or a password it stays without a word.
    ///
    /// ```text
    ///   delay_loop 6
    /// ```
    ///
    /// Remedy: write plain blanks instead. Blanks in double quotes or comments do no harm.
    RULE: Error "odd-blank", "this looks like a blank and is none";
}

pub(super) const INSPECTION: Inspection = Inspection::written(&RULE, look);

fn look(line: &Line<'_>) -> Option<Diagnostic> {
    let (start, letter) = letters::bare(line)?.find(|(start, letter)| {
        // The mark at the start of a file is a finding of the reader.
        name(*letter).is_some() && !(line.start() + start == 0 && *letter == '\u{feff}')
    })?;
    let text = format!("{}, {}", letters::number(letter), name(letter)?);
    let finding = Diagnostic::new(&RULE, line.span(start, letter.len_utf8()), text)
        .note("to keepalived it is part of the word it touches")
        .help("write a plain blank, here and wherever the text was pasted from the same place");
    Some(finding)
}

fn name(letter: char) -> Option<&'static str> {
    Some(match letter {
        '\u{a0}' => "a no-break space",
        '\u{ad}' => "a soft hyphen",
        '\u{3000}' => "an ideographic space",
        '\u{200b}' => "a space of no width",
        '\u{200c}' | '\u{200d}' | '\u{2060}' => "a joiner of no width",
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            "a mark of writing direction"
        }
        '\u{feff}' => "a byte order mark",
        '\u{202f}' => "a narrow no-break space",
        '\u{85}' | '\u{2028}' | '\u{2029}' => "a line end of Unicode",
        '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{205f}' => "a blank of another width",
        _ => return None,
    })
}
