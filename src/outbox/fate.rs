//! Decides what becomes of an entry after it was sent.

use std::collections::HashMap;

use super::{Entry, OutboxOptions};
use crate::client::{PostError, PostResult, retry_after_ms};
use crate::error::ErrorCode;

/// What becomes of an entry. [`Outbox::settle`](super::Outbox::settle) does it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "`settle` does it"]
pub enum Fate {
    /// The message was posted, and the entry is removed.
    Delivered(PostResult),
    /// The entry is due again at `due_ms`, in milliseconds since 1970. Until then its lanes wait, and others go on.
    Later {
        /// When the entry is due.
        due_ms: u64,
        /// The error of this attempt.
        error: PostError,
    },
    /// The server refuses the source or cannot be asked, because a setting is wrong. All entries of the source wait until
    /// `due_ms`, so that it does not empty the outbox.
    Held {
        /// When the source is tried again, in milliseconds since 1970.
        due_ms: u64,
        /// The error of this attempt.
        error: PostError,
    },
    /// A user removed the source, and all its entries are removed. Delete what you stored for it.
    SourceRemoved(PostError),
    /// The server will never take the message, and the entry is removed. The next in its lanes may go.
    Refused(PostError),
    /// The entry is removed unsent: it is older than [`keep_ms`](super::OutboxOptions::keep_ms). The error is that of the last try, or
    /// `None` for an entry of [`Taken::too_old`](super::Taken::too_old).
    Dropped(Option<PostError>),
}

/// What becomes of an entry that was not delivered. Waits are milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Failed {
    Later(u64),
    Held(u64),
    SourceRemoved,
    Refused,
}

/// Decides what becomes of an entry that was tried `attempts` times. `holds` is how often in a row its source is held, this time
/// included. What the answer means was decided by the client.
///
/// A code by which the server refuses this message, today and later, ends the entry. Every other code that is not retryable
/// comes from a setting, or from something in between such as a proxy. It must not empty the outbox, so the source is held.
fn failed(error: &PostError, attempts: u32, holds: u32, random: u32, options: &OutboxOptions) -> Failed {
    let doubled = |ms: u32, times: u32| (u64::from(ms) << times.saturating_sub(1).min(31)).min(options.cap_ms.into());
    match error.code {
        ErrorCode::SourceRemoved => Failed::SourceRemoved,
        ErrorCode::InvalidMessage | ErrorCode::TooLarge | ErrorCode::Rejected => Failed::Refused,
        ErrorCode::Aborted => Failed::Later(0),
        _ if !error.retryable => Failed::Held(doubled(options.hold_ms, holds)),
        _ => {
            // Between half of the upper limit and the limit itself, rounded.
            let most = doubled(options.base_ms, attempts);
            let part = (most * u64::from(random) + (1 << 31)) >> 32;
            Failed::Later((most + part).div_ceil(2).max(error.retry_after_ms.unwrap_or_default().into()))
        }
    }
}

/// The sources that are held.
#[derive(Debug, Default)]
pub(super) struct Holds(HashMap<String, Hold>);

/// How long a source is held.
#[derive(Clone, Copy, Debug, Default)]
struct Hold {
    until_ms: u64,
    /// How often in a row the source was held.
    times: u32,
}

impl Holds {
    /// Returns until when a source is held. No hold lasts longer than `cap_ms` or `keep_ms`: one that seems to is from before somebody has
    /// set the clock back, and is over.
    pub fn until_ms(&self, source: &str, now_ms: u64, options: &OutboxOptions) -> Option<u64> {
        let longest = options.keep_ms.min(options.cap_ms.into());
        let is_under_way = |until_ms: &u64| (1..=longest).contains(&until_ms.saturating_sub(now_ms));
        self.0.get(source).map(|hold| hold.until_ms).filter(is_under_way)
    }

    /// Decides what becomes of an entry after its request has ended. `retry_after` is the header of the answer.
    pub fn fate(
        &mut self,
        entry: &Entry,
        ended: Result<PostResult, PostError>,
        retry_after: Option<&str>,
        now_ms: u64,
        random: u32,
        options: &OutboxOptions,
    ) -> Fate {
        // Nobody knows what became of an earlier attempt, if a program ended before it saw the answer.
        let was_sent_before = entry.attempts > 1;
        let mut error = match ended {
            Ok(result) => {
                self.0.remove(&entry.source);
                let maybe_duplicate = result.maybe_duplicate || was_sent_before;
                return Fate::Delivered(PostResult { maybe_duplicate, ..result });
            }
            Err(error) => error,
        };
        error.maybe_duplicate |= was_sent_before;
        if error.retryable && error.retry_after_ms.is_none() {
            let unix_seconds = u32::try_from(now_ms / 1000).unwrap_or(u32::MAX);
            error.retry_after_ms = retry_after.and_then(|text| retry_after_ms(text, unix_seconds));
        }
        let times = self.0.get(&entry.source).map_or(0, |hold| hold.times).saturating_add(1);
        // An entry that is too old by then is dropped after its next try, so it need not wait longer.
        let due_ms = |wait: u64| now_ms.saturating_add(wait.min(options.keep_ms));
        let is_too_old = options.is_too_old(entry, now_ms) && error.code != ErrorCode::Aborted;
        match failed(&error, entry.attempts, times, random, options) {
            Failed::Later(_) if is_too_old => Fate::Dropped(Some(error)),
            Failed::Later(wait) => Fate::Later { due_ms: due_ms(wait), error },
            Failed::Held(wait) => {
                // Of several entries that were under way, the first one holds the source.
                let due_ms = self.until_ms(&entry.source, now_ms, options).unwrap_or_else(|| {
                    self.0.insert(entry.source.clone(), Hold { until_ms: due_ms(wait), times });
                    due_ms(wait)
                });
                if is_too_old { Fate::Dropped(Some(error)) } else { Fate::Held { due_ms, error } }
            }
            Failed::SourceRemoved => {
                self.0.remove(&entry.source);
                Fate::SourceRemoved(error)
            }
            Failed::Refused => {
                self.0.remove(&entry.source);
                Fate::Refused(error)
            }
        }
    }
}
