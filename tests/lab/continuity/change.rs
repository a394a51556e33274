/// What a new file may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Weights,
    /// One more real server, or one less where all are there.
    Servers,
    /// While the kernel changes it, it refuses new connections.
    Scheduler,
    Persistence,
    Thresholds,
    /// Another virtual server comes or goes.
    Services,
}

impl Change {
    pub const ALL: [Self; 6] = [
        Self::Weights,
        Self::Servers,
        Self::Scheduler,
        Self::Persistence,
        Self::Thresholds,
        Self::Services,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Weights => "weights",
            Self::Servers => "real servers",
            Self::Scheduler => "scheduler",
            Self::Persistence => "persistence",
            Self::Thresholds => "thresholds",
            Self::Services => "services",
        }
    }
}
