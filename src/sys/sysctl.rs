use std::{fs, io};

/// A sysctl under `net.ipv4.vs` of the calling thread's network namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sysctl {
    /// Clients pinned to a server of weight 0 are sent to another.
    ExpireQuiescentTemplate,
    /// Connections of a server that was removed end at once instead of hanging.
    ExpireNodestConn,
}

impl Sysctl {
    pub const fn name(self) -> &'static str {
        match self {
            Self::ExpireQuiescentTemplate => "net.ipv4.vs.expire_quiescent_template",
            Self::ExpireNodestConn => "net.ipv4.vs.expire_nodest_conn",
        }
    }

    fn path(self) -> String {
        format!("/proc/sys/{}", self.name().replace('.', "/"))
    }

    /// Sets it to 1. `Ok(Some(old))` where it had another value, `Ok(None)` where nothing changed.
    pub fn switch_on(self) -> io::Result<Option<String>> {
        let old = fs::read_to_string(self.path())?.trim().to_owned();
        if old == "1" {
            return Ok(None);
        }
        fs::write(self.path(), "1\n")?;
        Ok(Some(old))
    }
}
