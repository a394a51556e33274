use std::fmt;
use std::ops::RangeInclusive;

use pcre2::bytes::{Regex as Compiled, RegexBuilder};

use super::regex::{Regex, RegexOptions};

/// A [`Regex`] as PCRE2 understood it.
#[derive(Clone, Debug)]
pub struct Pattern {
    compiled: Compiled,
    min_offset: usize,
    max_offset: Option<usize>,
}

/// Why a [`Regex`] cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoPattern {
    /// PCRE2 has these, and its crate does not offer them.
    Options(RegexOptions),
    /// Bytes that are no UTF-8, from this one on.
    NotUtf8(usize),
    /// In the words of PCRE2, found at this byte of the pattern.
    Syntax(usize, String),
}

/// How an option is said inside a pattern.
enum Said {
    /// Letters of `(?…)`.
    Letter(char),
    /// A word at the very start, in `(*…)`.
    Word(&'static str),
    /// Not at all, and nothing shows it.
    Idle,
}

/// Steps of one match, so that no pattern holds up the checks of other servers: a few hundredths
/// of a second.
const STEPS: u32 = 1_000_000;

/// What a match may take of memory where `regex_stack` says nothing, and what it may say, in bytes.
/// What PCRE2 cannot have ends the program.
const STACK: u64 = 1 << 20;
const STACKS: RangeInclusive<u64> = 32 << 10..=64 << 20;

impl Pattern {
    pub fn new(regex: &Regex) -> Result<Self, NoPattern> {
        let pattern = std::str::from_utf8(regex.pattern.as_bytes())
            .map_err(|error| NoPattern::NotUtf8(error.valid_up_to()))?;
        let (words, rest) = pattern.split_at(start_words(pattern));
        let lacking = Self::lacking(regex.options);
        if lacking != RegexOptions::default() {
            return Err(NoPattern::Options(lacking));
        }
        let options = spoken(regex.options);
        // Words must stand at the very start, and letters behind them.
        let before = format!("(*LIMIT_MATCH={STEPS}){}", options.words);
        let between = options.letters;
        let stack = regex.stack.map_or(STACK, |(_, most)| {
            most.clamp(*STACKS.start(), *STACKS.end())
        });
        // It fits: 64 MiB.
        let stack = usize::try_from(stack).ok();
        let compiled = RegexBuilder::new()
            .jit_if_available(true)
            .max_jit_stack_size(stack)
            .build(&format!("{before}{words}{between}{rest}"))
            .map_err(|error| {
                let at = error.offset().unwrap_or(0).saturating_sub(before.len());
                let at = if at > words.len() {
                    at.saturating_sub(between.len()).max(words.len())
                } else {
                    at
                };
                NoPattern::Syntax(at, words_of(&error))
            })?;
        let bytes = |offset| usize::try_from(offset).unwrap_or(usize::MAX);
        Ok(Self {
            compiled,
            min_offset: bytes(regex.min_offset),
            max_offset: regex.max_offset.map(bytes),
        })
    }

    /// Those of these options that are not offered.
    pub fn lacking(options: RegexOptions) -> RegexOptions {
        let lacking = options.names().filter(|name| said(name).is_none());
        let lacking = lacking.filter_map(RegexOptions::named);
        lacking.fold(RegexOptions::default(), RegexOptions::with)
    }

    /// Where in `body` the first match begins, between the offsets; what PCRE2 says where it gives
    /// up.
    pub fn find(&self, body: &[u8]) -> Result<Option<usize>, String> {
        if self.min_offset > body.len() {
            return Ok(None);
        }
        let found = self.compiled.find_at(body, self.min_offset);
        let found = found.map_err(|error| words_of(&error))?;
        let begins = found.map(|found| found.start());
        Ok(begins.filter(|at| self.max_offset.is_none_or(|max| *at <= max)))
    }
}

/// Options as a pattern says them.
struct Spoken {
    words: String,
    letters: String,
}

/// What an option that is not offered says is left out.
fn spoken(options: RegexOptions) -> Spoken {
    let (mut words, mut letters) = (String::new(), String::new());
    for option in options.names().filter_map(said) {
        match option {
            Said::Letter(letter) => letters.push(letter),
            Said::Word(word) => words.extend(["(*", word, ")"]),
            Said::Idle => {}
        }
    }
    if !letters.is_empty() {
        letters = format!("(?{letters})");
    }
    Spoken { words, letters }
}

/// Source: pcre2pattern(3), "Special start-of-pattern items" and "Internal option setting".
fn said(option: &str) -> Option<Said> {
    Some(match option {
        "caseless" => Said::Letter('i'),
        "dotall" => Said::Letter('s'),
        "dupnames" => Said::Letter('J'),
        "extended" => Said::Letter('x'),
        "multiline" => Said::Letter('m'),
        "no_auto_capture" => Said::Letter('n'),
        "ungreedy" => Said::Letter('U'),
        "no_auto_possess" => Said::Word("NO_AUTO_POSSESS"),
        "no_dotstar_anchor" => Said::Word("NO_DOTSTAR_ANCHOR"),
        "no_start_optimize" => Said::Word("NO_START_OPT"),
        "ucp" => Said::Word("UCP"),
        "utf" => Said::Word("UTF"),
        // They serve a program's own functions, of which keepalived has none either.
        "auto_callout" | "use_offset_limit" => Said::Idle,
        _ => return None,
    })
}

/// Where the words in `(*…)` that a pattern starts with end.
fn start_words(pattern: &str) -> usize {
    let mut rest = pattern;
    while let Some((word, behind)) = rest
        .strip_prefix("(*")
        .and_then(|inside| inside.split_once(')'))
    {
        let capital = |byte: u8| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'=');
        if !word.bytes().all(capital) {
            break;
        }
        rest = behind;
    }
    pattern.len() - rest.len()
}

/// What PCRE2 says, without what its crate puts before it.
fn words_of(error: &pcre2::Error) -> String {
    let said = error.to_string();
    said.rsplit_once(": ")
        .map_or(said.clone(), |(_, why)| why.to_owned())
}

impl fmt::Display for NoPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Options(options) => write!(f, "lvsctl does not offer {options}"),
            Self::NotUtf8(at) => write!(f, "no UTF-8 from byte {at} on"),
            Self::Syntax(at, why) => write!(f, "{why}, at byte {at}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn regex(pattern: &str, options: &[&str]) -> Regex {
        let named = options
            .iter()
            .map(|name| RegexOptions::named(name).unwrap());
        Regex {
            pattern: pattern.into(),
            no_match: false,
            options: named.fold(RegexOptions::default(), RegexOptions::with),
            min_offset: 0,
            max_offset: None,
            stack: None,
        }
    }

    fn find(regex: &Regex, body: &str) -> Option<usize> {
        Pattern::new(regex).unwrap().find(body.as_bytes()).unwrap()
    }

    #[test]
    fn an_option_changes_what_matches_as_pcre2_says() {
        let cases: [(&str, &str, &str, Option<usize>); 12] = [
            ("caseless", "up", "is UP", Some(3)),
            ("dotall", "a.b", "a\nb", Some(0)),
            ("dupnames", "(?<n>a)|(?<n>b)", "b", Some(0)),
            ("extended", "u p # yes", "up", Some(0)),
            ("multiline", "^b$", "a\nb\nc", Some(2)),
            ("no_auto_capture", "(?<n>u)(p)\\k<n>", "upu", Some(0)),
            ("ucp", "(*UTF)\\w+$", "\u{e9}", Some(0)),
            ("utf", "^.$", "\u{e9}", Some(0)),
            ("no_auto_possess", "a+b", "aab", Some(0)),
            ("no_dotstar_anchor", ".*b", "\nab", Some(1)),
            ("no_start_optimize", "(*COMMIT)abc", "xabc", None),
            ("auto_callout", "up", "up", Some(0)),
        ];
        for (option, pattern, body, want) in cases {
            assert_eq!(find(&regex(pattern, &[option]), body), want, "{option}");
        }
        // What would have been found without.
        assert_eq!(find(&regex("^.$", &[]), "\u{e9}"), None);
        assert_eq!(find(&regex("up", &[]), "is UP"), None);
        assert_eq!(find(&regex("(*COMMIT)abc", &[]), "xabc"), Some(1));
        let ungreedy = regex("(*UTF)a(b+)\\1", &["ungreedy", "caseless"]);
        assert_eq!(find(&ungreedy, "xABB"), Some(1));
    }

    #[test]
    fn a_match_begins_between_the_offsets() {
        for (min, max, want) in [
            (0, None, Some(0)),
            (1, None, Some(3)),
            (1, Some(3), Some(3)),
            (1, Some(2), None),
            (4, None, None),
            (9, None, None),
        ] {
            let regex = Regex {
                min_offset: min,
                max_offset: max,
                ..regex("up", &[])
            };
            assert_eq!(find(&regex, "up-up"), want, "{min} {max:?}");
        }
        // What stands before the first byte that may match is seen all the same.
        let behind = Regex {
            min_offset: 3,
            ..regex("(?<=-)up", &[])
        };
        assert_eq!(find(&behind, "up-up"), Some(3));
    }

    #[test]
    fn a_stack_may_be_of_any_size() {
        for most in [0, 1, 1 << 16, u64::MAX] {
            let regex = Regex {
                stack: Some((0, most)),
                ..regex("u(p)", &[])
            };
            assert_eq!(find(&regex, "up"), Some(0), "{most}");
        }
    }

    #[test]
    fn what_is_no_pattern_says_where() {
        let missing = |at| NoPattern::Syntax(at, "missing closing parenthesis".to_owned());
        let why = |pattern, options: &[&str]| Pattern::new(&regex(pattern, options)).unwrap_err();
        assert_eq!(why("up(", &[]), missing(3));
        assert_eq!(why("up(", &["caseless", "utf"]), missing(3));
        assert_eq!(why("(*UTF)up(", &["ungreedy"]), missing(9));
        let lacking = why("up", &["caseless", "firstline", "alt_bsux"]);
        assert_eq!(
            lacking.to_string(),
            "lvsctl does not offer alt_bsux firstline"
        );
        let latin = Regex {
            pattern: b"caf\xe9"[..].into(),
            ..regex("", &[])
        };
        assert_eq!(Pattern::new(&latin).unwrap_err(), NoPattern::NotUtf8(3));
    }

    #[test]
    fn a_pattern_that_would_take_for_ever_gives_up() {
        let body = format!("{}c", "a".repeat(200));
        let pattern = Pattern::new(&regex("(a*)*b|(a|aa)+$", &[])).unwrap();
        let start = std::time::Instant::now();
        let said = pattern.find(body.as_bytes()).unwrap_err();
        assert_eq!(said, "match limit exceeded");
        assert!(start.elapsed() < std::time::Duration::from_secs(2));
    }
}
