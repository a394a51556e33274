//! The host this runs on: clock, namespaces, state files, sysctls, other programs.

pub mod checker;
pub mod clock;
pub mod host;
pub mod limits;
pub mod module;
pub mod netns;
pub mod replace;
pub mod state;
pub mod sysctl;
pub mod systemd;
