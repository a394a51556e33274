use super::wrong_words::{self, Remedy};
use crate::conf::keyword::{self, Inside, KEYWORDS, Kind, find};
use crate::conf::tree::Node;

/// What somebody may have meant who wrote a word that its block does not know.
pub(super) struct Guess {
    /// A word of the same block.
    pub(super) write: Option<&'static str>,
    /// Where a well-known wrong word is from.
    pub(super) remark: Option<&'static str>,
    /// The whole line can go, and nothing is lost with it.
    pub(super) useless: bool,
    /// Blocks that know the word as it is.
    pub(super) homes: Vec<&'static str>,
    /// Nothing but a blank is missing behind the word that was meant.
    glued: bool,
    /// It is no slip but a well-known wrong word.
    certain: bool,
}

impl Guess {
    pub(super) fn of(block: &str, node: Node<'_>) -> Self {
        let word = node.keyword().text();
        let mut guess = Self {
            write: None,
            remark: None,
            useless: word == "nat_mask",
            homes: Vec::new(),
            glued: false,
            certain: false,
        };
        if let Some(Remedy { write, remark }) = wrong_words::remedy(block, word) {
            return Self {
                write,
                remark,
                certain: true,
                ..guess
            };
        }
        guess.homes = keyword::blocks_of(word);
        if guess.homes.is_empty() {
            let glued = glued(block, word);
            guess.glued = glued.is_some();
            guess.write = glued.or_else(|| keyword::meant(block, word));
        }
        guess
    }

    pub(super) fn help(&self, node: Node<'_>) -> Option<String> {
        let word = node.keyword().shown();
        if let Some(write) = self.write {
            return Some(if self.certain {
                format!("write {write}")
            } else if self.glued {
                let rest = word.strip_prefix(write).unwrap_or_default();
                format!("put a blank between {write} and {rest}")
            } else {
                format!("did you mean {write}?")
            });
        }
        if self.useless {
            return Some("delete the line".to_owned());
        }
        if !self.homes.is_empty() {
            return Some(format!("its place is {}", self.likely_homes()));
        }
        let prose = node.words().len() >= 3 && node.open().is_none() && !self.certain;
        prose.then(|| "if this is a comment, begin it with #".to_owned())
    }

    /// Where the word as it is belongs; of many blocks the one that people mean most.
    pub(super) fn likely_homes(&self) -> String {
        let likely = ["virtual_server", "vrrp_instance"];
        let likely = likely
            .into_iter()
            .find(|likely| self.homes.contains(likely));
        match likely.filter(|_| self.homes.len() > 2) {
            Some(likely) => format!("{likely}, or another block that knows it"),
            None => list(&self.homes),
        }
    }

    /// The kind of block that what stands inside is probably for.
    pub(super) fn inside(&self, block: &str, word: &str) -> Option<Kind> {
        let known = match self.write {
            Some(write) => find(block, write),
            None => self.homes.iter().find_map(|home| find(home, word)),
        };
        match known?.inside {
            Inside::Keywords(name) => Kind::named(name),
            Inside::Nothing | Inside::Values(_) => None,
        }
    }
}

/// The longest word of the block that the one written begins with, where what follows is the
/// beginning of a value.
fn glued(block: &str, word: &str) -> Option<&'static str> {
    let known = KEYWORDS.iter().filter(|keyword| keyword.block == block);
    let takes = known.filter(|keyword| !keyword.arguments.is_empty());
    let begins = takes.filter(|keyword| {
        let rest = word.strip_prefix(keyword.word);
        let next = rest.and_then(|rest| rest.chars().next());
        next.is_some_and(|next| next.is_ascii_digit() || next == '/')
    });
    begins
        .map(|keyword| keyword.word)
        .max_by_key(|word| word.len())
}

/// A kind of block for people.
pub(super) fn place(block: &str) -> &str {
    match block {
        "root" => "outside all blocks",
        "HTTP_GET.url" | "SSL_GET.url" => "url",
        "SMTP_CHECK.host" => "host",
        block => block,
    }
}

/// Several kinds of block, the first few of many.
fn list(blocks: &[&str]) -> String {
    let mut names: Vec<&str> = blocks.iter().map(|block| place(block)).collect();
    names.dedup();
    match names.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [all @ .., last] if names.len() <= 3 => format!("{} or {last}", all.join(", ")),
        [first, second, ..] => format!("{first}, {second} or another of {}", names.len()),
    }
}
