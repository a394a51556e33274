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
    /// A line begins with a word that its block does not know: it is misspelt, or belongs to another
    /// block, or to a newer keepalived. The finding names the word that was meant, or the block it
    /// belongs to, where there is one.
    ///
    /// keepalived says `Unknown keyword`, ignores the line and goes on with the default.
    ///
    /// ```text
    /// real_server 192.0.2.9 80 {
    ///     wieght 1
    ///     lb_kind DR
    /// }
    /// ```
    ///
    /// Remedy: the right word in the right block.
    pub UNKNOWN_KEYWORD: Warning "unknown-keyword", "no such keyword in this block";
}
rule! {
    /// The word has a successor, and keepalived may drop it one day.
    ///
    /// keepalived still understands it, and says that it is deprecated.
    ///
    /// ```text
    /// HTTP_GET {
    ///     nb_get_retry 3
    /// }
    /// ```
    ///
    /// Remedy: the word that the finding names, `retry` for `nb_get_retry`. It means the same.
    pub DEPRECATED: Warning "deprecated", "the keyword is deprecated";
}
rule! {
    /// The file is right, and `lvsctl daemon` cannot do what this word asks for. It does nothing with
    /// such a file rather than half of it. `lvsctl plan` and `lvsctl apply` can use it. One finding
    /// stands for all places of the word.
    ///
    /// keepalived does it, and has nothing to say here.
    ///
    /// ```text
    /// virtual_server 192.0.2.1 80 {
    ///     ha_suspend
    /// }
    /// ```
    ///
    /// Remedy: leave the word out, or leave the file to keepalived. `lvsctl-keepalived(5)` says of each
    /// keyword who can do it.
    pub NOT_SUPPORTED: Info silent "not-supported", "lvsctl daemon does not know how to do this yet";
}
rule! {
    /// The word asks for something that lvsctl does not do, and leaves to others: to empty the whole
    /// table of the kernel, to run programs at the start and the end, to start the daemon of the
    /// kernel that copies connections to the other director.
    ///
    /// keepalived does it. lvsctl passes over the line and uses the rest of the file.
    ///
    /// ```text
    /// global_defs {
    ///     lvs_flush
    ///     startup_script /usr/local/bin/before
    /// }
    /// ```
    ///
    /// Remedy: where only lvsctl reads the file, remove the line, and do it elsewhere if it is needed,
    /// such as `ipvsadm --start-daemon` in a unit of its own.
    pub WITHOUT_EFFECT: Warning silent "without-effect", "lvsctl does nothing with this line";
}
rule! {
    /// A keyword stands alone that needs a value.
    ///
    /// At most keywords keepalived says that the line is missing a parameter and ends at once, with
    /// status 2: nothing behind the line is looked at, and a running keepalived ends too, its VRRP
    /// half included. After `virtual_server fwmark` and `virtual_server group` it crashes. A few
    /// keywords cost only their line (`virtualhost`), or their check (`misc_path`).
    ///
    /// ```text
    /// virtual_server 192.0.2.1 80 {
    ///     lb_algo
    /// }
    /// ```
    ///
    /// Remedy: add the value, or remove the line.
    pub MISSING_PARAMETER: Error "missing-parameter", "a keyword lacks its parameter";
}
rule! {
    /// A keyword is followed by `off`, `false` or `no`, and is on all the same: it takes no value.
    ///
    /// keepalived does not read what stands behind `alpha`, `omega`, `inhibit_on_failure` and
    /// `ha_suspend` of a virtual server, behind `misc_dynamic` and behind `sorry_server_inhibit`, and
    /// says nothing. In a real server `alpha off` and `inhibit_on_failure off` mean what they say.
    ///
    /// ```text
    /// virtual_server 192.0.2.1 80 {
    ///     alpha off
    /// }
    /// ```
    ///
    /// Remedy: leave the line out to have it off.
    pub ARGUMENT_IGNORED: Warning silent "argument-ignored", "the keyword means true whatever follows it";
}
rule! {
    /// A word too many stands on a line where that costs something: the argument of a program that is
    /// not in quotes, a pattern of several words, a second name.
    ///
    /// keepalived takes only the first word behind `misc_path` for the command and drops the others
    /// without a word. It ignores the line of a `regex` (2.2.7 silently) or an `snmp_name`, ends at a
    /// group with two names, and drops a BFD check with two. At most other keywords it passes over
    /// surplus words, which is no finding.
    ///
    /// ```text
    /// MISC_CHECK {
    ///     misc_path /usr/local/bin/check 192.0.2.9
    /// }
    /// ```
    ///
    /// Remedy: double quotes around all that belongs together:
    /// `misc_path "/usr/local/bin/check 192.0.2.9"`.
    pub EXTRA_WORD: Error "extra-word", "a line has a word too many";
}
rule! {
    /// A keyword stands twice in its block, or a BFD session is watched twice by one real server, where
    /// only one can be.
    ///
    /// For `quorum_up`, `quorum_down`, `notify_up`, `notify_down`, `digest` and the `name` of a
    /// `DNS_CHECK` keepalived says so and goes on with the first; for most other keywords the last
    /// counts, which is no finding. A `BFD_CHECK` with two names is dropped, and its server is up for
    /// ever.
    ///
    /// ```text
    /// DNS_CHECK {
    ///     name www.example.org
    ///     name ftp.example.org
    /// }
    /// ```
    ///
    /// Remedy: remove one of them; a second check asks the second question.
    pub GIVEN_TWICE: Error "given-twice", "of a keyword that stands twice the first counts";
}
