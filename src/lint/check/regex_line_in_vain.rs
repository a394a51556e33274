use crate::conf::keyword::Keyword;
use crate::conf::{Node, Word};
use crate::diag::{Diagnostic, Span, rule};
use crate::lint::inspection::Inspection;
use crate::lint::virtual_server::{Block, number};
use crate::model::check::RegexOptions;

rule! {
    /// A line about a pattern that has no effect.
    ///
    /// There is no `regex` beside it, it names an option that does not exist, it has too many or
    /// too few words, or the least offset is above the greatest, in which case neither holds.
    /// keepalived says so in its log alone.
    ///
    /// ```text
    /// url {
    ///     path /
    ///     regex_options ignorecase
    ///     regex "all is well"
    /// }
    /// ```
    ///
    /// Remedy: a word that keepalived knows, here `caseless`.
    RULE: Warning silent "regex-line-in-vain", "a line about a pattern has no effect";
}

pub(super) const INSPECTION: Inspection =
    Inspection::lines_of(&RULE, |known| known.word == "url", look);

fn look(_: &'static Keyword, node: Node<'_>, found: &mut Vec<Diagnostic>) {
    let url = Block::of(node);
    let words = [
        "regex_no_match",
        "regex_options",
        "regex_min_offset",
        "regex_max_offset",
        "regex_stack",
    ];
    if !url.has("regex") {
        if url.whole()
            && let Some(line) = url.last_of(&words)
        {
            let finding = Diagnostic::new(&RULE, line.span(), "there is no pattern");
            found.push(finding.help("add regex with the pattern"));
        }
        return;
    }
    for word in url.each("regex_options").flat_map(Node::arguments) {
        if RegexOptions::named(word.text()).is_none() {
            found.push(unknown(word));
        }
    }
    for (keyword, takes) in [
        ("regex_min_offset", 1),
        ("regex_max_offset", 1),
        ("regex_stack", 2),
    ] {
        for line in url
            .each(keyword)
            .filter(|line| line.arguments().len() != takes)
        {
            let text = match takes {
                1 => "expected one number",
                _ => "expected two numbers, the least and the most",
            };
            found.push(Diagnostic::new(&RULE, line.span(), text));
        }
    }
    let offset = |keyword| {
        let line = url
            .last(keyword)
            .filter(|line| line.arguments().len() == 1)?;
        let word = line.argument(0)?;
        Some((number::<u64>(Some(word))?, word.span))
    };
    if let (Some((least, at)), Some((most, other))) =
        (offset("regex_min_offset"), offset("regex_max_offset"))
        && least > most
    {
        found.push(neither(at, other));
    }
}

fn unknown(word: Word<'_>) -> Diagnostic {
    let text = format!("no option is called {}", word.shown());
    let finding = Diagnostic::new(&RULE, word.span, text);
    let meant = match &*word.text().to_ascii_lowercase() {
        "caseless" | "ignorecase" | "ignore_case" | "icase" | "nocase" | "i" => "caseless",
        "multiline" | "m" => "multiline",
        "dotall" | "s" => "dotall",
        "extended" | "x" => "extended",
        "ungreedy" => "ungreedy",
        "utf" | "utf8" | "utf-8" => "utf",
        _ => return finding,
    };
    finding.help(format!("write {meant}"))
}

fn neither(least: Span, most: Span) -> Diagnostic {
    Diagnostic::new(&RULE, least, "above the greatest, so that neither holds")
        .context(most, "the greatest")
}
