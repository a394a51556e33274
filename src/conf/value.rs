//! Words → values. A word that is no value of its form is a [`Fault`], which says what would be.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use super::decimal::{MICROS, micros};
use super::keyword::{Form, Keyword};
use super::rules;
use super::tree::Word;
use crate::diag::{Diagnostic, Rule};

/// What is wrong with a word, and what is done about it.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) rule: &'static Rule,
    pub(super) text: String,
    pub(super) note: Option<String>,
    /// The line as written would lose or change something that matters.
    pub(super) refused: bool,
}

impl Fault {
    pub(super) fn at(self, word: &Word<'_>) -> Diagnostic {
        let undefined = parameter(word.text()).map(|name| {
            let text = format!("{name} stands here as it is written");
            Diagnostic::new(&rules::UNDEFINED_PARAMETER, word.span, text)
                .note("a parameter is replaced before a blank, a comma, ) or the end of its line")
                .help(format!("define {name} above, or write ${{{}}}", &name[1..]))
        });
        if let Some(finding) = undefined {
            return if self.refused {
                finding.refuse()
            } else {
                finding
            };
        }
        let mut finding = Diagnostic::new(self.rule, word.span, self.text);
        if let Some(note) = self.note {
            finding = finding.note(note);
        }
        // It is meant to switch something off.
        if self.rule == &rules::OUT_OF_RANGE && word.bytes == b"0" {
            finding = finding.help("leave the line out, or write a number in range");
        }
        if self.refused {
            finding.refuse()
        } else {
            finding
        }
    }

    /// The line counts for nothing, at keepalived too.
    fn ignored(rule: &'static Rule, text: impl Into<String>) -> Self {
        Self {
            rule,
            text: text.into(),
            note: Some("keepalived ignores the line, and so does lvsctl".to_owned()),
            refused: false,
        }
    }

    pub(super) fn expected(what: &str) -> Self {
        Self {
            note: Some(
                "keepalived ignores the line and goes on with the default, and so does lvsctl"
                    .to_owned(),
            ),
            ..Self::ignored(&rules::BAD_VALUE, format!("expected {what}"))
        }
    }

    /// The line matters, and as written it would be lost.
    pub(super) fn lost(rule: &'static Rule, text: impl Into<String>) -> Self {
        Self {
            rule,
            text: text.into(),
            note: None,
            refused: true,
        }
    }

    /// No whole number. keepalived ignores the line of a negative one; of any other it may take the
    /// digits in front, and 0 where there are none.
    fn no_whole_number(word: &Word<'_>) -> Self {
        let text = "expected a whole number in digits";
        // strtoul(3) makes a number above every range of it, unless it is 0 or wraps.
        let below = word.text().strip_prefix('-');
        if below.is_some_and(|below| below.parse::<u32>().is_ok_and(|below| below > 0)) {
            return Self::ignored(&rules::BAD_NUMBER, text);
        }
        let note = "a running keepalived may go on with the digits in front, and with 0 where there are none";
        Self {
            note: Some(note.to_owned()),
            ..Self::lost(&rules::BAD_NUMBER, text)
        }
    }

    /// No time. What keepalived makes of it depends on every sign of it.
    fn no_time() -> Self {
        let text = "expected seconds, with a point and up to six decimals, and no unit";
        let note = "keepalived goes on with what it makes of the first digits";
        Self {
            note: Some(note.to_owned()),
            ..Self::lost(&rules::BAD_NUMBER, text)
        }
    }

    fn out_of_range(known: &Keyword) -> Self {
        let text = match known.range {
            Some(range) => match range.most {
                Some(most) => format!("expected {} to {most}", range.least),
                None => format!("expected {} or more", range.least),
            },
            None => "too large".to_owned(),
        };
        Self::ignored(&rules::OUT_OF_RANGE, text)
    }
}

/// The `$NAME` in a word that nothing took the place of.
fn parameter(word: &str) -> Option<&str> {
    let from = &word[word.find('$')?..];
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let first = from.as_bytes().get(1)?;
    let end = from.bytes().skip(1).take_while(|byte| inner(*byte)).count();
    (!first.is_ascii_digit() && end > 0).then_some(&from[..=end])
}

/// A whole number in the range of the keyword's row.
pub(super) fn number(known: &Keyword, word: &Word<'_>) -> Result<u32, Fault> {
    let wide = wide_number(known, word)?;
    u32::try_from(wide).map_err(|_| Fault::out_of_range(known))
}

/// The same, beyond 32 bits.
fn wide_number(known: &Keyword, word: &Word<'_>) -> Result<u64, Fault> {
    let text = word.text();
    let digits = text.strip_prefix('+').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Fault::no_whole_number(word));
    }
    let (least, most) = known.millionths;
    let value = digits.parse::<u64>().ok().filter(|value| {
        let micros = value.saturating_mul(MICROS);
        micros >= least && most.is_none_or(|most| micros <= most)
    });
    value.ok_or_else(|| Fault::out_of_range(known))
}

/// A whole number, perhaps negative, in the range of the keyword's row.
pub(super) fn integer(known: &Keyword, word: &Word<'_>) -> Result<i64, Fault> {
    let text = word.text();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Fault::no_whole_number(word));
    }
    let bound = |text: &str| text.parse::<i64>().ok();
    let range = known.range;
    let least = range
        .and_then(|range| bound(range.least))
        .unwrap_or(i64::MIN);
    let most = range
        .and_then(|range| bound(range.most?))
        .unwrap_or(i64::MAX);
    let value = text.parse::<i64>().ok();
    let value = value.filter(|value| (least..=most).contains(value));
    value.ok_or_else(|| Fault::out_of_range(known))
}

/// Seconds with up to six decimals.
pub(super) fn timer(known: &Keyword, word: &Word<'_>) -> Result<Duration, Fault> {
    let Some(micros) = micros(word.text()) else {
        return Err(Fault::no_time());
    };
    let (least, most) = known.millionths;
    if micros < least || most.is_some_and(|most| micros > most) {
        return Err(Fault::out_of_range(known));
    }
    Ok(Duration::from_micros(micros))
}

/// `on true yes` or `off false no`.
pub(super) fn boolean(word: &Word<'_>) -> Result<bool, Fault> {
    match word.text() {
        "on" | "true" | "yes" => Ok(true),
        "off" | "false" | "no" => Ok(false),
        _ => Err(Fault::expected("on, true, yes, off, false or no")),
    }
}

/// One IP address, and what stands behind a `-` or `/`, which keepalived drops without a word.
pub(super) fn address<'t>(word: &Word<'t>) -> Result<(IpAddr, &'t str), Fault> {
    let text = word.text();
    let end = text.bytes().position(|byte| matches!(byte, b'-' | b'/'));
    let end = end.unwrap_or(text.len());
    let (address, tail) = text.split_at(end);
    let bad = |_| Fault {
        rule: &rules::BAD_ADDRESS,
        text: "expected an IPv4 or IPv6 address, without port, name or brackets".to_owned(),
        note: None,
        refused: true,
    };
    Ok((address.parse().map_err(bad)?, tail))
}

/// A port, 0 to 65,535.
pub(super) fn port(word: &Word<'_>) -> Result<u16, Fault> {
    let text = word.text();
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let port = text.parse().ok().filter(|_| digits);
    port.ok_or_else(|| Fault {
        rule: &rules::BAD_PORT,
        text: "expected a number, 1 to 65535".to_owned(),
        note: None,
        refused: true,
    })
}

/// An IPv4 netmask in dotted form.
pub(super) fn netmask(word: &Word<'_>) -> Result<Ipv4Addr, Fault> {
    let text = word.text();
    text.parse().map_err(|_| {
        let fault = Fault::expected("a netmask such as 255.255.255.0");
        // Numbers that inet_aton(3) takes for an address.
        let number = |byte: u8| byte.is_ascii_hexdigit() || matches!(byte, b'.' | b'x' | b'X');
        if !text.starts_with(|first: char| first.is_ascii_digit()) || !text.bytes().all(number) {
            return fault;
        }
        let note = match text.parse::<u32>() {
            Ok(number) => {
                let octets = Ipv4Addr::from(number);
                format!("keepalived takes {number} for the mask {octets}")
            }
            Err(_) => "keepalived may take it for another mask".to_owned(),
        };
        Fault {
            refused: true,
            note: Some(note),
            ..fault
        }
    })
}

/// Whether a word has a form the row asks for.
pub(super) fn fits(known: &Keyword, form: Form, word: &Word<'_>) -> Result<(), Fault> {
    match form {
        Form::Number if known.range.is_none() => {
            let digits = word.text().strip_prefix('+').unwrap_or(word.text());
            let whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            let fault = || Fault::no_whole_number(word);
            whole.then_some(()).ok_or_else(fault)
        }
        Form::Number => wide_number(known, word).map(drop),
        Form::Integer => integer(known, word).map(drop),
        Form::Timer => timer(known, word).map(drop),
        Form::Boolean => boolean(word).map(drop),
        Form::Address => address(word).map(drop),
        Form::Prefix => prefix(word),
        Form::Port => match port(word)? {
            0 => Err(Fault::ignored(&rules::OUT_OF_RANGE, "expected 1 to 65535")),
            _ => Ok(()),
        },
        Form::Mark => mark(known, word),
        Form::Hex => {
            let digit = |byte: &u8| byte.is_ascii_hexdigit() || *byte == b'x';
            let hex = word.bytes.iter().all(digit);
            let fault = || Fault::expected("pairs of hexadecimal digits");
            hex.then_some(()).ok_or_else(fault)
        }
        Form::Literal(literal) => {
            let same = word.text() == literal;
            let fault = || Fault::expected(literal);
            same.then_some(()).ok_or_else(fault)
        }
        Form::Mask
        | Form::Interface
        | Form::Name
        | Form::Path
        | Form::Command
        | Form::Host
        | Form::Word
        | Form::Ignored => Ok(()),
    }
}

/// A firewall mark in the range of the keyword's row.
fn mark(known: &Keyword, word: &Word<'_>) -> Result<(), Fault> {
    let number = word.text().parse::<u32>();
    let number = number.map_err(|_| Fault::expected("a number, 0 to 4294967295"))?;
    let least = known.range.and_then(|range| range.least.parse().ok());
    if least.is_some_and(|least| number < least) {
        return Err(Fault::out_of_range(known));
    }
    Ok(())
}

/// An address, perhaps with a prefix length.
fn prefix(word: &Word<'_>) -> Result<(), Fault> {
    let (address, tail) = address(word)?;
    let Some(length) = tail.strip_prefix('/') else {
        return match tail {
            "" => Ok(()),
            _ => Err(Fault::expected("an address, perhaps with a prefix length")),
        };
    };
    let most = if address.is_ipv4() { 32 } else { 128 };
    match length.parse::<u8>() {
        Ok(length) if length <= most => Ok(()),
        _ => Err(Fault::expected(&format!("a prefix length, 0 to {most}"))),
    }
}
