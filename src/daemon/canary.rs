use std::collections::BTreeSet;

use tracing::{info, warn};

use crate::ipvs::glance;
use crate::model::service::ServiceKey;
use crate::model::table::Table;

/// A glance that was disturbed is begun anew as soon as the letter is worked off; after so many
/// it is finished, so that letters that come and come do not put it off for ever.
const PATIENCE: u32 = 8;

/// So many looks in a row that found all as it was, though the text showed it otherwise, are enough:
/// this kernel writes something that we do not know.
const IN_VAIN: u32 = 3;

/// Glances at the kernel's text, to learn soon and for little that somebody changed something.
#[derive(Debug, Default)]
pub(super) struct Canary {
    disturbed: u32,
    /// Looks in a row that it had made for nothing.
    in_vain: u32,
    /// Why the text cannot be read, and whether that was told.
    blind: Option<(String, bool)>,
}

/// What a glance showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Song {
    Same,
    /// These services are not shown as they are known.
    Otherwise(BTreeSet<ServiceKey>),
    /// Somebody waits for the thread.
    Disturbed,
    /// The text cannot be read; only a look can tell.
    Blind,
}

impl Canary {
    pub(super) fn glance(&mut self, known: &Table, waits: impl Fn() -> bool) -> Song {
        if known.is_empty() || self.in_vain >= IN_VAIN {
            return Song::Same;
        }
        let patient = self.disturbed >= PATIENCE;
        let song = match glance(known, || !patient && waits()) {
            Ok(Some(suspects)) if suspects.is_empty() => Song::Same,
            Ok(Some(suspects)) => Song::Otherwise(suspects),
            Ok(None) => Song::Disturbed,
            Err(error) => {
                let before = self.blind.replace((error.to_string(), false));
                let told = before.is_some_and(|(_, told)| told);
                self.blind.iter_mut().for_each(|(_, now)| *now = told);
                return if told { Song::Same } else { Song::Blind };
            }
        };
        self.disturbed = match song {
            Song::Disturbed => self.disturbed + 1,
            _ => 0,
        };
        if song != Song::Disturbed && self.blind.take().is_some_and(|(_, told)| told) {
            info!("the kernel's text can be read again: changes by others are found soon");
        }
        song
    }

    /// A look for which it sang; whether something was found.
    pub(super) fn heeded(&mut self, found: bool) {
        self.in_vain = if found { 0 } else { self.in_vain + 1 };
        if self.in_vain == IN_VAIN {
            warn!(
                "the kernel's text and its table do not agree: changes by others are found at a resync only"
            );
        }
    }

    /// The table was read: if the text still cannot be, that is no sign of a kernel without IPVS.
    pub(super) fn looked(&mut self) {
        if let Some((reason, told)) = &mut self.blind
            && !*told
        {
            *told = true;
            warn!(
                reason,
                "the kernel's text cannot be read: changes by others are found at a resync only"
            );
        }
    }

    /// The kernel was out of reach, which may have been the reason.
    pub(super) fn lost(&mut self) {
        self.blind = None;
    }
}
