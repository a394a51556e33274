//! The files that one row of the table makes, and what is to be said of each.

use std::fmt;

use lvsctl::conf::keyword::{Argument, Form, Inside, KEYWORDS, Keyword};

use super::{context, sample};

/// What a reader must say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Want {
    Nothing,
    /// That the word is deprecated, and no more.
    Deprecated,
    /// That something is wrong.
    Something,
    /// That something is wrong beside the word's age.
    MoreThanDeprecated,
    /// That it does not know the word.
    Unknown,
}

/// One file with one line under test.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) row: &'static Keyword,
    /// What is tried, such as `above max`.
    pub(crate) kind: String,
    pub(crate) line: String,
    pub(crate) text: String,
    pub(crate) want: Want,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { row, kind, .. } = self;
        let line = self.line.replace('\n', "\\n");
        let want = self.want;
        write!(
            f,
            "{} {} [{kind}] {line:?}, want {want:?}",
            row.block, row.word
        )
    }
}

/// Every case of every row.
pub(crate) fn all() -> Vec<Case> {
    KEYWORDS.iter().copied().flat_map(of_row).collect()
}

/// A line with a word nobody knows, in each block.
pub(crate) fn bogus() -> Vec<Case> {
    let mut rows: Vec<&'static Keyword> = KEYWORDS.iter().copied().collect();
    rows.retain(|row| row.block != "root");
    rows.sort_by_key(|row| row.block);
    rows.dedup_by_key(|row| row.block);
    let case = |row: &'static Keyword| Case {
        row,
        kind: "bogus".to_owned(),
        line: "zzzword".to_owned(),
        text: context::text(row.block, "", "zzzword"),
        want: Want::Unknown,
    };
    rows.into_iter().map(case).collect()
}

/// Rows whose last, repeated argument is a little language of its own.
const OWN_LANGUAGE: [&str; 7] = [
    "lb_kind",
    "lvs_method",
    "sorry_server_lvs_method",
    "lvs_sync_daemon",
    "lvs_timeouts",
    "regex_options",
    "status_code",
];

/// Words that do not pass over a word too many.
const COUNT_THEIR_WORDS: [(&str, &str); 9] = [
    ("global_defs", "snmp_socket"),
    ("global_defs", "reload_time_file"),
    ("global_defs", "vrrp_garp_extra_if"),
    ("global_defs", "vrrp_rx_bufs_multiplier"),
    ("virtual_server", "snmp_name"),
    ("real_server", "snmp_name"),
    ("BFD_CHECK", "name"),
    ("vrrp_instance", "garp_extra_if"),
    ("vrrp_instance", "kernel_rx_buf_size"),
];

struct Builder {
    row: &'static Keyword,
    required: usize,
    cases: Vec<Case>,
}

fn of_row(row: &'static Keyword) -> Vec<Case> {
    let required = row.arguments.iter().filter(|one| one.required).count();
    let mut builder = Builder {
        row,
        required,
        cases: Vec::new(),
    };
    builder.counts();
    builder.one_more();
    for (at, argument) in row.arguments.iter().enumerate() {
        builder.choices(at, argument);
        builder.booleans(at, argument);
        builder.addresses(at, argument);
    }
    builder.numbers();
    builder.cases
}

impl Builder {
    fn add(&mut self, kind: impl Into<String>, words: &[String], want: Want) {
        let row = self.row;
        let mut line = row.word.to_owned();
        for word in words {
            line = format!("{line} {word}");
        }
        line += &sample::block(row);
        self.cases.push(Case {
            row,
            kind: kind.into(),
            text: context::text(row.block, row.word, &line),
            line,
            want,
        });
    }

    fn good(&self) -> Want {
        match self.row.deprecated {
            Some(_) => Want::Deprecated,
            None => Want::Nothing,
        }
    }

    fn bad(&self) -> Want {
        match self.row.deprecated {
            Some(_) => Want::MoreThanDeprecated,
            None => Want::Something,
        }
    }

    fn sample(&self, count: usize) -> Vec<String> {
        sample::arguments(self.row, count)
    }

    /// The sample of all required words, with others from place `at` on.
    fn with(&self, at: usize, words: &[&str]) -> Vec<String> {
        let mut all = self.sample(at);
        all.extend(words.iter().map(|word| (*word).to_owned()));
        let rest = self.sample(self.required);
        all.extend(rest.into_iter().skip(at + words.len()));
        all
    }

    fn counts(&mut self) {
        self.add("required only", &self.sample(self.required), self.good());
        if !OWN_LANGUAGE.contains(&self.row.word) {
            for count in self.required + 1..=self.row.arguments.len() {
                self.add(format!("with {count}"), &self.sample(count), self.good());
            }
        }
        for count in 0..self.required {
            let kind = format!("only {count} of {}", self.required);
            self.add(kind, &self.sample(count), Want::Something);
        }
    }

    fn one_more(&mut self) {
        let row = self.row;
        let repeats = row.arguments.iter().any(|argument| argument.repeats);
        if repeats || row.inside != Inside::Nothing || row.deprecated.is_some() {
            return;
        }
        let mut words = self.sample(row.arguments.len());
        words.push("zzz".to_owned());
        let counts = COUNT_THEIR_WORDS.contains(&(row.block, row.word));
        let want = if counts {
            Want::Something
        } else {
            Want::Nothing
        };
        self.add("one more", &words, want);
    }

    fn choices(&mut self, at: usize, argument: &Argument) {
        if (self.row.block, self.row.word) == ("root", "virtual_server") {
            return;
        }
        let literals: Vec<&str> = argument.forms.iter().filter_map(literal).collect();
        for word in &literals {
            let kind = format!("choice {word}");
            match *word {
                "all" => self.add(kind, &self.with(0, &["all", "1"]), self.good()),
                _ => self.add(kind, &self.with(at, &[word]), self.good()),
            }
        }
        if !literals.is_empty() {
            self.add("bad choice", &self.with(at, &["zzz"]), Want::Something);
        }
    }

    fn booleans(&mut self, at: usize, argument: &Argument) {
        if argument.forms != [Form::Boolean] {
            return;
        }
        for word in ["on", "true", "yes", "off", "false", "no"] {
            self.add(
                format!("bool {word}"),
                &self.with(at, &[word]),
                Want::Nothing,
            );
        }
        for word in ["1", "TRUE"] {
            self.add(
                format!("bad bool {word}"),
                &self.with(at, &[word]),
                Want::Something,
            );
        }
    }

    fn addresses(&mut self, at: usize, argument: &Argument) {
        if argument.forms == [Form::Address] {
            let words = self.with(at, &["10.0.0.256"]);
            self.add("bad address", &words, Want::Something);
        }
    }

    fn numbers(&mut self) {
        let row = self.row;
        let numbers = row.arguments.iter().enumerate();
        let mut numbers = numbers.filter(|(_, argument)| sample::is_number(argument));
        let (Some(range), Some((at, argument))) = (row.range, numbers.next()) else {
            return;
        };
        let timer = argument.forms == [Form::Timer];
        let step = match row.unit {
            _ if !timer => 1_000_000,
            Some("ms") => 1_000,
            _ => 1,
        };
        let least = millionths(range.least);
        let (good, bad) = (self.good(), self.bad());
        let mut add = |kind: String, word: &str, want| {
            let words = self.with(at, &[word]);
            self.add(kind, &words, want);
        };
        add(format!("min {}", range.least), range.least, good);
        add("below min".to_owned(), &written(least - step), bad);
        if let Some(most) = range.most {
            add(format!("max {most}"), most, good);
            add(
                "above max".to_owned(),
                &written(millionths(most) + step),
                bad,
            );
        }
        add("not a number".to_owned(), "6x", bad);
        if !timer {
            add("decimals".to_owned(), &format!("{}.5", range.least), bad);
        }
    }
}

fn literal(form: &Form) -> Option<&'static str> {
    match form {
        Form::Literal(literal) => Some(literal),
        _ => None,
    }
}

fn millionths(number: &str) -> i128 {
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    format!("{whole}{decimals:0<6}").parse().unwrap()
}

fn written(millionths: i128) -> String {
    let sign = if millionths < 0 { "-" } else { "" };
    let all = millionths.unsigned_abs();
    let decimals = format!("{:06}", all % 1_000_000);
    let decimals = decimals.trim_end_matches('0');
    let point = if decimals.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{decimals}", all / 1_000_000)
}
