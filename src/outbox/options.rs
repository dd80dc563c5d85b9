//! The options of an outbox.

use super::Entry;

/// The options of an [`Outbox`](super::Outbox).
///
/// ```
/// use flowdock_integration::outbox::OutboxOptions;
/// let options = OutboxOptions { keep_ms: 7 * 24 * 60 * 60 * 1000, ..OutboxOptions::default() };
/// assert_eq!((options.lease_ms, options.base_ms, options.cap_ms), (300_000, 5_000, 3_600_000));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutboxOptions {
    /// How long an entry is kept, in milliseconds. An older one is dropped when a try has failed, or its source is held. Default: 24
    /// hours.
    pub keep_ms: u64,
    /// How long an entry that was taken is leased, in milliseconds. After that it may be taken again, because the program
    /// that took it has probably ended. It must be longer than your HTTP client works on one entry, with its time limit
    /// and its own retries. Default: 5 minutes.
    pub lease_ms: u64,
    /// The upper limit of the wait after the first failure, in milliseconds. It doubles with every further one. The wait is
    /// random, and at least half of its upper limit. Default: 5 000.
    pub base_ms: u32,
    /// The upper limit of every wait without a `Retry-After`, and of a hold, in milliseconds. Default: 1 hour.
    pub cap_ms: u32,
    /// How long a source is held the first time, in milliseconds. It doubles with every further one. Default: 5 minutes.
    pub hold_ms: u32,
    /// The largest number of entries in the store. Default: 10 000.
    pub max_entries: u64,
    /// The largest sum of the lengths of their bodies, in bytes. Default: 50 000 000.
    pub max_bytes: u64,
}

impl Default for OutboxOptions {
    fn default() -> Self {
        Self {
            keep_ms: 24 * 60 * 60 * 1000,
            lease_ms: 5 * 60 * 1000,
            base_ms: 5_000,
            cap_ms: 60 * 60 * 1000,
            hold_ms: 5 * 60 * 1000,
            max_entries: 10_000,
            max_bytes: 50_000_000,
        }
    }
}

impl OutboxOptions {
    /// Whether an entry has been kept for longer than it should be.
    pub(super) fn is_too_old(&self, entry: &Entry, now_ms: u64) -> bool {
        now_ms.saturating_sub(entry.at_ms) > self.keep_ms
    }
}
