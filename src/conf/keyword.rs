use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::LazyLock;

use super::decimal::micros;

/// One keyword of the language, as `grammar/keywords.tsv` has it: the single truth for parser,
/// linter and manual.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keyword {
    /// The block it stands in; `root` outside all.
    pub block: &'static str,
    pub word: &'static str,
    /// As the table writes them, for people.
    pub usage: &'static str,
    pub arguments: Vec<Argument>,
    /// How many of them are required.
    pub(crate) needed: usize,
    pub inside: Inside,
    pub unit: Option<&'static str>,
    /// Numbers allowed, in the keyword's unit; open upwards where there is no maximum.
    pub range: Option<Range>,
    /// The same in millionths of the unit, as every number of a file is held against it.
    pub(super) millionths: (u64, Option<u64>),
    pub default: Option<&'static str>,
    /// First release of keepalived that knows it, where that is known.
    pub since: Option<&'static str>,
    /// keepalived reports it as deprecated; the word to use instead, if there is one.
    pub deprecated: Option<Option<&'static str>>,
    /// What a one-shot does with it, which checks nothing.
    pub apply: Support,
    pub daemon: Support,
    /// There is nothing to say of it but what its words say.
    pub(super) plain: bool,
    /// Where keepalived's own treatment of it stands.
    pub source: &'static str,
    /// In [`KEYWORDS`].
    place: usize,
    /// Which [`Kind`] its block is.
    home: usize,
}

impl Keyword {
    /// Its place in [`KEYWORDS`].
    pub const fn place(&self) -> usize {
        self.place
    }

    /// The kind of the block behind it, where that holds keywords.
    pub fn opens(&self) -> Option<Kind> {
        OPENS.get(self.place).copied().flatten()
    }
}

/// A range as it is written in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    pub least: &'static str,
    pub most: Option<&'static str>,
}

/// A word behind the keyword.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    pub forms: Vec<Form>,
    pub required: bool,
    /// It may stand several times.
    pub repeats: bool,
}

/// What a word must look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A whole number in digits.
    Number,
    /// The same, perhaps negative.
    Integer,
    /// Seconds with up to six decimals.
    Timer,
    Boolean,
    /// An IPv4 or IPv6 address.
    Address,
    /// The same, perhaps with a prefix length.
    Prefix,
    Port,
    /// A netmask, or a prefix length.
    Mask,
    /// A firewall mark.
    Mark,
    Interface,
    /// The name of something else in the file.
    Name,
    Path,
    /// A command with its quotes and escapes.
    Command,
    Host,
    Hex,
    Word,
    /// keepalived does not look at it.
    Ignored,
    /// This word and no other.
    Literal(&'static str),
}

/// What may stand in braces behind the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inside {
    /// Nothing: it takes no block.
    Nothing,
    /// Keywords of this kind of block.
    Keywords(&'static str),
    /// Free lines, whose first word looks like this.
    Values(Form),
}

/// What lvsctl does with a keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Support {
    Acts,
    /// Read, and without effect on traffic.
    Accepts,
    /// Read, without effect here, and worth a warning.
    Warns,
    /// Not implemented: a file with it is refused at its line.
    Refuses,
}

impl Support {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Acts => "acts",
            Self::Accepts => "accepts",
            Self::Warns => "warns",
            Self::Refuses => "refuses",
        }
    }
}

/// The table as it is shipped.
pub static TABLE: &str = include_str!("../../grammar/keywords.tsv");

/// Every keyword, in the order of the table; a row for several blocks gives several.
pub static KEYWORDS: LazyLock<Vec<Keyword>> = LazyLock::new(|| {
    // Every command waits for it: it is filled once, and in place.
    let mut keywords: Vec<Keyword> = Vec::with_capacity(TABLE.len() / KEYWORD);
    let mut homes: Vec<&str> = Vec::new();
    for (blocks, keyword) in TABLE.lines().skip(1).filter_map(row) {
        let (others, last) = blocks.rsplit_once(',').unwrap_or(("", blocks));
        let others = others.split(',').filter(|block| !block.is_empty());
        let mut place = |block, keyword: Keyword| {
            let known = homes.iter().rposition(|home| *home == block);
            let home = known.unwrap_or_else(|| {
                homes.push(block);
                homes.len() - 1
            });
            keywords.push(Keyword {
                block,
                place: keywords.len(),
                home,
                ..keyword
            });
        };
        for block in others {
            place(block, keyword.clone());
        }
        place(last, keyword);
    }
    keywords
});

/// What a keyword takes of the table in bytes, or less: there is room for all before the first.
const KEYWORD: usize = 64;

/// What stands in the block of each keyword, by its place in the table.
static OPENS: LazyLock<Vec<Option<Kind>>> = LazyLock::new(|| {
    let opens = KEYWORDS.iter().map(|keyword| match keyword.inside {
        Inside::Keywords(name) => Kind::named(name),
        Inside::Nothing | Inside::Values(_) => None,
    });
    opens.collect()
});

type Kinds = HashMap<&'static str, (usize, Words), BuildHasherDefault<Fnv>>;
type Words = HashMap<&'static [u8], &'static Keyword, BuildHasherDefault<Fnv>>;

/// The table once more, by kind of block, for looking up: every line of a file asks it.
static KINDS: LazyLock<Kinds> = LazyLock::new(|| {
    let mut kinds = Kinds::default();
    let alike = |home| KEYWORDS.iter().filter(move |other| other.home == home);
    for keyword in KEYWORDS.iter() {
        let kind = kinds.entry(keyword.block);
        let (_, words) = kind.or_insert_with(|| {
            let count = alike(keyword.home).count();
            let words = Words::with_capacity_and_hasher(count, BuildHasherDefault::default());
            (keyword.home, words)
        });
        words.insert(keyword.word.as_bytes(), keyword);
    }
    kinds
});

/// The words of one kind of block.
#[derive(Clone, Copy)]
pub struct Kind {
    pub name: &'static str,
    index: usize,
    words: &'static Words,
}

impl Kind {
    /// `None` where the table has no such block.
    pub fn named(name: &str) -> Option<Self> {
        let (name, (index, words)) = KINDS.get_key_value(name)?;
        let index = *index;
        Some(Self { name, index, words })
    }

    pub fn find(self, word: &[u8]) -> Option<&'static Keyword> {
        self.words.get(word).copied()
    }

    /// Whether the keyword is one of this kind of block.
    pub fn has(self, keyword: &Keyword) -> bool {
        keyword.home == self.index
    }
}

/// `None` where `block` knows no such word.
pub fn find(block: &str, word: &str) -> Option<&'static Keyword> {
    Kind::named(block)?.find(word.as_bytes())
}

/// The blocks of a row, and what it says of its keyword in each; `None` for a line that is no row. A
/// test holds that there is none.
fn row(line: &'static str) -> Option<(&'static str, Keyword)> {
    let [
        blocks,
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
    let keyword = Keyword {
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
    };
    Some((blocks, keyword))
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

/// The word of `block` that was probably meant: the same in another case, or at most two slips away.
pub fn meant(block: &str, word: &str) -> Option<&'static str> {
    let here = KEYWORDS.iter().filter(|keyword| keyword.block == block);
    nearest(here.map(|keyword| keyword.word), word)
}

/// The same, of any words.
pub fn nearest<'w>(words: impl Iterator<Item = &'w str>, word: &str) -> Option<&'w str> {
    let lower = word.to_ascii_lowercase();
    // Two letters of four are another word.
    let most = (word.chars().count() / 3).min(2);
    let slips = |known: &str| distance(&known.to_ascii_lowercase(), &lower);
    let near = words.map(|known| (slips(known), known));
    near.filter(|(slips, _)| *slips <= most)
        .min()
        .map(|(_, meant)| meant)
}

/// Blocks that know `word`.
pub fn blocks_of(word: &str) -> Vec<&'static str> {
    let known = KEYWORDS.iter().filter(|keyword| keyword.word == word);
    known.map(|keyword| keyword.block).collect()
}

/// Insertions, deletions, replacements and swaps of neighbours between two words.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    if a.len().abs_diff(b.len()) > 2 {
        return usize::MAX;
    }
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

/// Fowler, Noll and Vo's hash (FNV-1a): the keys are few, short and ours, so nobody can choose them.
#[derive(Default)]
struct Fnv(u64);

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
        }
    }

    fn write_usize(&mut self, number: usize) {
        self.0 ^= number as u64;
    }
}
