use crate::model::script::Script;

/// `MISC_CHECK`: a script's exit status is the answer.
///
/// Source: MISC_CHECK in keepalived.conf(5).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Misc {
    /// `misc_path` and `user`.
    pub script: Script,
    /// `misc_dynamic`: a status from 2 to 255 is a pass, with a weight of that less 2.
    pub dynamic: bool,
}
