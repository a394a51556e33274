//! Observed table × desired table → the steps between them. Pure.

mod step;

pub use step::{Change, Step, Wave};
