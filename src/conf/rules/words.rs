//! What can be wrong with the words of a line, in any block.

use crate::diag::{Rule, rule};

pub(super) const ALL: &[&Rule] = &[
    &UNKNOWN_KEYWORD,
    &DEPRECATED,
    &NOT_SUPPORTED,
    &WITHOUT_EFFECT,
    &MISSING_PARAMETER,
    &ARGUMENT_IGNORED,
    &EXTRA_WORD,
    &GIVEN_TWICE,
];

rule! {
    /// No such keyword in this block.
    pub UNKNOWN_KEYWORD: Warning "unknown-keyword", "no such keyword in this block";
}

rule! {
    /// The keyword is deprecated.
    pub DEPRECATED: Warning "deprecated", "the keyword is deprecated";
}

rule! {
    /// The daemon does not know how to do this yet.
    pub NOT_SUPPORTED: Info "not-supported", "the daemon does not know how to do this yet";
}

rule! {
    /// This has no effect here.
    pub WITHOUT_EFFECT: Warning "without-effect", "this has no effect here";
}

rule! {
    /// A keyword lacks its parameter.
    pub MISSING_PARAMETER: Error "missing-parameter", "a keyword lacks its parameter";
}

rule! {
    /// The keyword means true whatever follows it.
    pub ARGUMENT_IGNORED: Warning "argument-ignored", "the keyword means true whatever follows it";
}

rule! {
    /// A line has a word too many.
    pub EXTRA_WORD: Error "extra-word", "a line has a word too many";
}

rule! {
    /// Of a keyword that stands twice the first counts.
    pub GIVEN_TWICE: Error "given-twice", "of a keyword that stands twice the first counts";
}
