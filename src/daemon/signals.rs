use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals that are orders.
pub(super) struct Signals {
    pub(super) reload: Signal,
    pub(super) state: Signal,
    pub(super) terminate: Signal,
    pub(super) interrupt: Signal,
}

impl Signals {
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {
            reload: signal(SignalKind::hangup())?,
            state: signal(SignalKind::user_defined1())?,
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }
}
