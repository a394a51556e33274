//! Layer-4 load-balancer controller for Linux IPVS.
//!
//! Five floors; a module uses modules on lower floors and itself, nothing else. The drawing, and
//! the walks through it, are in `ARCHITECTURE.md`.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod claim;
pub mod cli;
pub mod conf;
pub mod daemon;
pub mod diag;
pub mod fmt;
pub mod health;
pub mod ipvs;
pub mod lint;
pub mod model;
pub mod notify;
pub mod plan;
pub mod probe;
pub mod sys;
