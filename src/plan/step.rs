use std::fmt;

use super::object::Object;
use crate::model::service::{DestKey, ServiceKey};
use crate::model::table::{Dest, Settings};

/// One change to the table, one request to the kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub service: ServiceKey,
    pub change: Change,
}

/// What becomes of the service, or of one dest in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    AddService(Settings),
    EditService {
        /// Elsewhere, because few steps are this and all are as large as the largest.
        before: Box<Settings>,
        after: Settings,
    },
    /// Its dests go with it.
    RemoveService(Settings),
    AddDest(DestKey, Dest),
    EditDest {
        dest: DestKey,
        before: Dest,
        after: Dest,
    },
    RemoveDest(DestKey, Dest),
}

impl Change {
    /// What a service is afterwards; `None` where it is about a dest, or the service is gone.
    pub fn settings(&self) -> Option<&Settings> {
        match self {
            Self::AddService(after) | Self::EditService { after, .. } => Some(after),
            _ => None,
        }
    }

    /// What a dest is afterwards; `None` where it is about a service, or the dest is gone.
    pub fn dest(&self) -> Option<&Dest> {
        match self {
            Self::AddDest(_, after) | Self::EditDest { after, .. } => Some(after),
            _ => None,
        }
    }
}

/// Steps of one wave are acknowledged before the next wave is sent, so that what is new serves
/// before what is old stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wave {
    /// Services added or edited.
    Services,
    /// Dests added or raised.
    Raise,
    /// Dests lowered or otherwise edited.
    Lower,
    /// Dests removed.
    RemoveDests,
    /// A fallback taken back from a scheduler: what it passed over has gone.
    Fallback,
    /// Services removed.
    RemoveServices,
}

impl Wave {
    /// In the order they are sent.
    pub const ALL: [Self; 6] = [
        Self::Services,
        Self::Raise,
        Self::Lower,
        Self::RemoveDests,
        Self::Fallback,
        Self::RemoveServices,
    ];
}

impl Step {
    pub fn wave(&self) -> Wave {
        match &self.change {
            Change::EditService { before, after } if loses_fallback(before, after) => {
                Wave::Fallback
            }
            Change::AddService(_) | Change::EditService { .. } => Wave::Services,
            Change::AddDest(..) => Wave::Raise,
            Change::EditDest { before, after, .. } if after.weight > before.weight => Wave::Raise,
            Change::EditDest { .. } => Wave::Lower,
            Change::RemoveDest(..) => Wave::RemoveDests,
            Change::RemoveService(_) => Wave::RemoveServices,
        }
    }

    /// What it changes.
    pub fn object(&self) -> Object {
        match self.dest() {
            Some(dest) => Object::Dest(self.service, dest),
            None => Object::Service(self.service),
        }
    }

    /// Whether both want the same of their object, whatever they found.
    pub fn same_aim(&self, other: &Self) -> bool {
        let (ours, theirs) = (&self.change, &other.change);
        self.object() == other.object()
            && ours.settings() == theirs.settings()
            && ours.dest() == theirs.dest()
    }

    /// The dest it changes; `None` for a change to the service itself.
    pub fn dest(&self) -> Option<DestKey> {
        match self.change {
            Change::AddDest(dest, _)
            | Change::EditDest { dest, .. }
            | Change::RemoveDest(dest, _) => Some(dest),
            Change::AddService(_) | Change::EditService { .. } | Change::RemoveService(_) => None,
        }
    }
}

fn loses_fallback(before: &Settings, after: &Settings) -> bool {
    before.scheduler == after.scheduler && before.flags.flag1 && !after.flags.flag1
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let service = &self.service;
        match &self.change {
            Change::AddService(_) => write!(f, "add service {service}"),
            Change::EditService { .. } => write!(f, "edit service {service}"),
            Change::RemoveService(_) => write!(f, "remove service {service}"),
            Change::AddDest(dest, _) => write!(f, "add real server {dest} to {service}"),
            Change::EditDest { dest, .. } => write!(f, "edit real server {dest} of {service}"),
            Change::RemoveDest(dest, _) => write!(f, "remove real server {dest} from {service}"),
        }
    }
}
