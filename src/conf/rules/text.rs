//! What can be wrong with the bytes of a file.

use crate::diag::{Rule, rule};

pub(super) const ALL: &[&Rule] = &[
    &UNREADABLE_FILE,
    &EXECUTABLE_FILE,
    &NUL_BYTE,
    &NOT_UTF8,
    &BYTE_ORDER_MARK,
    &LINE_TOO_LONG,
    &UNTERMINATED_QUOTE,
    &TOO_MANY_FINDINGS,
];

rule! {
    /// A file cannot be read.
    pub UNREADABLE_FILE: Error "unreadable-file", "a file cannot be read";
}

rule! {
    /// A configuration file may not be executable.
    pub EXECUTABLE_FILE: Error "executable-file", "a configuration file may not be executable";
}

rule! {
    /// A configuration holds no byte of value 0.
    pub NUL_BYTE: Error "nul-byte", "a configuration holds no byte of value 0";
}

rule! {
    /// A word is not UTF-8.
    pub NOT_UTF8: Warning "not-utf8", "a word is not UTF-8";
}

rule! {
    /// The file begins with a byte order mark.
    pub BYTE_ORDER_MARK: Error "byte-order-mark", "the file begins with a byte order mark";
}

rule! {
    /// A line is longer than 65536 bytes.
    pub LINE_TOO_LONG: Error "line-too-long", "a line is longer than 65536 bytes";
}

rule! {
    /// A quote is not closed.
    pub UNTERMINATED_QUOTE: Error "unterminated-quote", "a quote is not closed";
}

rule! {
    /// There are more findings than are shown.
    pub TOO_MANY_FINDINGS: Error "too-many-findings", "there are more findings than are shown";
}
