//! The keyword table of the project, as far as the oracle needs it.

use lvsctl::conf::keyword::{Inside, KEYWORDS, Keyword, Support};

/// What `apply` acts on or takes without acting.
pub fn taken(block: &str) -> impl Iterator<Item = &'static Keyword> {
    let refused = |row: &&Keyword| row.apply == Support::Refuses;
    of(block).filter(move |row| !refused(row))
}

/// What has an effect on the table.
pub fn acting(block: &str) -> impl Iterator<Item = &'static Keyword> {
    of(block).filter(|row| row.apply == Support::Acts)
}

fn of(block: &str) -> impl Iterator<Item = &'static Keyword> {
    let rows = KEYWORDS.iter().copied();
    rows.filter(move |row| row.block == block)
}

pub fn opens_a_block(row: &Keyword) -> bool {
    row.inside != Inside::Nothing
}

/// The ends of the range, as they are written; without an upper one where there is no limit.
pub fn ends(row: &Keyword) -> Vec<&'static str> {
    let range = row.range.map(|range| [Some(range.least), range.most]);
    range.into_iter().flatten().flatten().collect()
}
