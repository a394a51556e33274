use md5::{Digest, Md5};

use crate::model::check::Url;

/// What came of a page.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) status: u16,
    /// MD5 of the body, where it is asked for.
    pub(super) digest: Option<[u8; 16]>,
    /// The body, where a pattern is looked for in it.
    pub(super) body: Option<Vec<u8>>,
    /// There was more of the body than [`MOST_BODY`].
    pub(super) cut: bool,
}

/// Bytes of a body that are looked at.
pub(super) const MOST_BODY: u64 = 4 << 20;

/// A body while it comes in.
#[derive(Debug)]
pub(super) struct Body {
    digest: Option<Md5>,
    kept: Option<Vec<u8>>,
    length: u64,
    cut: bool,
}

impl Body {
    pub(super) fn new(url: &Url) -> Self {
        Self {
            digest: url.digest.map(|_| Md5::new()),
            kept: url.regex.as_ref().map(|_| Vec::new()),
            length: 0,
            cut: false,
        }
    }

    pub(super) fn take(&mut self, bytes: &[u8]) {
        let room = usize::try_from(MOST_BODY - self.length).unwrap_or(usize::MAX);
        let taken = &bytes[..bytes.len().min(room)];
        self.cut |= taken.len() < bytes.len();
        self.length += taken.len() as u64;
        if let Some(digest) = &mut self.digest {
            digest.update(taken);
        }
        if let Some(kept) = &mut self.kept {
            kept.extend_from_slice(taken);
        }
    }

    pub(super) fn cut(&self) -> bool {
        self.cut
    }

    pub(super) fn ended(self, status: u16) -> Page {
        Page {
            status,
            digest: self.digest.map(|digest| digest.finalize().into()),
            body: self.kept,
            cut: self.cut,
        }
    }
}
