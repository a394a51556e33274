use std::sync::atomic::{AtomicBool, Ordering};

/// Tells the threads of a test that it is over, be it by a failure: a scope waits for them all, and
/// one that was not told would keep the failure from being heard.
#[derive(Default)]
pub struct Over(AtomicBool);

/// As long as this lives, it is not over.
pub struct Going<'a>(&'a Over);

impl Over {
    pub fn going(&self) -> Going<'_> {
        Going(self)
    }

    pub fn is_over(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Drop for Going<'_> {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}
