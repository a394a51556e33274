//! The domain, without input or output, clock or text positions.
//!
//! A **director** is the host that runs IPVS. A **virtual server** is a block in the file; a
//! **service** is an entry of the kernel's table. A **real server** is a block; a **dest** is its
//! entry under a service.

pub mod check;
pub mod director;
pub mod forward;
pub mod limits;
pub mod moment;
pub mod name;
pub mod notify;
pub mod patch;
pub mod persist;
pub mod quorum;
pub mod schedule;
pub mod script;
pub mod server;
pub mod service;
pub mod shape;
pub mod table;
pub mod text;
