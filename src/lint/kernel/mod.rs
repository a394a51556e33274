//! What only a kernel can say of a file: it is asked by `lint --kernel`, floors above.

mod kernel_differs;
mod kernel_refuses;

use crate::diag::Rule;
pub use kernel_differs::RULE as KERNEL_DIFFERS;
pub use kernel_refuses::RULE as KERNEL_REFUSES;

/// Rules of this folder.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    [&KERNEL_DIFFERS, &KERNEL_REFUSES].into_iter()
}
