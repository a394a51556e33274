use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{LazyLock, OnceLock};

use super::{Inside, Keyword, row};

/// The table as it is shipped.
pub static TABLE: &str = include_str!("../../../grammar/keywords.tsv");

/// Every keyword, in the order of the table; a row for several blocks gives several.
pub static KEYWORDS: LazyLock<Vec<&Keyword>> = LazyLock::new(|| {
    let all = BLOCKS.all.iter().flat_map(|block| &block.words().rows);
    let mut all: Vec<&Keyword> = all.collect();
    all.sort_by_key(|keyword| keyword.place);
    all
});

/// The table by kind of block. Every command waits for it, and most files need few of its blocks: a
/// row is read when somebody asks for its block.
static BLOCKS: LazyLock<Blocks> = LazyLock::new(|| {
    let mut blocks = Blocks::default();
    let rows = TABLE.lines().skip(1);
    let rows = rows.filter_map(|line| Some((line, row::blocks(line)?)));
    let places = rows.flat_map(|(line, blocks)| blocks.map(move |block| (line, block)));
    for (place, (line, name)) in places.enumerate() {
        let all = &mut blocks.all;
        let home = *blocks.by_name.entry(name).or_insert_with(|| {
            all.push(Block::new(name, all.len()));
            all.len() - 1
        });
        all[home].lines.push((place, line));
    }
    blocks
});

#[derive(Default)]
struct Blocks {
    all: Vec<Block>,
    by_name: HashMap<&'static str, usize, BuildHasherDefault<Fnv>>,
}

struct Block {
    name: &'static str,
    home: usize,
    /// Its rows, and where each is in the whole table.
    lines: Vec<(usize, &'static str)>,
    words: OnceLock<Words>,
}

/// The keywords of a block.
#[derive(Debug)]
struct Words {
    rows: Vec<Keyword>,
    by_word: HashMap<&'static [u8], usize, BuildHasherDefault<Fnv>>,
}

impl Block {
    fn new(name: &'static str, home: usize) -> Self {
        Self {
            name,
            home,
            lines: Vec::new(),
            words: OnceLock::new(),
        }
    }

    fn words(&self) -> &Words {
        self.words.get_or_init(|| {
            let rows = self.lines.iter();
            let rows = rows.filter_map(|(place, line)| self.keyword(*place, line));
            let rows: Vec<Keyword> = rows.collect();
            let words = rows.iter().map(|row| row.word.as_bytes());
            let by_word = words.zip(0..).collect();
            Words { rows, by_word }
        })
    }

    fn keyword(&self, place: usize, line: &'static str) -> Option<Keyword> {
        let keyword = row::keyword(line)?;
        let opens = match keyword.inside {
            Inside::Keywords(name) => BLOCKS.by_name.get(name).copied(),
            Inside::Nothing | Inside::Values(_) => None,
        };
        Some(Keyword {
            block: self.name,
            place,
            home: self.home,
            opens,
            ..keyword
        })
    }
}

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
        Self::at(*BLOCKS.by_name.get(name)?)
    }

    pub(super) fn at(index: usize) -> Option<Self> {
        let block = BLOCKS.all.get(index)?;
        Some(Self {
            name: block.name,
            index,
            words: block.words(),
        })
    }

    pub fn find(self, word: &[u8]) -> Option<&'static Keyword> {
        let row = *self.words.by_word.get(word)?;
        self.words.rows.get(row)
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

/// Blocks that know `word`.
pub fn blocks_of(word: &str) -> Vec<&'static str> {
    let known = KEYWORDS.iter().filter(|keyword| keyword.word == word);
    known.map(|keyword| keyword.block).collect()
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
