//! What an outbox keeps of a message for one source.

use crate::client::{Client, PostOptions, Prepared, Request};

/// A message for one source, before it is stored. An [`Outbox`](super::Outbox) makes it, and a store reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEntry {
    /// Your own name of the source. It is not the flow token, which is never stored.
    pub source: String,
    /// The message's uuid. It never changes, so the server recognises a repeat.
    pub uuid: String,
    /// The names of the lanes, at most two. An entry waits for every earlier one of its source that shares a lane.
    pub lanes: Vec<String>,
    /// The checked message as JSON text, with its uuid and without a flow token.
    pub body: String,
    /// When the message was posted, in milliseconds since 1970.
    pub at_ms: u64,
}

/// An entry that [`OutboxStore::take`](super::OutboxStore::take) has leased to this program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The number of the entry in its store. Later entries have higher numbers.
    pub seq: u64,
    /// Your own name of the source.
    pub source: String,
    /// The message's uuid.
    pub uuid: String,
    /// The checked message as JSON text, with its uuid and without a flow token.
    pub body: String,
    /// When the message was posted, in milliseconds since 1970.
    pub at_ms: u64,
    /// How often the entry was taken, this time included. With [`seq`](Self::seq) it names the lease.
    pub attempts: u32,
}

impl NewEntry {
    pub(super) fn new(source: &str, message: &Prepared, at_ms: u64) -> Self {
        let Prepared { uuid, lanes, body } = message.clone();
        Self { source: source.to_owned(), uuid, lanes, body, at_ms }
    }
}

impl Entry {
    /// Makes the request that posts the entry, with the token of `client`, the client of the entry's source.
    #[must_use]
    pub fn request(&self, client: &Client) -> Request {
        client.post_prepared(&self.body, PostOptions::default())
    }
}
