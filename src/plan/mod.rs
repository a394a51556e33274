//! Observed table × desired table → the steps between them. Pure.

mod diff;
pub mod drain;
mod replay;
mod scope;
mod step;
mod weights;

pub use diff::diff;
pub use replay::{holds, replay};
pub use scope::{Scoped, scope};
pub use step::{Change, Step, Wave};
pub use weights::{keep_quiesced, keep_weights};
