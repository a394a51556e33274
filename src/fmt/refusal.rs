use std::fmt;

/// Why a text is left as it is, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The byte that stands against it.
    pub at: usize,
    pub why: Why,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    Nul,
    ByteOrderMark,
    /// Outside comments, and not at the end of a line.
    CarriageReturn,
    Unterminated,
    /// `\` at the end of a line that may or may not define something.
    Continuation,
    /// `@id` behind a brace: other hosts see other blocks.
    ConditionBehindBrace,
    /// Of a merge that was not finished.
    ConflictMarker,
    ClosesNothing,
    NotClosed,
    TooDeep,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nul => "a byte of value 0 stands here",
            Self::ByteOrderMark => "a byte order mark stands before the first word",
            Self::CarriageReturn => "a carriage return stands within the line",
            Self::Unterminated => "the quote is not closed on its line",
            Self::Continuation => {
                "what the \\ at the end of this line continues depends on a parameter"
            }
            Self::ConditionBehindBrace => "a conditional line begins behind a brace",
            Self::ConflictMarker => "a merge is not finished here",
            Self::ClosesNothing => "this brace closes no block",
            Self::NotClosed => "this block is not closed",
            Self::TooDeep => "this is more than 32 blocks within each other",
        })
    }
}
