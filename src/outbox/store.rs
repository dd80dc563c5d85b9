//! What an engine must do to keep the entries of an outbox.

use super::{Entry, NewEntry};

/// Keeps the entries of an outbox. With the feature `outbox-sqlite`, `outbox::sqlite::SqliteStore` is one.
///
/// A store knows nothing of HTTP. Every method changes everything that it says, or nothing. Times are milliseconds since
/// 1970 and come from the caller; a store has no clock.
///
/// An entry is *first in its lanes* when its source has no earlier entry that shares a lane with it. An entry without lanes
/// is always first.
pub trait OutboxStore {
    /// Why the engine failed.
    type Error;

    /// Stores entries that are due at once. When it returns, they are on the disk. An entry whose source and uuid are there
    /// already is left as it is.
    ///
    /// # Errors
    /// When the engine failed, for example because the disk is full. None of the entries is stored.
    fn put(&mut self, entries: &[NewEntry]) -> Result<(), Self::Error>;

    /// Leases at most `max` entries to the caller, until `until_ms`. They are first in their lanes, due at `now_ms`, and
    /// leased by nobody else. Counts one attempt more for each. Returns them in the order in which they were stored.
    ///
    /// # Errors
    /// When the engine failed.
    fn take(&mut self, now_ms: u64, until_ms: u64, max: usize) -> Result<Vec<Entry>, Self::Error>;

    /// Ends the lease of an entry. Without a time the entry is removed, and the next in its lanes may be first. With a time
    /// it stays, and is due then. Changes nothing if the caller no longer holds this lease.
    ///
    /// # Errors
    /// When the engine failed.
    fn settle(&mut self, entry: &Entry, due_ms: Option<u64>) -> Result<(), Self::Error>;

    /// Makes every entry of a source due at `due_ms` at the earliest, if it is first in its lanes.
    ///
    /// # Errors
    /// When the engine failed.
    fn hold_source(&mut self, source: &str, due_ms: u64) -> Result<(), Self::Error>;

    /// Removes every entry of a source, also those that are leased.
    ///
    /// # Errors
    /// When the engine failed.
    fn remove_source(&mut self, source: &str) -> Result<(), Self::Error>;

    /// Returns when the next entry that is first in its lanes is due, or when its lease ends. The time may have passed.
    /// Returns `None` if the store is empty.
    ///
    /// # Errors
    /// When the engine failed.
    fn next(&self) -> Result<Option<u64>, Self::Error>;

    /// Returns what waits, of one source or of all.
    ///
    /// # Errors
    /// When the engine failed.
    fn size(&self, source: Option<&str>) -> Result<Size, Self::Error>;
}

/// What a store holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// The number of entries.
    pub entries: u64,
    /// The sum of the lengths of their bodies, in bytes.
    pub bytes: u64,
}
