use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

/// One keyword of the language, as `grammar/keywords.tsv` has it: the single truth for parser,
/// linter and manual.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keyword {
    /// The block it stands in; `root` outside all.
    pub block: &'static str,
    pub word: &'static str,
    /// Words that must follow.
    pub required: usize,
    /// A block must follow.
    pub takes_block: bool,
    /// Numbers allowed, in the keyword's unit; open upwards where there is no maximum.
    pub range: Option<(&'static str, Option<&'static str>)>,
    pub support: Support,
    /// First release of keepalived that knows it, where that is known.
    pub since: Option<&'static str>,
}

/// What lvsctl does with a keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    Acts,
    /// Read, and without effect on traffic.
    Accepts,
    /// Read, without effect here, and worth a warning.
    Warns,
    /// Not implemented: a file with it is refused at its line.
    Refuses,
    /// A block for another program that reads the same file; kept, not judged.
    Foreign,
}

/// The table, by block and word.
pub static KEYWORDS: LazyLock<BTreeMap<(&'static str, &'static str), Keyword>> =
    LazyLock::new(|| {
        let rows = include_str!("../../grammar/keywords.tsv").lines().skip(1);
        rows.filter_map(row)
            .map(|keyword| ((keyword.block, keyword.word), keyword))
            .collect()
    });

/// The table once more, for looking up: every line of a file asks it.
static INDEX: LazyLock<HashMap<(&'static str, &'static str), &'static Keyword>> =
    LazyLock::new(|| {
        KEYWORDS
            .iter()
            .map(|(key, keyword)| (*key, keyword))
            .collect()
    });

/// `None` for a line that is no row; a test holds that there is none.
fn row(line: &'static str) -> Option<Keyword> {
    let mut columns = line.split('\t');
    let mut next = || columns.next();
    let (block, word, arguments) = (next()?, next()?, next()?);
    let (_unit, range, _default) = (next()?, next()?, next()?);
    let (support, since, _source) = (next()?, next()?, next()?);
    let given = |text: &'static str| (text != "-").then_some(text);
    let mut required = 0;
    let mut takes_block = false;
    for argument in given(arguments).unwrap_or_default().split_whitespace() {
        match argument {
            "{" => takes_block = true,
            "..." => {}
            optional if optional.starts_with('[') => {}
            _ => required += 1,
        }
    }
    let range = given(range).and_then(|range| {
        let (least, most) = range.split_once("..")?;
        Some((least, (!most.is_empty()).then_some(most)))
    });
    let support = match support {
        "acts" => Support::Acts,
        "accepts" => Support::Accepts,
        "warns" => Support::Warns,
        "refuses" => Support::Refuses,
        "foreign" => Support::Foreign,
        _ => return None,
    };
    Some(Keyword {
        block,
        word,
        required,
        takes_block,
        range,
        support,
        since: given(since),
    })
}

/// `None` where `block` knows no such word.
pub fn find<'a>(block: &'a str, word: &'a str) -> Option<&'a Keyword> {
    let index: &HashMap<(&str, &str), &Keyword> = &INDEX;
    index.get(&(block, word)).copied()
}

/// The word of `block` that was probably meant: at most two slips away.
pub fn meant(block: &str, word: &str) -> Option<&'static str> {
    let near = KEYWORDS
        .values()
        .filter(|keyword| keyword.block == block)
        .map(|keyword| (distance(keyword.word, word), keyword.word));
    let (slips, meant) = near.min()?;
    (slips <= 2 && slips * 3 <= word.len()).then_some(meant)
}

/// Blocks that know `word`.
pub fn blocks_of(word: &str) -> Vec<&'static str> {
    let known = KEYWORDS.values().filter(|keyword| keyword.word == word);
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
