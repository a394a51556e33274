use super::{Argument, Form, Inside, Keyword, Range, Support};
use crate::conf::decimal::micros;

/// The blocks of a row; `None` for a line that is no row.
pub(super) fn blocks(line: &'static str) -> Option<impl Iterator<Item = &'static str>> {
    let (blocks, _) = line.split_once('\t')?;
    Some(blocks.split(','))
}

/// What a row says of its keyword in each of its blocks; `None` for a line that is no row. A test
/// holds that there is none.
pub(super) fn keyword(line: &'static str) -> Option<Keyword> {
    let [
        _,
        word,
        usage,
        unit,
        range,
        default,
        since,
        deprecated,
        apply,
        daemon,
        source,
    ] = columns(line)?;
    let given = |text: &'static str| (text != "-").then_some(text);
    let (apply, daemon) = (support(apply)?, support(daemon)?);
    let (arguments, inside) = usage_of(word, given(usage).unwrap_or_default())?;
    let range = given(range).and_then(|range| {
        let (least, most) = range.split_once("..")?;
        let most = (!most.is_empty()).then_some(most);
        Some(Range { least, most })
    });
    let millionths = range.map_or((0, None), |range: Range| {
        let least = micros(range.least).unwrap_or(0);
        (least, range.most.and_then(micros))
    });
    let deprecated = given(deprecated).map(|by| (by != "!").then_some(by));
    Some(Keyword {
        block: "",
        word,
        usage: given(usage).unwrap_or_default(),
        needed: arguments.iter().filter(|one| one.required).count(),
        arguments,
        inside,
        unit: given(unit),
        range,
        millionths,
        default: given(default),
        since: given(since),
        deprecated,
        apply,
        daemon,
        plain: daemon != Support::Refuses && apply != Support::Warns && deprecated.is_none(),
        source,
        place: 0,
        home: 0,
        opens: None,
    })
}

fn columns(line: &str) -> Option<[&str; 11]> {
    let mut columns = [""; 11];
    let (last, others) = columns.split_last_mut()?;
    let mut rest = line;
    for column in others {
        let end = memchr::memchr(b'\t', rest.as_bytes())?;
        (*column, rest) = (&rest[..end], &rest[end + 1..]);
    }
    *last = rest;
    (!rest.contains('\t')).then_some(columns)
}

fn support(text: &str) -> Option<Support> {
    let all = [
        Support::Acts,
        Support::Accepts,
        Support::Warns,
        Support::Refuses,
    ];
    all.into_iter().find(|support| support.as_str() == text)
}

fn usage_of(word: &'static str, usage: &'static str) -> Option<(Vec<Argument>, Inside)> {
    let mut arguments = Vec::new();
    let mut inside = Inside::Nothing;
    for token in usage.split_ascii_whitespace() {
        if let Some(kind) = token.strip_prefix('{') {
            inside = match kind.strip_prefix('*') {
                Some(form) => Inside::Values(form_of(form)),
                None if kind.is_empty() => Inside::Keywords(word),
                None => Inside::Keywords(kind),
            };
            continue;
        }
        let optional = token
            .strip_prefix('[')
            .and_then(|token| token.strip_suffix(']'));
        let plain = optional.unwrap_or(token);
        let repeated = plain.strip_suffix("...");
        let plain = repeated.unwrap_or(plain);
        if plain.is_empty() || plain.contains(['[', ']']) {
            return None;
        }
        arguments.push(Argument {
            forms: plain.split('|').map(form_of).collect(),
            required: optional.is_none(),
            repeats: repeated.is_some(),
        });
    }
    Some((arguments, inside))
}

fn form_of(text: &'static str) -> Form {
    match text {
        "NUMBER" => Form::Number,
        "INTEGER" => Form::Integer,
        "TIMER" => Form::Timer,
        "BOOLEAN" => Form::Boolean,
        "ADDRESS" => Form::Address,
        "PREFIX" => Form::Prefix,
        "PORT" => Form::Port,
        "MASK" => Form::Mask,
        "MARK" => Form::Mark,
        "INTERFACE" => Form::Interface,
        "NAME" => Form::Name,
        "PATH" => Form::Path,
        "COMMAND" => Form::Command,
        "HOST" => Form::Host,
        "HEX" => Form::Hex,
        "WORD" => Form::Word,
        "IGNORED" => Form::Ignored,
        literal => Form::Literal(literal),
    }
}
