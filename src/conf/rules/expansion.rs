//! What can be wrong with parameters, sequences and includes.

use crate::diag::{Rule, rule};

pub(super) const ALL: &[&Rule] = &[
    &INCLUDE_CYCLE,
    &EXPANSION_CYCLE,
    &TOO_MUCH_EXPANSION,
    &UNDEFINED_PARAMETER,
    &BAD_SEQUENCE,
];

rule! {
    /// A file includes itself.
    pub INCLUDE_CYCLE: Error "include-cycle", "a file includes itself";
}

rule! {
    /// A parameter or sequence never ends.
    pub EXPANSION_CYCLE: Error "expansion-cycle", "a parameter or sequence never ends";
}

rule! {
    /// Parameters, sequences and includes make more text than can be meant.
    pub TOO_MUCH_EXPANSION: Error "too-much-expansion", "parameters, sequences and includes make more text than can be meant";
}

rule! {
    /// A $PARAMETER is not defined.
    pub UNDEFINED_PARAMETER: Error "undefined-parameter", "a $PARAMETER is not defined";
}

rule! {
    /// A ~SEQ or ~LST cannot be read.
    pub BAD_SEQUENCE: Error "bad-sequence", "a ~SEQ or ~LST cannot be read";
}
