use std::fmt;

use crate::model::text::Text;

/// A pattern that the body must hold, or must not.
///
/// Source: `regex` and its kin in keepalived.conf(5); pcre2pattern(3).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Regex {
    /// As PCRE2 reads it, after the escapes of the file; whether it can is not known yet.
    pub pattern: Text,
    /// `regex_no_match`: a body that holds it is wrong.
    pub no_match: bool,
    pub options: RegexOptions,
    /// `regex_min_offset`: a match begins at this byte of the body or later.
    pub min_offset: u64,
    /// `regex_max_offset`: a match begins at this byte or earlier. Not below `min_offset`.
    pub max_offset: Option<u64>,
    /// `regex_stack`: first and largest size of PCRE2's stack in bytes, for the whole program.
    pub stack: Option<(u64, u64)>,
}

/// What `regex_options` names, each a flag of pcre2_compile(3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegexOptions(u32);

/// A bit each, in this order: `caseless` is `PCRE2_CASELESS`.
const NAMES: [&str; 24] = [
    "allow_empty_class",
    "alt_bsux",
    "auto_callout",
    "caseless",
    "dollar_endonly",
    "dotall",
    "dupnames",
    "extended",
    "firstline",
    "match_unset_backref",
    "multiline",
    "never_ucp",
    "never_utf",
    "no_auto_capture",
    "no_auto_possess",
    "no_dotstar_anchor",
    "no_start_optimize",
    "ucp",
    "ungreedy",
    "utf",
    "never_backslash_c",
    "alt_circumflex",
    "alt_verbnames",
    "use_offset_limit",
];

impl RegexOptions {
    /// The option of that name alone; `None` where there is none.
    pub fn named(name: &str) -> Option<Self> {
        let at = NAMES.iter().position(|known| *known == name)?;
        Some(Self(1 << at))
    }

    /// Those of both.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let named = NAMES.iter().enumerate();
        named
            .filter(move |(at, _)| self.0 & (1 << at) != 0)
            .map(|(_, name)| *name)
    }
}

impl fmt::Display for RegexOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.names().enumerate() {
            let gap = if index == 0 { "" } else { " " };
            write!(f, "{gap}{name}")?;
        }
        Ok(())
    }
}
