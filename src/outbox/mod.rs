//! A durable outbox, without I/O of its own: it keeps messages in a store until a server has taken them.
//!
//! [`Outbox::post`] stores a message. [`Outbox::take`] gives the entries whose turn has come, and your program sends each
//! with its HTTP client. The [client](crate::client) says what an answer means, [`Outbox::fate`] what becomes of the entry,
//! and [`Outbox::settle`] does that. An [`OutboxStore`] keeps the entries; with the feature `outbox-sqlite`,
//! `outbox::sqlite::SqliteStore` does so in SQLite. Times and random numbers are arguments.
//!
//! When `post` returns, the message is as durable as the store makes it. It is sent at least once, with the same uuid each
//! time, unless a [`Fate`] or [`Taken::too_old`] says otherwise. Messages of one thread reach the server in the order in
//! which they were posted, if all of them go through one store. A server that recognises uuids, as our inbox does, stores
//! each message once. When a message is sent is not promised.

mod entry;
mod error;
mod fate;
mod options;
#[cfg(feature = "outbox-sqlite")]
pub mod sqlite;
mod store;

pub use entry::{Entry, NewEntry};
pub use error::OutboxError;
pub use fate::Fate;
pub use options::OutboxOptions;
pub use store::{OutboxStore, Size};

use std::collections::HashSet;

use serde::Serialize;

use crate::client::{PostError, PostResult, Prepared};
use crate::message::Message;
use crate::validate::{Options, Valid};
use fate::Holds;

/// Stores messages, says which of them to send, and decides what becomes of each. See the [module](self).
///
#[cfg_attr(feature = "outbox-sqlite", doc = "```")]
#[cfg_attr(not(feature = "outbox-sqlite"), doc = "```ignore")]
/// use flowdock_integration::outbox::sqlite::SqliteStore;
/// use flowdock_integration::outbox::{Fate, Outbox, OutboxOptions, Taken};
/// use flowdock_integration::{ChatMessage, Client, ClientOptions};
///
/// const NOON: u64 = 1_795_176_000_000; // from your clock, in milliseconds since 1970
/// # let folder = tempfile::tempdir()?;
/// # let file = folder.path().join("outbox.sqlite");
/// let store = SqliteStore::open(&file)?;
/// let mut outbox = Outbox::new(store, OutboxOptions::default());
/// let message = ChatMessage::builder().content("Great Scott!").external_thread_id("42").build()?;
/// outbox.post(&["garage"], &message, [7; 16], NOON)?; // durable, once it returns; your random generator makes the uuid
///
/// let Taken { due, too_old } = outbox.take(NOON, 4)?;
/// for entry in too_old {
///     outbox.settle(&entry, &Fate::Dropped(None))?;
/// }
/// for entry in due {
///     // The client of the source "garage", whose token is not in the outbox.
///     let client = Client::new(ClientOptions::new("http://127.0.0.1:4400", "0123456789abcdef"))?;
///     let request = entry.request(&client);
///     // Your HTTP client sends request.sent.url, request.headers() and request.body; then:
///     let ended = request.read(503, "");
///     let fate = outbox.fate(&entry, ended, Some("8"), NOON + 100, u32::MAX);
///     match &fate {
///         Fate::Later { due_ms, .. } => assert_eq!(*due_ms, NOON + 8_100), // a `Retry-After` goes first
///         fate => panic!("{fate:?}"),
///     }
///     outbox.settle(&entry, &fate)?;
/// }
/// assert_eq!(outbox.next()?, Some(NOON + 8_100)); // when to call `take` again
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Outbox<S> {
    store: S,
    options: OutboxOptions,
    holds: Holds,
    /// The sources that a user removed while this program ran.
    removed: HashSet<String>,
}

/// The entries whose turn has come, each leased to this program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// The entries to send now. They are of different threads, so they may be sent at once.
    pub due: Vec<Entry>,
    /// The entries that are older than [`OutboxOptions::keep_ms`] and whose source is held. Settle them with
    /// `Fate::Dropped(None)`.
    pub too_old: Vec<Entry>,
}

impl<S: OutboxStore> Outbox<S> {
    /// Makes an outbox over a store.
    pub fn new(store: S, options: OutboxOptions) -> Self {
        Self { store, options, holds: Holds::default(), removed: HashSet::new() }
    }

    /// Stores a message for each of the sources, all or none, and returns its uuid. The uuid is made from `random` if the
    /// message has none; a message whose uuid is stored already is left as it is. `sources` are your own names of them: where you
    /// keep their tokens, you keep these names.
    ///
    /// # Errors
    /// When this `Outbox` has settled a [`Fate::SourceRemoved`] for one of the sources, the outbox is full, or the store failed.
    /// Then nothing is stored.
    pub fn post<M: Message>(
        &mut self,
        sources: &[&str],
        message: &Valid<M>,
        random: [u8; 16],
        now_ms: u64,
    ) -> Result<String, OutboxError<S::Error>> {
        self.put(sources, Prepared::new(message, random), now_ms)
    }

    /// Checks any value that serialises, and stores it like [`post`](Self::post).
    ///
    /// # Errors
    /// As with [`post`](Self::post), and when the message breaks a rule or has a `flow_token` of its own.
    pub fn post_value<T: Serialize + ?Sized>(
        &mut self,
        sources: &[&str],
        message: &T,
        checked: Options,
        random: [u8; 16],
        now_ms: u64,
    ) -> Result<String, OutboxError<S::Error>> {
        let prepared = Prepared::of_value(message, checked, random).map_err(OutboxError::InvalidMessage)?;
        self.put(sources, prepared.ok_or(OutboxError::OwnFlowToken)?, now_ms)
    }

    fn put(&mut self, sources: &[&str], message: Prepared, now_ms: u64) -> Result<String, OutboxError<S::Error>> {
        if let Some(removed) = sources.iter().find(|source| self.removed.contains(**source)) {
            return Err(OutboxError::SourceRemoved((*removed).to_owned()));
        }
        let entries: Vec<_> = sources.iter().map(|source| NewEntry::new(source, &message, now_ms)).collect();
        let OutboxOptions { max_entries, max_bytes, .. } = self.options;
        let waiting = self.store.size(None).map_err(OutboxError::Store)?;
        let entries_then = waiting.entries.saturating_add(entries.len() as u64);
        let bytes_then = entries.iter().fold(waiting.bytes, |sum, entry| sum.saturating_add(entry.body.len() as u64));
        if entries_then > max_entries || bytes_then > max_bytes {
            return Err(OutboxError::Full { max_entries, max_bytes });
        }
        self.store.put(&entries).map_err(OutboxError::Store)?;
        Ok(message.uuid)
    }

    /// Takes at most `max` entries that are due, those that are too old among them. Send each, ask for its
    /// [`fate`](Self::fate), and [`settle`](Self::settle) it, in any order. Then call this again, until it returns nothing. An
    /// entry that is not settled is due again when its lease ends.
    ///
    /// # Errors
    /// When the store failed.
    pub fn take(&mut self, now_ms: u64, max: usize) -> Result<Taken, S::Error> {
        loop {
            let entries = self.lease(now_ms, max)?;
            let is_empty = entries.is_empty();
            let mut taken = Taken::default();
            for entry in entries {
                match self.holds.until_ms(&entry.source, now_ms, &self.options) {
                    None => taken.due.push(entry),
                    Some(_) if self.options.is_too_old(&entry, now_ms) => taken.too_old.push(entry),
                    // It was posted after the source was held.
                    Some(until_ms) => self.store.settle(&entry, Some(until_ms))?,
                }
            }
            if is_empty || taken != Taken::default() {
                return Ok(taken);
            }
        }
    }

    fn lease(&mut self, now_ms: u64, max: usize) -> Result<Vec<Entry>, S::Error> {
        let OutboxOptions { keep_ms, lease_ms, .. } = self.options;
        let until_ms = now_ms.saturating_add(lease_ms);
        let entries = self.store.take(now_ms, until_ms, max)?;
        if !entries.is_empty() {
            return Ok(entries);
        }
        match self.store.next()? {
            // No wait and no lease is that long, so somebody has set the clock back. The entry is due now.
            Some(next_ms) if next_ms > now_ms.saturating_add(keep_ms.max(lease_ms)) => {
                self.store.take(next_ms, until_ms, max)
            }
            _ => Ok(entries),
        }
    }

    /// Decides what becomes of an entry after its request has ended. `retry_after` is the header of the answer. `random` makes
    /// the back-off differ; all its values must be equally likely. Tell whom it concerns, and then call
    /// [`settle`](Self::settle): if the program ends in between, the entry is sent once more, and nobody is left uninformed.
    ///
    /// | the request ended with | what becomes of the entry |
    /// |---|---|
    /// | a result | [`Fate::Delivered`] |
    /// | an error that is [retryable](PostError::retryable) | [`Fate::Later`]: after the `Retry-After`, or after a back-off by its attempts |
    /// | `aborted` | [`Fate::Later`], and due at once |
    /// | `source_removed` | [`Fate::SourceRemoved`] |
    /// | `invalid_message`, `too_large`, `rejected` | [`Fate::Refused`] |
    /// | any other error, such as `unauthorized` or `not_found` | [`Fate::Held`]: all entries of the source wait |
    /// | an error after which it would wait, and it is older than [`keep_ms`](OutboxOptions::keep_ms) | [`Fate::Dropped`] |
    ///
    /// If your program does not know the source of an entry, leave the entry as it is: it is due again when its lease ends, and another
    /// program with the same store may know the source. [`remove_source`](Self::remove_source) gives all its entries up.
    ///
    /// `maybe_duplicate` is true for an entry that was taken before. If the answer has the header
    /// `Flowdock-Deduplicates: uuid`, call [`PostResult::deduplicated`] on the result of [`Fate::Delivered`].
    pub fn fate(
        &mut self,
        entry: &Entry,
        ended: Result<PostResult, PostError>,
        retry_after: Option<&str>,
        now_ms: u64,
        random: u32,
    ) -> Fate {
        self.holds.fate(entry, ended, retry_after, now_ms, random, &self.options)
    }

    /// Does with an entry what its fate says, and ends its lease. An entry that was taken again since then is left as it is.
    ///
    /// # Errors
    /// When the store failed. The entry is due again when its lease ends.
    pub fn settle(&mut self, entry: &Entry, fate: &Fate) -> Result<(), S::Error> {
        match fate {
            Fate::Delivered(_) | Fate::Refused(_) | Fate::Dropped(_) => self.store.settle(entry, None),
            Fate::Later { due_ms, .. } => self.store.settle(entry, Some(*due_ms)),
            Fate::Held { due_ms, .. } => {
                self.store.settle(entry, Some(*due_ms))?;
                self.store.hold_source(&entry.source, *due_ms)
            }
            Fate::SourceRemoved(_) => {
                self.removed.insert(entry.source.clone());
                self.store.remove_source(&entry.source)
            }
        }
    }

    /// Removes every entry of a source. What is posted for it later is stored again.
    ///
    /// # Errors
    /// When the store failed.
    pub fn remove_source(&mut self, source: &str) -> Result<(), S::Error> {
        self.store.remove_source(source)
    }

    /// Returns when to call [`take`](Self::take) again, in milliseconds since 1970, or `None` if nothing is left. The time may have
    /// passed.
    ///
    /// # Errors
    /// When the store failed.
    pub fn next(&self) -> Result<Option<u64>, S::Error> {
        self.store.next()
    }

    /// Returns the number of entries of a source, or of all sources.
    ///
    /// # Errors
    /// When the store failed.
    pub fn count(&self, source: Option<&str>) -> Result<u64, S::Error> {
        Ok(self.store.size(source)?.entries)
    }

    /// Returns the store.
    pub fn into_store(self) -> S {
        self.store
    }
}
