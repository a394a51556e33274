use super::KEYWORDS;

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
