use std::path::PathBuf;
use std::time::Duration;

use crate::health::{Care, FailedServers};

/// How a daemon is to run.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
pub struct Options {
    /// The configuration; `-` is standard input, which cannot be read again.
    pub file: String,
    /// What conditional lines are compared with; the host's name where none is given.
    pub config_id: Option<String>,
    pub strict: bool,
    pub allow_empty: bool,
    pub netns: Option<String>,
    pub state_dir: PathBuf,
    pub failed_servers: FailedServers,
    pub care: Care,
    /// A reload that would take away more than this share of the real servers, in percent, is
    /// refused.
    pub max_removal: Option<u8>,
    /// Certificates in PEM: what a server of `SSL_GET` must lead to. `None`: any is accepted.
    pub tls_roots: Option<PathBuf>,
    pub removal_grace: Duration,
    /// From one reading of the whole table to the next.
    pub resync: Duration,
    pub sysctl: bool,
    pub flush_on_stop: bool,
    /// From one glance at the kernel's text to the next; zero for none.
    pub canary: Duration,
    /// Whether what others change is repaired, or only told.
    pub repair: bool,
    /// `NAME[:GROUP]` of whom the daemon becomes; `None`: it stays who it is.
    pub user: Option<String>,
    /// Seccomp and Landlock, where the kernel has them.
    pub sandbox: bool,
}
