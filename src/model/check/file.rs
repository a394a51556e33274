use std::fmt;

use crate::model::text::Text;

/// `FILE_CHECK`: the number in a file is the answer.
///
/// Source: FILE_CHECK and `track_file` in keepalived.conf(5).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WatchedFile {
    /// Of the `track_file` block.
    pub name: Text,
    /// `file` of the `track_file` block.
    pub path: Text,
    /// `weight` of the check, else of the `track_file` block, else 1. The number in the file times
    /// this is added to the weight of the real server. 0: any other number than 0 is a failure.
    pub weight: i32,
    /// `reverse`: the product is subtracted; with a weight of 0, 0 is the failure.
    pub reverse: bool,
}

impl fmt::Display for WatchedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "number in {}", self.path)
    }
}
