use std::collections::BTreeMap;
use std::sync::Arc;

use crate::conf::{Files, Found, ReadError, Snapshot};

/// Texts in place of those of files, by the file's identity.
pub(super) type Texts = BTreeMap<String, Arc<Vec<u8>>>;

/// The files with some of their texts replaced.
pub(super) struct Overlay<'a> {
    pub(super) under: &'a Snapshot<'a>,
    pub(super) texts: &'a Texts,
}

impl Files for Overlay<'_> {
    fn read(&self, path: &str) -> Result<Found, ReadError> {
        let mut found = self.under.read(path)?;
        if !self.texts.is_empty()
            && let Some(text) = self.texts.get(&self.identity(path))
        {
            found.bytes = Arc::clone(text);
        }
        Ok(found)
    }

    fn glob(&self, pattern: &str) -> Vec<Vec<String>> {
        self.under.glob(pattern)
    }

    fn folder(&self, path: &str) -> String {
        self.under.folder(path)
    }

    fn identity(&self, path: &str) -> String {
        self.under.identity(path)
    }
}
