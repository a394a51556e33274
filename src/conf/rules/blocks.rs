//! What can be wrong with the nesting of blocks.

use crate::diag::{Rule, rule};

pub(super) const ALL: &[&Rule] = &[
    &UNBALANCED_BRACE,
    &UNEXPECTED_BRACE,
    &MISPLACED_BLOCK,
    &MISSING_BLOCK,
    &TOO_DEEP,
    &UNKNOWN_BLOCK,
];

rule! {
    /// Braces do not balance.
    pub UNBALANCED_BRACE: Error "unbalanced-brace", "braces do not balance";
}

rule! {
    /// A block stands where none can.
    pub UNEXPECTED_BRACE: Error "unexpected-brace", "a block stands where none can";
}

rule! {
    /// A virtual server or real server stands inside a block of another kind.
    pub MISPLACED_BLOCK: Error "misplaced-block", "a virtual server or real server stands inside a block of another kind";
}

rule! {
    /// A keyword lacks its block.
    pub MISSING_BLOCK: Error "missing-block", "a keyword lacks its block";
}

rule! {
    /// Blocks are nested too deep.
    pub TOO_DEEP: Error "too-deep", "blocks are nested too deep";
}

rule! {
    /// No such block here.
    pub UNKNOWN_BLOCK: Error "unknown-block", "no such block here";
}
