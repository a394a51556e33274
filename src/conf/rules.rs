//! What can be wrong with a file before any rule of the linter looks at it.

use crate::diag::rule;

rule! {
    /// A file cannot be read.
    pub UNREADABLE_FILE: Error "unreadable-file", "a file cannot be read";
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
    /// A quote is not closed.
    pub UNTERMINATED_QUOTE: Error "unterminated-quote", "a quote is not closed";
}
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
    /// A line is longer than 65536 bytes.
    pub LINE_TOO_LONG: Error "line-too-long", "a line is longer than 65536 bytes";
}
rule! {
    /// There are more findings than are shown.
    pub TOO_MANY_FINDINGS: Error "too-many-findings", "there are more findings than are shown";
}
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
rule! {
    /// A configuration file may not be executable.
    pub EXECUTABLE_FILE: Error "executable-file", "a configuration file may not be executable";
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
    /// No such keyword in this block.
    pub UNKNOWN_KEYWORD: Warning "unknown-keyword", "no such keyword in this block";
}
rule! {
    /// No such block here.
    pub UNKNOWN_BLOCK: Error "unknown-block", "no such block here";
}
rule! {
    /// A keyword lacks its parameter.
    pub MISSING_PARAMETER: Error "missing-parameter", "a keyword lacks its parameter";
}
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
rule! {
    /// A virtual server without protocol is UDP.
    pub PROTOCOL_UNSET: Error "protocol-unset", "a virtual server without protocol is UDP";
}
rule! {
    /// A virtual server without scheduler uses wlc.
    pub SCHEDULER_UNSET: Warning "scheduler-unset", "a virtual server without scheduler uses wlc";
}
rule! {
    /// A virtual server without forwarding method uses NAT.
    pub METHOD_UNSET: Warning "method-unset", "a virtual server without forwarding method uses NAT";
}
rule! {
    /// One-packet scheduling works with UDP only.
    pub OPS_NEEDS_UDP: Warning "ops-needs-udp", "one-packet scheduling works with UDP only";
}
rule! {
    /// A scheduler's flag stands before the scheduler, or at another one.
    pub FLAG_NEEDS_SCHEDULER: Warning "flag-needs-scheduler", "a scheduler's flag stands before the scheduler, or at another one";
}
rule! {
    /// A virtual server of every port must be persistent.
    pub PORT_ZERO_NEEDS_PERSISTENCE: Error "port-zero-needs-persistence", "a virtual server of every port must be persistent";
}
rule! {
    /// Only NAT can change the destination port.
    pub PORT_NEEDS_NAT: Error "port-needs-nat", "only NAT can change the destination port";
}
rule! {
    /// A real server occurs twice.
    pub DUPLICATE_REAL_SERVER: Error "duplicate-real-server", "a real server occurs twice";
}
rule! {
    /// A virtual server occurs twice.
    pub DUPLICATE_VIRTUAL_SERVER: Error "duplicate-virtual-server", "a virtual server occurs twice";
}
rule! {
    /// Only a tunnel can lead to a real server of another address family.
    pub MIXED_FAMILIES: Error "mixed-families", "only a tunnel can lead to a real server of another address family";
}
rule! {
    /// A virtual server has no real server.
    pub NO_REAL_SERVER: Error "no-real-server", "a virtual server has no real server";
}
rule! {
    /// The lower connection threshold is above the upper.
    pub LOWER_ABOVE_UPPER: Error "lower-above-upper", "the lower connection threshold is above the upper";
}
rule! {
    /// A check is bound to an address of another family than its target.
    pub BIND_FAMILY: Error "bind-family", "a check is bound to an address of another family than its target";
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
    /// A virtual server uses a group that is not defined.
    pub UNDEFINED_GROUP: Error "undefined-group", "a virtual server uses a group that is not defined";
}
rule! {
    /// A virtual server group has no member.
    pub EMPTY_GROUP: Error "empty-group", "a virtual server group has no member";
}
rule! {
    /// A virtual server by mark has no protocol.
    pub PROTOCOL_WITH_MARK: Warning "protocol-with-mark", "a virtual server by mark has no protocol";
}
rule! {
    /// Without NAT a mark or a member decides the port.
    pub PORT_WITH_MARK: Warning "port-with-mark", "without NAT a mark or a member decides the port";
}
rule! {
    /// Checks cannot be suspended with a mark's address.
    pub HA_SUSPEND_WITH_MARK: Warning "ha-suspend-with-mark", "checks cannot be suspended with a mark's address";
}
rule! {
    /// Persistence_granularity has no effect on the members of a group.
    pub GROUP_WITHOUT_GRANULARITY: Warning "group-without-granularity", "persistence_granularity has no effect on the members of a group";
}
rule! {
    /// The quorum is above the weight of all real servers.
    pub QUORUM_OUT_OF_REACH: Warning "quorum-out-of-reach", "the quorum is above the weight of all real servers";
}
rule! {
    /// The hysteresis is not below the quorum.
    pub HYSTERESIS_TOO_LARGE: Warning "hysteresis-too-large", "the hysteresis is not below the quorum";
}
rule! {
    /// An option of the sorry server stands before it.
    pub SORRY_OPTION_FIRST: Warning "sorry-option-first", "an option of the sorry server stands before it";
}
rule! {
    /// Of a keyword that stands twice the first counts.
    pub GIVEN_TWICE: Error "given-twice", "of a keyword that stands twice the first counts";
}
rule! {
    /// A link-local address is asked without an interface.
    pub LINK_LOCAL_NEEDS_INTERFACE: Error "link-local-needs-interface", "a link-local address is asked without an interface";
}
rule! {
    /// An HTTP check has no page to fetch.
    pub NO_URL: Error "no-url", "an HTTP check has no page to fetch";
}
rule! {
    /// A page has no path.
    pub URL_WITHOUT_PATH: Error "url-without-path", "a page has no path";
}
rule! {
    /// An empty pattern fits every page.
    pub EMPTY_REGEX: Warning "empty-regex", "an empty pattern fits every page";
}
rule! {
    /// The shortest reply allowed is longer than the longest.
    pub REPLY_NEVER_FITS: Error "reply-never-fits", "the shortest reply allowed is longer than the longest";
}
rule! {
    /// A script check has no script.
    pub NO_COMMAND: Error "no-command", "a script check has no script";
}
rule! {
    /// A file check names no file.
    pub NO_TRACK_FILE: Error "no-track-file", "a file check names no file";
}
rule! {
    /// A check uses a track_file that is not defined before it.
    pub UNDEFINED_TRACK_FILE: Error "undefined-track-file", "a check uses a track_file that is not defined before it";
}
rule! {
    /// A BFD check names no session.
    pub NO_BFD: Error "no-bfd", "a BFD check names no session";
}
rule! {
    /// A check uses a bfd_instance that is not defined before it.
    pub UNDEFINED_BFD: Error "undefined-bfd", "a check uses a bfd_instance that is not defined before it";
}
