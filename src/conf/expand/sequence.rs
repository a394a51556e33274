//! `~SEQ(…)` and `~LST(…)`: a line once for each value.

use std::ops::Range;

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while1};
use nom::character::complete::{char, hex_digit1, oct_digit0, one_of};
use nom::combinator::{opt, recognize};
use nom::multi::separated_list1;
use nom::sequence::{delimited, preceded};
use nom::{IResult, Parser};

/// Numbers from `first` to `last`, both included where the step hits it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Numbers {
    pub(super) variable: Range<usize>,
    first: i64,
    step: i64,
    last: i64,
    hexadecimal: bool,
    /// Where the line that is repeated begins.
    pub(super) rest: usize,
}

/// Values for one or several variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct List {
    pub(super) variables: Vec<Range<usize>>,
    /// One range for each variable; an empty one where the value is left out.
    pub(super) rounds: Vec<Vec<Range<usize>>>,
    pub(super) rest: usize,
}

/// More rounds than anybody means.
pub(super) const MOST_ROUNDS: u64 = 100_000;

impl Numbers {
    /// The values, in order, as they are put into the text.
    pub(super) fn values(&self) -> impl Iterator<Item = String> + use<> {
        let Self {
            first,
            step,
            last,
            hexadecimal,
            ..
        } = *self;
        let mut next = Some(first);
        std::iter::from_fn(move || {
            let value = next?;
            if (step > 0 && value > last) || (step < 0 && value < last) {
                return None;
            }
            next = value.checked_add(step);
            Some(if hexadecimal {
                format!("{value:x}")
            } else {
                value.to_string()
            })
        })
    }

    pub(super) fn rounds(&self) -> u64 {
        self.first.abs_diff(self.last) / self.step.unsigned_abs().max(1) + 1
    }
}

fn blanks(input: &[u8]) -> IResult<&[u8], &[u8]> {
    take_while(|byte| byte == b' ' || byte == b'\t')(input)
}

/// Something with blanks around it.
fn padded<'a, T>(
    inner: impl Parser<&'a [u8], Output = T, Error = nom::error::Error<&'a [u8]>>,
) -> impl Parser<&'a [u8], Output = T, Error = nom::error::Error<&'a [u8]>> {
    delimited(blanks, inner, blanks)
}

/// A number in the notation of C: `0x` is hexadecimal, a leading 0 octal.
fn number(input: &[u8]) -> IResult<&[u8], i64> {
    let digits = alt((
        recognize(preceded(alt((tag("0x"), tag("0X"))), hex_digit1)),
        recognize(preceded(char('0'), oct_digit0)),
        take_while1(|byte: u8| byte.is_ascii_digit()),
    ));
    let (rest, (sign, digits)) = (opt(one_of("+-")), digits).parse(input)?;
    let text = std::str::from_utf8(digits).unwrap_or_default();
    let magnitude = match text.get(..2) {
        Some("0x" | "0X") => i64::from_str_radix(&text[2..], 16),
        _ if text.len() > 1 && text.starts_with('0') => i64::from_str_radix(text, 8),
        _ => text.parse(),
    };
    let magnitude = magnitude.map_err(|_| {
        nom::Err::Error(nom::error::Error::new(input, nom::error::ErrorKind::Digit))
    })?;
    Ok((
        rest,
        if sign == Some('-') {
            -magnitude
        } else {
            magnitude
        },
    ))
}

/// Reads `~SEQ(VAR,…)` and `~SEQx(VAR,…)` at the start of `line`, whose references within the
/// parentheses are expanded already; the error says what is wrong.
pub(super) fn numbers(line: &[u8]) -> Result<Numbers, &'static str> {
    let form = "expected ~SEQ(VARIABLE,LAST), (VARIABLE,FIRST,LAST) or (VARIABLE,FIRST,STEP,LAST)";
    let name = take_while1(|byte: u8| !b" \t,)".contains(&byte));
    let list = preceded(char(','), separated_list1(char(','), padded(number)));
    let inner = (padded(name), list);
    let head = (tag(&b"~SEQ"[..]), opt(char('x')), blanks);
    let mut whole = (head, delimited(char('('), inner, char(')')), blanks);
    let parsed: IResult<&[u8], _> = whole.parse(line);
    let Ok((rest, ((_, x, _), (variable, numbers), _))) = parsed else {
        return Err(form);
    };
    let (first, step, end) = match *numbers.as_slice() {
        [end] => (
            if end < 0 { -1 } else { 1 },
            if end < 1 { -1 } else { 1 },
            end,
        ),
        [first, end] => (first, if first <= end { 1 } else { -1 }, end),
        [first, step, end] => (first, step, end),
        _ => return Err(form),
    };
    if step == 0 || (first < end && step < 0) || (first > end && step > 0) {
        return Err("the step leads away from the last value");
    }
    let hexadecimal = x.is_some();
    if hexadecimal && (first < 0 || end < 0) {
        return Err("~SEQx counts no negative numbers");
    }
    Ok(Numbers {
        variable: place(line, variable),
        first,
        step,
        last: end,
        hexadecimal,
        rest: line.len() - rest.len(),
    })
}

fn place(line: &[u8], part: &[u8]) -> Range<usize> {
    let start = (part.as_ptr() as usize).saturating_sub(line.as_ptr() as usize);
    start..start + part.len()
}

fn value(input: &[u8]) -> IResult<&[u8], &[u8]> {
    padded(take_while(|byte: u8| !b" \t,{})".contains(&byte))).parse(input)
}

/// One value, or several in braces.
fn values(input: &[u8]) -> IResult<&[u8], Vec<&[u8]>> {
    let several = delimited(char('{'), separated_list1(char(','), value), char('}'));
    let one = value.map(|value| vec![value]);
    padded(alt((several, one))).parse(input)
}

/// Reads `~LST(VAR,VALUE,…)` and `~LST({A,B},{1,2},…)` at the start of `line`.
pub(super) fn list(line: &[u8]) -> Result<List, &'static str> {
    let form = "expected ~LST(VARIABLE,VALUE,…) or ~LST({VARIABLE,…},{VALUE,…},…)";
    let inner = separated_list1(char(','), values);
    let mut whole = (
        tag(&b"~LST"[..]),
        blanks,
        delimited(char('('), inner, char(')')),
        blanks,
    );
    let parsed: IResult<&[u8], _> = whole.parse(line);
    let Ok((rest, (_, _, mut sets, _))) = parsed else {
        return Err(form);
    };
    if sets.len() < 2 {
        return Err(form);
    }
    let rounds = sets.split_off(1);
    let variables = sets.remove(0);
    if variables.iter().any(|name| name.is_empty()) {
        return Err(form);
    }
    if rounds.iter().any(|set| set.len() > variables.len()) {
        return Err("there are more values than variables");
    }
    let places = |set: &Vec<&[u8]>| {
        let mut all: Vec<_> = set.iter().map(|part| place(line, part)).collect();
        all.resize(variables.len(), 0..0);
        all
    };
    Ok(List {
        rounds: rounds.iter().map(places).collect(),
        variables: variables.iter().map(|part| place(line, part)).collect(),
        rest: line.len() - rest.len(),
    })
}
