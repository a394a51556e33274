use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::excerpt::excerpt;
use crate::health::Verdict;
use crate::model::check::{Pattern, Regex};

/// Threads that look for patterns. One that is held up by a page can only be waited for.
const THREADS: usize = 2;

/// Where patterns are looked for: not on the thread of the conversations, as nothing can interrupt
/// PCRE2 between its steps.
pub(super) struct Search {
    threads: Arc<Semaphore>,
}

impl Search {
    pub(super) fn new() -> Self {
        Self {
            threads: Arc::new(Semaphore::new(THREADS)),
        }
    }

    /// Where in `body` a match begins, if there is one; `page` is whose body it is.
    ///
    /// Who waits for a thread waits without limit: it is not that server's fault.
    pub(super) async fn find(
        &self,
        regex: &Regex,
        body: Vec<u8>,
        limit: Duration,
        page: &str,
    ) -> Result<Option<usize>, Verdict> {
        let shown = excerpt(regex.pattern.as_bytes());
        let regex = regex.clone();
        // Nobody ever closes it.
        let thread = Arc::clone(&self.threads).acquire_owned().await.ok();
        let search = spawn_blocking(move || {
            // The reader refuses a file with what is no pattern.
            let pattern = Pattern::new(&regex).map_err(|why| Verdict::Unasked(why.to_string()));
            let found = pattern.map(|pattern| pattern.find(&body));
            drop(thread);
            found
        });
        let why = match timeout(limit, search).await {
            Ok(Ok(found)) => match found? {
                Ok(found) => return Ok(found),
                Err(why) => why,
            },
            Ok(Err(ended)) => ended.to_string(),
            Err(_) => "it takes too long".to_owned(),
        };
        let why = format!("{shown} cannot be told from the body of {page}: {why}");
        Err(Verdict::Failed(why))
    }
}
