use std::sync::Arc;

use super::standing::Reason;
use crate::model::director::Director;
use crate::model::server::VirtualServer;

/// What those hear who asked to be told: scripts, FIFOs, mail. One stream, in the order in which it
/// happened.
#[derive(Clone, Debug)]
pub struct News {
    pub about: About,
    pub up: bool,
    pub cause: Cause,
}

/// Whom it is about. Names its own director, so that it stays true when that is replaced.
#[derive(Clone, Debug)]
pub struct About {
    pub director: Arc<Director>,
    /// Its place among the director's virtual servers.
    pub virtual_server: usize,
    pub part: Part,
}

/// Which part of a virtual server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// One check of a real server turned; their places.
    Check {
        real_server: usize,
        check: usize,
        /// The real server came up or went down with it.
        turns_server: bool,
    },
    /// A real server came up or went down; its place.
    RealServer(usize),
    /// The quorum was gained or lost, with live real servers of this weight in all.
    Quorum { weight: u64 },
}

/// Why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// What the checks found; the last one's words.
    Checked(Reason),
    /// The file was taken up, at a start or a reload.
    Configured,
    /// It is no more in the file.
    Removed,
    /// The daemon stops.
    Stopping,
}

impl About {
    pub fn server(&self) -> Option<&VirtualServer> {
        let servers = &self.director.virtual_servers;
        servers.get(self.virtual_server).map(AsRef::as_ref)
    }
}
