//! Remembers the sources of the flow tokens that post.
//!
//! Without it, each post would ask the database twice: for the source, and to store the message.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::domain::Source;
use crate::secret::Hash;

/// The largest number of remembered sources. When it is reached, all are forgotten.
const MAX_REMEMBERED: usize = 10_000;

/// The sources by the hashes of their flow tokens, as long as nothing has changed them.
///
/// Each engine counts what may change a source. A source that was read before a change is read again after it. SQLite counts every job
/// that writes, except posts. PostgreSQL counts changes of sources, applications, flows and access, and hears of those of other inboxes
/// within a second; a post with a removed source or a replaced token is refused all the same, because its transaction looks again.
#[derive(Debug, Default)]
pub struct SourcesByToken(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    /// The number of changes before the sources were read.
    changes: u64,
    sources: HashMap<Hash, Source>,
}

impl SourcesByToken {
    /// The source with this token, if it was read since the last of `changes`.
    pub fn get(&self, changes: u64, hash: &Hash) -> Option<Source> {
        let known = self.known();
        (known.changes == changes).then(|| known.sources.get(hash).cloned())?
    }

    /// Remembers a source. `changes` was counted before it was read.
    pub fn put(&self, changes: u64, hash: Hash, source: Source) {
        let mut known = self.known();
        if known.changes > changes {
            return;
        }
        if known.changes < changes || known.sources.len() >= MAX_REMEMBERED {
            *known = Known { changes, sources: HashMap::new() };
        }
        known.sources.insert(hash, source);
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
