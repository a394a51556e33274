use crate::conf::keyword::{Form, KEYWORDS, Keyword};

fn of(word: &[u8]) -> impl Iterator<Item = &'static Keyword> {
    KEYWORDS
        .iter()
        .copied()
        .filter(move |keyword| keyword.word.as_bytes() == word)
}

/// Some block knows the word.
pub(super) fn known(word: &[u8]) -> bool {
    of(word).next().is_some()
}

/// Its values are commands or patterns, in which quotes of both kinds and escapes mean something.
pub(super) fn quotes(keyword: &[u8]) -> bool {
    let command = |known: &Keyword| {
        let mut forms = known.arguments.iter().flat_map(|argument| &argument.forms);
        forms.any(|form| *form == Form::Command)
    };
    keyword.starts_with(b"regex") || of(keyword).any(command)
}

/// Its values may be any text, whatever sign is in it.
pub(super) fn free(keyword: &[u8]) -> bool {
    quotes(keyword) || matches!(keyword, b"auth_pass" | b"password")
}
