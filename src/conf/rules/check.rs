//! What can be wrong with a check of a real server.

use crate::diag::{Rule, rule};

pub(super) const ALL: &[&Rule] = &[
    &BIND_FAMILY,
    &LINK_LOCAL_NEEDS_INTERFACE,
    &NO_URL,
    &URL_WITHOUT_PATH,
    &EMPTY_REGEX,
    &BROKEN_REGEX,
    &REPLY_NEVER_FITS,
    &NO_COMMAND,
    &NO_TRACK_FILE,
    &UNDEFINED_TRACK_FILE,
    &NO_BFD,
    &UNDEFINED_BFD,
];

rule! {
    /// `bindto` names an IPv4 address for a check of an IPv6 one, or the other way round.
    ///
    /// keepalived says that the families do not match, leaves the line out and asks from an address
    /// that the kernel chooses.
    ///
    /// ```text
    /// real_server 192.0.2.9 80 {
    ///     TCP_CHECK {
    ///         bindto 2001:db8::7
    ///     }
    /// }
    /// ```
    ///
    /// Remedy: an address of this host of the same family, or no `bindto`.
    pub BIND_FAMILY: Error "bind-family", "a check is bound to an address of another family than its target";
}
rule! {
    /// A check asks an address of `fe80::/10` and has no `bind_if`. Such an address is on every
    /// interface.
    ///
    /// keepalived says that it requires a `bind_if` and drops the check: the server is up for ever.
    ///
    /// ```text
    /// TCP_CHECK {
    ///     connect_ip fe80::9
    /// }
    /// ```
    ///
    /// Remedy: `bind_if INTERFACE`.
    pub LINK_LOCAL_NEEDS_INTERFACE: Error "link-local-needs-interface", "a link-local address is asked without an interface";
}
rule! {
    /// An `HTTP_GET` or `SSL_GET` has no `url` block.
    ///
    /// keepalived says `has no urls specified - ignoring`; 2.2.7 then crashes, later versions drop the
    /// check, and the server is up for ever.
    ///
    /// ```text
    /// HTTP_GET {
    ///     connect_timeout 3
    /// }
    /// ```
    ///
    /// Remedy: add `url { path / }`, each of the words on a line of its own.
    pub NO_URL: Error "no-url", "an HTTP check has no page to fetch";
}
rule! {
    /// A `url` block has no `path`.
    ///
    /// keepalived says `url has no path - ignoring` and fetches the other pages; where there is no other
    /// one, 2.2.7 crashes.
    ///
    /// ```text
    /// url {
    ///     status_code 200
    /// }
    /// ```
    ///
    /// Remedy: add `path /` or another page.
    pub URL_WITHOUT_PATH: Error "url-without-path", "a page has no path";
}
rule! {
    /// The pattern of a page is empty. It fits every page, and with `regex_no_match` none.
    ///
    /// keepalived takes it as it is and says nothing.
    ///
    /// ```text
    /// url {
    ///     path /
    ///     regex ""
    /// }
    /// ```
    ///
    /// Remedy: a pattern, or no `regex` line.
    pub EMPTY_REGEX: Warning silent "empty-regex", "an empty pattern fits every page";
}
rule! {
    /// A pattern that is none: PCRE2 cannot read it.
    ///
    /// keepalived's `--config-test` says nothing; running, it uses the pattern all the same: its
    /// checker dies at the first check, is started again and dies again. No server is checked, and
    /// none is taken out.
    ///
    /// ```text
    /// regex "status (ok"
    /// ```
    ///
    /// Remedy: close what is open, or put a backslash before what is meant as it stands.
    pub BROKEN_REGEX: Error silent "broken-regex", "a pattern that is none crashes keepalived's checker";
}
rule! {
    /// `min_reply_length` of a `UDP_CHECK` is above its `max_reply_length`, which is 255 where it is
    /// not said.
    ///
    /// keepalived says that the check will always fail. It does where `require_reply` names the bytes
    /// of a reply: the server is never up.
    ///
    /// ```text
    /// UDP_CHECK {
    ///     require_reply 01
    ///     min_reply_length 64
    ///     max_reply_length 32
    /// }
    /// ```
    ///
    /// Remedy: a `max_reply_length` not below `min_reply_length`.
    pub REPLY_NEVER_FITS: Error "reply-never-fits", "the shortest reply allowed is longer than the longest";
}
rule! {
    /// A `MISC_CHECK` has no `misc_path`.
    ///
    /// keepalived says `No script path has been specified` and drops the check: the server is up for
    /// ever.
    ///
    /// ```text
    /// MISC_CHECK {
    ///     misc_timeout 5
    /// }
    /// ```
    ///
    /// Remedy: `misc_path` with the program, in double quotes where it has arguments.
    pub NO_COMMAND: Error "no-command", "a script check has no script";
}
rule! {
    /// A `FILE_CHECK` has no `track_file`.
    ///
    /// keepalived says `has no track_file specified - ignoring` and drops the check: the server is up
    /// for ever.
    ///
    /// ```text
    /// FILE_CHECK {
    ///     weight 1
    /// }
    /// ```
    ///
    /// Remedy: `track_file NAME`, the name of a `track_file` block above.
    pub NO_TRACK_FILE: Error "no-track-file", "a file check names no file";
}
rule! {
    /// The `track_file` that a `FILE_CHECK` names does not stand above it, or has no `file` line. Order
    /// counts.
    ///
    /// keepalived says that it was not found and drops the check: the server is up for ever.
    ///
    /// ```text
    /// virtual_server 192.0.2.1 80 {
    ///     real_server 192.0.2.9 80 {
    ///         FILE_CHECK {
    ///             track_file load
    ///         }
    ///     }
    /// }
    /// track_file load {
    ///     file /run/load
    /// }
    /// ```
    ///
    /// Remedy: put the `track_file` block above the virtual server.
    pub UNDEFINED_TRACK_FILE: Error "undefined-track-file", "a check uses a track_file that is not defined before it";
}
rule! {
    /// A `BFD_CHECK` has no `name`.
    ///
    /// keepalived says `No name has been specified for BFD_CHECKER - skipping`: the server is up for
    /// ever.
    ///
    /// ```text
    /// BFD_CHECK {
    ///     alpha
    /// }
    /// ```
    ///
    /// Remedy: `name` with the name of a `bfd_instance` above.
    pub NO_BFD: Error "no-bfd", "a BFD check names no session";
}
rule! {
    /// The `bfd_instance` that a `BFD_CHECK` names does not stand above it, has no neighbour, has one
    /// that another session above has too, or is for VRRP alone: its block has `vrrp` and not
    /// `checker`. Order counts.
    ///
    /// keepalived says `BFD … not configured` and drops the check: the server is up for ever.
    ///
    /// ```text
    /// bfd_instance router {
    ///     neighbor_ip 192.0.2.9
    ///     vrrp
    /// }
    /// virtual_server 192.0.2.1 80 {
    ///     real_server 192.0.2.9 80 {
    ///         BFD_CHECK {
    ///             name router
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// Remedy: define the session above the virtual server, with `checker`.
    pub UNDEFINED_BFD: Error "undefined-bfd", "a check uses a bfd_instance that is not defined before it";
}
