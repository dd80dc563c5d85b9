//! Why an outbox did not store a message.

use std::fmt;

use crate::validate::InvalidMessage;

/// Why a message was not stored. `E` is the error of the store.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum OutboxError<E> {
    /// The message breaks a rule; the report says which.
    InvalidMessage(InvalidMessage),
    /// The message has a `flow_token` of its own. An outbox stores no token: name the source instead.
    OwnFlowToken,
    /// A user removed this source: delete what you stored for it.
    SourceRemoved(String),
    /// The store would hold more than the [options](super::OutboxOptions) allow.
    Full {
        /// The largest number of entries.
        max_entries: u64,
        /// The largest sum of the lengths of their bodies, in bytes.
        max_bytes: u64,
    },
    /// The store failed, for example because the disk is full.
    Store(E),
}

impl<E: fmt::Display> fmt::Display for OutboxError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidMessage(error) => error.fmt(f),
            Self::OwnFlowToken => {
                f.write_str("the message has a flow token of its own, which an outbox does not store")
            }
            Self::SourceRemoved(source) => write!(f, "a user removed the source {source}"),
            Self::Full { max_entries, max_bytes } => {
                write!(f, "the outbox is full: it may hold {max_entries} entries and {max_bytes} bytes")
            }
            Self::Store(error) => write!(f, "the store of the outbox failed: {error}"),
        }
    }
}

impl<E: std::error::Error + 'static> std::error::Error for OutboxError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::InvalidMessage(error) => Some(error),
            Self::Store(error) => Some(error),
            _ => None,
        }
    }
}
