use std::time::Duration;

use sd_notify::NotifyState;

/// What the service manager is told; nothing where there is none. Source: sd_notify(3).
#[derive(Clone, Copy, Debug, Default)]
pub struct Manager;

impl Manager {
    pub fn ready(self) {
        tell(&[NotifyState::Ready]);
    }

    /// A reload has begun; [`Manager::ready`] ends it.
    pub fn reloading(self) {
        match NotifyState::monotonic_usec_now() {
            Ok(now) => tell(&[NotifyState::Reloading, now]),
            Err(_) => tell(&[NotifyState::Reloading]),
        }
    }

    pub fn status(self, status: &str) {
        tell(&[NotifyState::Status(status)]);
    }

    pub fn stopping(self) {
        tell(&[NotifyState::Stopping]);
    }

    pub fn alive(self) {
        tell(&[NotifyState::Watchdog]);
    }

    /// How often it wants to hear [`Manager::alive`]: half of what it allows.
    pub fn watchdog(self) -> Option<Duration> {
        sd_notify::watchdog_enabled().map(|limit| limit / 2)
    }
}

fn tell(states: &[NotifyState<'_>]) {
    // A manager that does not listen is no reason to stop balancing.
    let _ = sd_notify::notify(states);
}
