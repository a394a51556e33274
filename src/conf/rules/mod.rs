//! What can be wrong with a file before any rule of the linter looks at it.

mod blocks;
mod check;
mod expansion;
mod group;
mod server;
mod service;
mod text;
mod values;
mod words;

pub use blocks::*;
pub use check::*;
pub use expansion::*;
pub use group::*;
pub use server::*;
pub use service::*;
pub use text::*;
pub use values::*;
pub use words::*;

use crate::diag::Rule;

/// Every rule of the reader.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    let subjects = [
        blocks::ALL,
        check::ALL,
        expansion::ALL,
        group::ALL,
        server::ALL,
        service::ALL,
        text::ALL,
        values::ALL,
        words::ALL,
    ];
    subjects.into_iter().flatten().copied()
}
