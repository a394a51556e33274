use std::io::{self, ErrorKind};

use rustix::io::Errno;

use crate::health::Verdict;
use crate::probe::fault::is_of_server;

/// What a call that concerns a connection failed with: the server's fault, or this host's own?
pub(super) fn judge(error: &io::Error) -> Verdict {
    let errno = Errno::from_io_error(error);
    if errno.is_none_or(is_of_server) {
        Verdict::Failed(words(error))
    } else {
        Verdict::Unasked(words(error))
    }
}

/// An error as a part of a sentence: `connection refused`.
pub(super) fn words(error: &io::Error) -> String {
    if error.raw_os_error().is_none() {
        return error.to_string();
    }
    match error.kind() {
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => {
            return "the server broke the connection off".to_owned();
        }
        _ => {}
    }
    let said = error.to_string();
    let said = said.split(" (os error").next().unwrap_or_default();
    let mut letters = said.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_errno_is_the_servers_fault_or_this_hosts() {
        let failed = |why: &str| Verdict::Failed(why.to_owned());
        let unasked = |why: &str| Verdict::Unasked(why.to_owned());
        for (errno, want) in [
            (Errno::CONNREFUSED, failed("connection refused")),
            (Errno::HOSTUNREACH, failed("no route to host")),
            (Errno::NETUNREACH, failed("network is unreachable")),
            (
                Errno::CONNRESET,
                failed("the server broke the connection off"),
            ),
            (Errno::PIPE, failed("the server broke the connection off")),
            (
                Errno::ADDRNOTAVAIL,
                unasked("cannot assign requested address"),
            ),
            (Errno::MFILE, unasked("too many open files")),
        ] {
            assert_eq!(judge(&errno.into()), want);
        }
    }
}
