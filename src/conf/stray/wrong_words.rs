//! Words that people write and keepalived never knew, or knows no more. How far a word is from the
//! one that was meant says nothing of these.

/// The table as it is shipped.
static TABLE: &str = include_str!("../../../grammar/wrong-words.tsv");

/// What to do about a well-known wrong word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Remedy {
    /// The word of the same block that was meant.
    pub(super) write: Option<&'static str>,
    /// Where the word is from, or why it can go.
    pub(super) remark: Option<&'static str>,
}

/// `None` where nobody is known to write `word` in `block`.
pub(super) fn remedy(block: &str, word: &str) -> Option<Remedy> {
    let given = |text: &'static str| (text != "-").then_some(text);
    TABLE.lines().skip(1).find_map(|line| {
        let mut columns = line.split('\t');
        let (blocks, wrong) = (columns.next()?, columns.next()?);
        let here = wrong == word && blocks.split(',').any(|named| named == block);
        let (write, remark) = (columns.next()?, columns.next()?);
        here.then(|| Remedy {
            write: given(write),
            remark: given(remark),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::TABLE;
    use crate::conf::keyword::{Kind, find};

    #[test]
    fn every_row_names_a_block_a_wrong_word_and_a_right_one() {
        for line in TABLE.lines().skip(1) {
            let columns: Vec<&str> = line.split('\t').collect();
            let [blocks, word, write, remark] = *columns.as_slice() else {
                panic!("{line}");
            };
            assert!(write != "-" || remark != "-", "{line}");
            for block in blocks.split(',') {
                assert!(Kind::named(block).is_some(), "{line}");
                assert!(find(block, word).is_none(), "{line}");
                assert!(write == "-" || find(block, write).is_some(), "{line}");
            }
        }
    }
}
