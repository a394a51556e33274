use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use crate::model::check::ProbeKind;
use crate::model::server::VirtualServer;

/// What blocks of virtual servers came to when they were read before, by their text: one that says the
/// same again, byte for byte, need not be understood again.
///
/// Only blocks whose meaning depends on nothing outside them are kept, of which there was nothing to
/// say. Of the text itself a digest of 128 bits is kept, with keys that nobody outside the process
/// knows.
#[derive(Debug, Default)]
pub struct Recall {
    keys: [RandomState; 2],
    /// By the digest of the line that begins the block.
    blocks: HashMap<u64, Block>,
}

/// One block from the start of its first line to the end of its last.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// Bytes.
    pub(super) length: u32,
    digest: [u64; 2],
    /// From its first word to the last before the brace, counted from its start.
    pub(super) header: (u32, u32),
    pub(super) server: Arc<VirtualServer>,
}

impl Recall {
    /// An empty one that can take blocks of this one over.
    pub(super) fn successor(&self) -> Self {
        Self {
            keys: self.keys.clone(),
            blocks: HashMap::with_capacity(self.blocks.len()),
        }
    }

    /// The block that `text` begins with, if it was read before.
    pub(super) fn find(&self, text: &[u8]) -> Option<&Block> {
        if self.blocks.is_empty() {
            return None;
        }
        let block = self.blocks.get(&self.place(text))?;
        let text = text.get(..block.length as usize)?;
        (self.digest(text) == block.digest).then_some(block)
    }

    /// Takes up what was found in the one before.
    pub(super) fn again(&mut self, text: &[u8], block: Block) {
        self.blocks.insert(self.place(text), block);
    }

    /// Keeps what the whole of `text` came to, if it always does.
    pub(super) fn keep(&mut self, text: &[u8], header: (u32, u32), server: &Arc<VirtualServer>) {
        // What follows could belong to the last line.
        if !text.ends_with(b"\n") || looks_elsewhere(server) {
            return;
        }
        let Ok(length) = u32::try_from(text.len()) else {
            return;
        };
        let block = Block {
            length,
            digest: self.digest(text),
            header,
            server: Arc::clone(server),
        };
        self.again(text, block);
    }

    fn place(&self, text: &[u8]) -> u64 {
        let end = memchr::memchr(b'\n', text).unwrap_or(text.len());
        self.keys[0].hash_one(&text[..end])
    }

    fn digest(&self, text: &[u8]) -> [u64; 2] {
        [self.keys[0].hash_one(text), self.keys[1].hash_one(text)]
    }
}

/// Other blocks define what is watched.
fn looks_elsewhere(server: &VirtualServer) -> bool {
    let checks = server.real_servers.iter().flat_map(|real| &real.checks);
    let mut kinds = checks.map(|check| &check.probe.kind);
    kinds.any(|kind| matches!(kind, ProbeKind::File(_) | ProbeKind::Bfd(_)))
}
