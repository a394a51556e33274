use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::director::Timeouts;
use crate::model::service::{DestKey, ServiceKey};
use crate::model::table::Table;

/// What the kernel thread is to bring about; the newest one wins.
#[derive(Clone, Debug)]
pub struct Goal {
    pub desired: Table,
    pub named: Arc<Named>,
    pub timeouts: Timeouts,
    /// Remove everything that is ours, then end.
    pub last: bool,
}

/// Every dest the file names, whether or not it serves just now: one that is in the table and not
/// here has left the file.
pub type Named = BTreeSet<(ServiceKey, DestKey)>;
