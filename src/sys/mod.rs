//! The host this runs on: clock, namespaces, state files, sysctls, other programs.

mod account;
pub mod addresses;
pub mod allocator;
pub mod checker;
pub mod clock;
mod here;
pub mod host;
pub mod limits;
pub mod module;
pub mod netns;
pub mod privileges;
pub mod replace;
pub mod scripts;
pub mod state;
pub mod sysctl;
pub mod systemd;
pub mod wake;

pub use here::Here;
