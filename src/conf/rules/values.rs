//! What can be wrong with a value, whatever its keyword.

use crate::diag::{Rule, rule};

pub(super) const ALL: &[&Rule] = &[
    &BAD_NUMBER,
    &OUT_OF_RANGE,
    &BAD_VALUE,
    &BAD_ADDRESS,
    &BAD_PORT,
    &ADDRESS_TAIL,
];

rule! {
    /// This is no number.
    pub BAD_NUMBER: Error "bad-number", "this is no number";
}

rule! {
    /// A number is out of its range.
    pub OUT_OF_RANGE: Error "out-of-range", "a number is out of its range";
}

rule! {
    /// The keyword does not know this value.
    pub BAD_VALUE: Error "bad-value", "the keyword does not know this value";
}

rule! {
    /// This is no IP address.
    pub BAD_ADDRESS: Error "bad-address", "this is no IP address";
}

rule! {
    /// This is no port.
    pub BAD_PORT: Error "bad-port", "this is no port";
}

rule! {
    /// Only a single address can stand here.
    pub ADDRESS_TAIL: Error "address-tail", "only a single address can stand here";
}
