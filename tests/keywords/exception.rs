//! Cases in which a reader differs from the table, each with its reason.

use super::case::Case;

/// Block, word and kind of a case; `*` is any.
pub(crate) struct Exception {
    pub(crate) block: &'static str,
    pub(crate) word: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) reason: &'static str,
}

const fn of(
    (block, word, kind): (&'static str, &'static str, &'static str),
    reason: &'static str,
) -> Exception {
    Exception {
        block,
        word,
        kind,
        reason,
    }
}

const CRASHES: &str = "2.2.7 crashes; the word is required";
const NO_IPSETS: &str = "Debian's build has neither iptables nor ipsets, and does not know it";

const NEVER_CLEAN: &str = "without interface it misses one, and with one it excludes it";

/// Where keepalived 2.2.7 differs.
pub(crate) static KEEPALIVED: [Exception; 7] = [
    of(("root", "bfd_instance", "only 0 of 1"), CRASHES),
    of(("bfd_instance", "neighbor_ip", "only 0 of 1"), CRASHES),
    of(("bfd_instance", "neighbour_ip", "only 0 of 1"), CRASHES),
    of(("global_defs", "vrrp_ipsets", "*"), NO_IPSETS),
    of(
        ("virtual_server", "hysteresis", "max 4294967295"),
        "it must be below the quorum, which cannot be more",
    ),
    of(("vrrp_instance", "vrf", "required only"), NEVER_CLEAN),
    of(("vrrp_instance", "vrf", "one more"), NEVER_CLEAN),
];

const KERNEL: &str = "the kernel refuses more than 2147483647, and a lower one above the upper";
const LOST: &str = "the line is lost without a word, and any page passes";

/// Where lvsctl differs, on purpose.
pub(crate) static LVSCTL: [Exception; 9] = [
    of(
        ("virtual_server", "hysteresis", "max 4294967295"),
        "as keepalived: it must be below the quorum",
    ),
    of(("real_server", "uthreshold", "max 4294967295"), KERNEL),
    of(("HTTP_GET.url", "regex", "required only"), LOST),
    of(("SSL_GET.url", "regex", "required only"), LOST),
    of(("HTTP_GET.url", "regex", "one more"), LOST),
    of(("SSL_GET.url", "regex", "one more"), LOST),
    of(
        ("MISC_CHECK", "misc_path", "one more"),
        "the word is dropped from the command without a word",
    ),
    of(("vrrp_instance", "vrf", "required only"), NEVER_CLEAN),
    of(("vrrp_instance", "vrf", "one more"), NEVER_CLEAN),
];

impl Exception {
    pub(crate) fn holds(&self, case: &Case) -> bool {
        let same = |have: &str, want: &str| want == "*" || have == want;
        same(case.row.block, self.block)
            && same(case.row.word, self.word)
            && same(&case.kind, self.kind)
    }

    /// The exceptions of a table that no case in `differing` is.
    pub(crate) fn needless<'a>(table: &'a [Self], differing: &[&Case]) -> Vec<&'a Self> {
        let needless = |one: &&Self| !differing.iter().any(|case| one.holds(case));
        table.iter().filter(needless).collect()
    }

    /// The cases that are none of a table.
    pub(crate) fn unexplained<'a>(table: &[Self], differing: &[&'a Case]) -> Vec<&'a Case> {
        let explained = |case: &&&Case| table.iter().any(|one| one.holds(case));
        differing
            .iter()
            .filter(|case| !explained(case))
            .copied()
            .collect()
    }
}
