//! Whether what a row says it does is done: its values are told apart in what is read.

use lvsctl::conf::keyword::{Inside, KEYWORDS, Keyword, Support};
use lvsctl::conf::{self, Memory, Options};
use lvsctl::model::director::Director;

use super::case::{self, Case, Want};
use super::context;

/// Rows that act, and are not told apart by one line; why.
const NOT_ALONE: [(&str, &str, &str); 7] = [
    ("root", "global_defs", "its words act"),
    ("root", "track_file", "acts where a check names it"),
    ("root", "vrrp_track_file", "acts where a check names it"),
    ("root", "bfd_instance", "acts where a check names it"),
    (
        "BFD_CHECK",
        "name",
        "there is no check without it, and one session alone to name",
    ),
    (
        "FILE_CHECK",
        "track_file",
        "there is no check without it, and one file alone to name",
    ),
    (
        "root",
        "virtual_server_group",
        "acts where a server names it",
    ),
];

const BLOCKS: [&str; 4] = ["root", "global_defs", "virtual_server", "real_server"];

/// Words that mean something only together with another of their block.
const TOGETHER: [(&str, &str); 3] = [
    ("bind_port", "bindto 192.168.1.9"),
    ("min_reply_length", "require_reply 41"),
    ("max_reply_length", "require_reply 41"),
];

/// The rows that act and that no reader takes up, and the exceptions that are none.
pub(crate) fn idle() -> Vec<String> {
    let cases = case::all();
    let rows = KEYWORDS.iter().filter(|row| acts(row) && is_held(row));
    let wrong = rows.filter(|row| is_taken(row, &cases) == is_exception(row));
    wrong
        .map(|row| format!("{} {}", row.block, row.word))
        .collect()
}

fn acts(row: &Keyword) -> bool {
    [row.apply, row.daemon].contains(&Support::Acts)
}

fn is_held(row: &Keyword) -> bool {
    BLOCKS.contains(&row.block) || row.block.contains("_CHECK") || row.block.contains("_GET")
}

fn is_exception(row: &Keyword) -> bool {
    let mut rows = NOT_ALONE.iter();
    rows.any(|(block, word, _)| (*block, *word) == (row.block, row.word))
}

fn is_taken(row: &'static Keyword, cases: &[Case]) -> bool {
    let good = |case: &&Case| case.row == row && case.want == Want::Nothing;
    let mut texts: Vec<String> = cases
        .iter()
        .filter(good)
        .map(|one| one.text.clone())
        .collect();
    texts.push(other(row));
    let directors = texts.iter().filter_map(|text| director(text));
    let directors: Vec<Director> = directors.collect();
    directors.iter().any(|one| *one != directors[0])
}

/// The file without the row's line, or where that means nothing with another value.
fn other(row: &Keyword) -> String {
    let line = match (row.block, row.word, row.inside) {
        ("real_server" | "virtual_server", _, Inside::Keywords(_)) => return context::plain(),
        ("root", _, Inside::Keywords(_)) => return context::text("root", "", ""),
        (_, "protocol", _) => "protocol udp",
        (_, "misc_path", _) => "misc_path /bin/false",
        (_, "uthreshold", _) => "uthreshold 9",
        (_, "lthreshold", _) => "uthreshold 9\nlthreshold 5",
        _ => together(row.word),
    };
    context::text(row.block, row.word, line)
}

/// What a word needs in its block to mean something.
fn together(word: &str) -> &'static str {
    let mut rows = TOGETHER.iter();
    rows.find(|(one, _)| *one == word)
        .map_or("", |(_, other)| other)
}

fn director(text: &str) -> Option<Director> {
    // Its servers have a check, so that what is said of checks shows.
    let server = "real_server 192.168.1.1 80 {\n";
    let text = text.replace(server, &format!("{server}TCP_CHECK {{\n}}\n"));
    let files = Memory([("k.conf".to_owned(), text.into_bytes())].into());
    conf::load(&files, "k.conf", &Options::default()).director
}
