//! The PostgreSQL store: one database, which several inboxes may use at the same time.
//!
//! Posts are stored together (`poster`, `batch`); everything else is a statement or a transaction of its own. `store` begins
//! the transactions: a function that speaks of "the transaction" runs in one that its caller has begun.
//!
//! The lock on the row of a flow gives its messages their ids, so ids rise in the order of commits, and a client that reads "everything
//! after id n" misses nothing. `bell` tells other inboxes what happens here and hears what happens there.

mod applications;
mod batch;
mod batch_read;
mod batch_write;
mod bell;
pub mod copy;
mod database;
mod failure;
mod files;
mod flows;
mod grants;
mod messages;
mod outgoing;
mod pipeline;
mod poster;
mod removal;
mod schema;
mod sessions;
mod shared;
mod sources;
mod state;
mod statement;
mod store;
mod thread_counts;
mod thread_list;
mod threads;
mod tokens;
mod url;
mod words;

pub use failure::{is_temporary, text};
pub use store::{DatabaseError, Opened, Store};
pub use url::{DatabaseUrl, Listening};
