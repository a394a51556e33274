use std::io;

use rustix::io::Errno;

use crate::health::Verdict;

/// Whether an errno is the word of the server, or of the network about the server; any other is a
/// fault of this host, as keepalived has it for TCP.
pub(super) const fn is_of_server(errno: Errno) -> bool {
    matches!(
        errno,
        Errno::CONNREFUSED
            | Errno::CONNRESET
            | Errno::CONNABORTED
            | Errno::PIPE
            | Errno::TIMEDOUT
            | Errno::HOSTUNREACH
            | Errno::HOSTDOWN
            | Errno::NETUNREACH
            | Errno::NETDOWN
    )
}

/// The verdict that an errno of connect(2) or send(2) is.
pub(super) fn judge(errno: Errno) -> Verdict {
    if is_of_server(errno) {
        return failed(errno);
    }
    let remedy = remedy(errno).unwrap_or("see connect(2)");
    unasked("cannot ask", errno, remedy)
}

/// What came back in place of an answer.
pub(super) fn failed(errno: Errno) -> Verdict {
    Verdict::Failed(io::Error::from(errno).to_string())
}

pub(super) fn unasked(what: &str, errno: Errno, remedy: &str) -> Verdict {
    Verdict::Unasked(sentence(what, &errno.into(), remedy))
}

pub(super) fn sentence(what: &str, error: &io::Error, remedy: &str) -> String {
    format!("{what}: {error} (remedy: {remedy})")
}

/// What helps where this host is at fault; `None` where that is not known.
pub(super) fn remedy(errno: Errno) -> Option<&'static str> {
    Some(match errno {
        Errno::MFILE | Errno::NFILE => {
            "allow more open files: LimitNOFILE= of the unit, sysctl fs.file-max"
        }
        Errno::NOBUFS | Errno::NOMEM => "free memory on this host",
        Errno::AFNOSUPPORT | Errno::PROTONOSUPPORT => {
            "let this host speak the address family of the server"
        }
        // A connection that was closed here holds its port for a minute.
        Errno::ADDRNOTAVAIL | Errno::ADDRINUSE => {
            "no local address and port is free: no bind_port, or a wider sysctl net.ipv4.ip_local_port_range"
        }
        Errno::PERM | Errno::ACCESS => {
            "let the check pass the firewall and the security policy of this host"
        }
        Errno::MSGSIZE => "a shorter payload",
        _ => return None,
    })
}
