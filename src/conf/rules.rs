//! What can be wrong with a file before any rule of the linter looks at it.

use crate::diag::Rule;
use crate::diag::Severity::{self, Error, Warning};

const fn rule(code: &'static str, severity: Severity, summary: &'static str) -> Rule {
    Rule {
        code,
        severity,
        summary,
    }
}

pub static UNREADABLE_FILE: Rule = rule("unreadable-file", Error, "a file cannot be read");
pub static NUL_BYTE: Rule = rule(
    "nul-byte",
    Error,
    "a configuration holds no byte of value 0",
);
pub static NOT_UTF8: Rule = rule("not-utf8", Warning, "a word is not UTF-8");
pub static BYTE_ORDER_MARK: Rule = rule(
    "byte-order-mark",
    Error,
    "the file begins with a byte order mark",
);
pub static UNTERMINATED_QUOTE: Rule = rule("unterminated-quote", Error, "a quote is not closed");
pub static UNBALANCED_BRACE: Rule = rule("unbalanced-brace", Error, "braces do not balance");
pub static UNEXPECTED_BRACE: Rule =
    rule("unexpected-brace", Error, "a block stands where none can");
pub static MISPLACED_BLOCK: Rule = rule(
    "misplaced-block",
    Error,
    "a virtual server or real server stands inside a block of another kind",
);
pub static MISSING_BLOCK: Rule = rule("missing-block", Error, "a keyword lacks its block");
pub static TOO_DEEP: Rule = rule("too-deep", Error, "blocks are nested too deep");
pub static LINE_TOO_LONG: Rule = rule("line-too-long", Error, "a line is longer than 65536 bytes");
pub static TOO_MANY_FINDINGS: Rule = rule(
    "too-many-findings",
    Error,
    "there are more findings than are shown",
);
pub static INCLUDE_CYCLE: Rule = rule("include-cycle", Error, "a file includes itself");
pub static EXPANSION_CYCLE: Rule = rule(
    "expansion-cycle",
    Error,
    "a parameter or sequence never ends",
);
pub static TOO_MUCH_EXPANSION: Rule = rule(
    "too-much-expansion",
    Error,
    "parameters, sequences and includes make more text than can be meant",
);
pub static UNDEFINED_PARAMETER: Rule =
    rule("undefined-parameter", Error, "a $PARAMETER is not defined");
pub static BAD_SEQUENCE: Rule = rule("bad-sequence", Error, "a ~SEQ or ~LST cannot be read");
pub static EXECUTABLE_FILE: Rule = rule(
    "executable-file",
    Error,
    "a configuration file may not be executable",
);
pub static DEPRECATED: Rule = rule("deprecated", Warning, "the keyword is deprecated");
pub static NOT_SUPPORTED: Rule = rule(
    "not-supported",
    Severity::Info,
    "the daemon does not know how to do this yet",
);
pub static WITHOUT_EFFECT: Rule = rule("without-effect", Warning, "this has no effect here");
pub static UNKNOWN_KEYWORD: Rule =
    rule("unknown-keyword", Warning, "no such keyword in this block");
pub static UNKNOWN_BLOCK: Rule = rule("unknown-block", Error, "no such block here");
pub static MISSING_PARAMETER: Rule =
    rule("missing-parameter", Error, "a keyword lacks its parameter");
pub static BAD_NUMBER: Rule = rule("bad-number", Error, "this is no number");
pub static OUT_OF_RANGE: Rule = rule("out-of-range", Error, "a number is out of its range");
pub static BAD_VALUE: Rule = rule("bad-value", Error, "the keyword does not know this value");
pub static BAD_ADDRESS: Rule = rule("bad-address", Error, "this is no IP address");
pub static BAD_PORT: Rule = rule("bad-port", Error, "this is no port");
pub static ADDRESS_TAIL: Rule = rule(
    "address-tail",
    Error,
    "only a single address can stand here",
);
pub static PROTOCOL_UNSET: Rule = rule(
    "protocol-unset",
    Error,
    "a virtual server without protocol is UDP",
);
pub static SCHEDULER_UNSET: Rule = rule(
    "scheduler-unset",
    Warning,
    "a virtual server without scheduler uses wlc",
);
pub static METHOD_UNSET: Rule = rule(
    "method-unset",
    Warning,
    "a virtual server without forwarding method uses NAT",
);
pub static OPS_NEEDS_UDP: Rule = rule(
    "ops-needs-udp",
    Warning,
    "one-packet scheduling works with UDP only",
);
pub static FLAG_NEEDS_SCHEDULER: Rule = rule(
    "flag-needs-scheduler",
    Warning,
    "a scheduler's flag stands before the scheduler, or at another one",
);
pub static PORT_ZERO_NEEDS_PERSISTENCE: Rule = rule(
    "port-zero-needs-persistence",
    Error,
    "a virtual server of every port must be persistent",
);
pub static PORT_NEEDS_NAT: Rule = rule(
    "port-needs-nat",
    Error,
    "only NAT can change the destination port",
);
pub static DUPLICATE_REAL_SERVER: Rule =
    rule("duplicate-real-server", Error, "a real server occurs twice");
pub static DUPLICATE_VIRTUAL_SERVER: Rule = rule(
    "duplicate-virtual-server",
    Error,
    "a virtual server occurs twice",
);
pub static MIXED_FAMILIES: Rule = rule(
    "mixed-families",
    Error,
    "only a tunnel can lead to a real server of another address family",
);
pub static NO_REAL_SERVER: Rule = rule(
    "no-real-server",
    Error,
    "a virtual server has no real server",
);
pub static LOWER_ABOVE_UPPER: Rule = rule(
    "lower-above-upper",
    Error,
    "the lower connection threshold is above the upper",
);
pub static BIND_FAMILY: Rule = rule(
    "bind-family",
    Error,
    "a check is bound to an address of another family than its target",
);
pub static ARGUMENT_IGNORED: Rule = rule(
    "argument-ignored",
    Warning,
    "the keyword means true whatever follows it",
);
pub static EXTRA_WORD: Rule = rule("extra-word", Error, "a line has a word too many");
pub static UNDEFINED_GROUP: Rule = rule(
    "undefined-group",
    Error,
    "a virtual server uses a group that is not defined",
);
pub static EMPTY_GROUP: Rule = rule("empty-group", Error, "a virtual server group has no member");
pub static PROTOCOL_WITH_MARK: Rule = rule(
    "protocol-with-mark",
    Warning,
    "a virtual server by mark has no protocol",
);
pub static PORT_WITH_MARK: Rule = rule(
    "port-with-mark",
    Warning,
    "without NAT a mark or a member decides the port",
);
pub static HA_SUSPEND_WITH_MARK: Rule = rule(
    "ha-suspend-with-mark",
    Warning,
    "checks cannot be suspended with a mark's address",
);
pub static GROUP_WITHOUT_GRANULARITY: Rule = rule(
    "group-without-granularity",
    Warning,
    "persistence_granularity has no effect on the members of a group",
);
pub static QUORUM_OUT_OF_REACH: Rule = rule(
    "quorum-out-of-reach",
    Warning,
    "the quorum is above the weight of all real servers",
);
pub static HYSTERESIS_TOO_LARGE: Rule = rule(
    "hysteresis-too-large",
    Warning,
    "the hysteresis is not below the quorum",
);
pub static SORRY_OPTION_FIRST: Rule = rule(
    "sorry-option-first",
    Warning,
    "an option of the sorry server stands before it",
);
pub static GIVEN_TWICE: Rule = rule(
    "given-twice",
    Error,
    "of a keyword that stands twice the first counts",
);
pub static LINK_LOCAL_NEEDS_INTERFACE: Rule = rule(
    "link-local-needs-interface",
    Error,
    "a link-local address is asked without an interface",
);
pub static NO_URL: Rule = rule("no-url", Error, "an HTTP check has no page to fetch");
pub static URL_WITHOUT_PATH: Rule = rule("url-without-path", Error, "a page has no path");
pub static EMPTY_REGEX: Rule = rule("empty-regex", Warning, "an empty pattern fits every page");
pub static REPLY_NEVER_FITS: Rule = rule(
    "reply-never-fits",
    Error,
    "the shortest reply allowed is longer than the longest",
);
pub static NO_COMMAND: Rule = rule("no-command", Error, "a script check has no script");
pub static NO_TRACK_FILE: Rule = rule("no-track-file", Error, "a file check names no file");
pub static UNDEFINED_TRACK_FILE: Rule = rule(
    "undefined-track-file",
    Error,
    "a check uses a track_file that is not defined before it",
);
pub static NO_BFD: Rule = rule("no-bfd", Error, "a BFD check names no session");
pub static UNDEFINED_BFD: Rule = rule(
    "undefined-bfd",
    Error,
    "a check uses a bfd_instance that is not defined before it",
);
