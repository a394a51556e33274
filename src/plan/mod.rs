//! Observed table × desired table → the steps between them. Pure.

mod diff;
pub mod drain;
mod drift;
mod fight;
pub mod json;
mod named;
mod object;
mod order;
mod pace;
mod replay;
mod scope;
pub mod show;
mod step;
mod weights;

pub use diff::diff;
pub use drift::{Drift, Fight, Noted, Seen, is_left};
pub use fight::{Fights, Ruling};
pub use named::Named;
pub use object::Object;
pub use order::order_notes;
pub use pace::pace;
pub use replay::{holds, replay, replay_all};
pub use scope::{Scoped, scope};
pub use step::{Change, Step, Wave};
pub use weights::{keep_quiesced, keep_weights};
