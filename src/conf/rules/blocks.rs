//! What can be wrong with the nesting of blocks.

use crate::diag::{Rule, rule};

pub(super) const ALL: &[&Rule] = &[
    &UNBALANCED_BRACE,
    &UNEXPECTED_BRACE,
    &MISPLACED_BLOCK,
    &MISSING_BLOCK,
    &TOO_DEEP,
    &UNKNOWN_BLOCK,
    &OUTSIDE_BLOCK,
];

rule! {
    /// A `}` closes no block, or a block is not closed at the end of the file. The file may have been
    /// cut off; nothing of it is used. The finding is at the innermost block that is open, whose end
    /// is most often what is missing.
    ///
    /// keepalived says how many braces are missing, without a line, or `Extra '}' found`, and goes on
    /// with what it has read: after a surplus brace inside a virtual server the rest of that server
    /// is lost.
    ///
    /// ```text
    /// virtual_server 192.0.2.1 80 {
    ///     real_server 192.0.2.9 80 {
    ///         weight 1
    /// }
    /// ```
    ///
    /// Remedy: add or remove the brace.
    pub UNBALANCED_BRACE: Error "unbalanced-brace", "braces do not balance";
}
rule! {
    /// A `{` stands behind a keyword that takes no block, or behind no keyword at all.
    ///
    /// keepalived says `Unexpected '{' - ignoring` and reads the inside as part of the block around
    /// it; the `}` then closes that one, and what follows is lost.
    ///
    /// ```text
    /// lb_algo rr {
    ///     quorum 1
    /// }
    /// ```
    ///
    /// Remedy: remove the brace and its partner. A `{` that is part of a value stands in double quotes.
    pub UNEXPECTED_BRACE: Error "unexpected-brace", "a block stands where none can";
}
rule! {
    /// A `virtual_server`, `virtual_server_group` or `real_server` stands inside a block of another
    /// kind, where it is lost. Most often the `}` of that block is missing.
    ///
    /// keepalived does not know the word there, or takes it for one of a list of values; the server
    /// does not come into being. In a block for VRRP the half that does the checks says nothing.
    ///
    /// ```text
    /// vrrp_instance VI_1 {
    ///     state MASTER
    /// virtual_server 192.0.2.1 80 {
    /// }
    /// }
    /// ```
    ///
    /// Remedy: close the block before it.
    pub MISPLACED_BLOCK: Error "misplaced-block", "a block stands inside a block of another kind";
}
rule! {
    /// A keyword that is followed by a block has none.
    ///
    /// keepalived says `Missing '{' at beginning of configuration block` and takes the next lines for
    /// what they are not. A check without its braces is not done.
    ///
    /// ```text
    /// real_server 192.0.2.9 80 {
    ///     TCP_CHECK
    /// }
    /// ```
    ///
    /// Remedy: add `{` and `}`, with nothing between them where the defaults are meant.
    pub MISSING_BLOCK: Error "missing-block", "a keyword lacks its block";
}
rule! {
    /// More than 32 blocks are open at once. No configuration needs more than four; the file is
    /// damaged, or a loop wrote it. Nothing behind the place is read.
    ///
    /// keepalived complains of every brace that is too many.
    ///
    /// ```text
    /// a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a {
    /// a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a { a {
    /// ```
    ///
    /// Remedy: repair what wrote the file.
    pub TOO_DEEP: Error "too-deep", "blocks are nested too deep";
}
rule! {
    /// A block has a name that means nothing in the block around it: a word that is misspelt, or one
    /// that belongs elsewhere.
    ///
    /// keepalived says `Unknown keyword` and `Unexpected '{' - ignoring`, and reads the inside as part
    /// of the block around it; the `}` closes that one. A check of that kind is not done, its
    /// `connect_timeout` becomes that of the real server, and servers behind it are lost.
    ///
    /// ```text
    /// real_server 192.0.2.9 80 {
    ///     TCP_CHEK {
    ///         connect_timeout 3
    ///     }
    /// }
    /// ```
    ///
    /// Remedy: the right name in the right block.
    pub UNKNOWN_BLOCK: Error "unknown-block", "no such block here";
}
rule! {
    /// Lines that belong in a block stand outside all. Each of them is lost: a server, a check, or
    /// how a virtual server chooses. Most often a `}` above them is one too many, or the line that
    /// opens their block is missing or commented out. Lines in a row are one finding.
    ///
    /// keepalived knows none of their words here and ignores each line; of a block it ignores the
    /// first line alone, and reads the lines inside as if they stood outside too.
    ///
    /// ```text
    /// virtual_server 192.0.2.1 80 {
    ///     delay_loop 6
    /// }
    ///     lb_algo rr
    /// ```
    ///
    /// Remedy: take the `}` away that closes the block too early, or put the lines where they belong.
    pub OUTSIDE_BLOCK: Error "outside-block", "lines of a block stand outside all blocks";
}
