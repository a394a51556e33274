//! What can be wrong with a check of a real server.

use crate::diag::{Rule, rule};

pub(super) const ALL: &[&Rule] = &[
    &BIND_FAMILY,
    &LINK_LOCAL_NEEDS_INTERFACE,
    &NO_URL,
    &URL_WITHOUT_PATH,
    &EMPTY_REGEX,
    &REPLY_NEVER_FITS,
    &NO_COMMAND,
    &NO_TRACK_FILE,
    &UNDEFINED_TRACK_FILE,
    &NO_BFD,
    &UNDEFINED_BFD,
];

rule! {
    /// A check is bound to an address of another family than its target.
    pub BIND_FAMILY: Error "bind-family", "a check is bound to an address of another family than its target";
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
