//! The keyword table, `grammar/keywords.tsv`: what it says of each keyword (`row`), where to look one up
//! (`table`), and what somebody may have meant (`meant`).

mod meant;
mod row;
mod table;

pub use meant::{meant, nearest};
pub use table::{KEYWORDS, Kind, TABLE, blocks_of, find};

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
    /// Which block it stands in.
    home: usize,
    /// Which block stands behind it, where that holds keywords.
    opens: Option<usize>,
}

impl Keyword {
    /// Its place in [`KEYWORDS`].
    pub const fn place(&self) -> usize {
        self.place
    }

    /// The kind of the block behind it, where that holds keywords.
    pub fn opens(&self) -> Option<Kind> {
        self.opens.and_then(Kind::at)
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
