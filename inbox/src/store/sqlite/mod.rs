//! The SQLite store: one file, one thread that writes it, and threads that read beside it.
//!
//! SQLite is synchronous and writes one transaction at a time. Handlers send closures to the threads through channels and
//! await the result ([`Handle::read`], [`Handle::write`]). The writer runs its closures in the order of their
//! arrival, but for posts: those that wait are stored together (`posts`). Message ids rise in the order of commits, so a
//! client that reads "everything after id n" misses nothing.

pub mod applications;
pub mod backup;
pub mod copy;
pub mod data_file;
mod database;
pub mod files;
pub mod flows;
pub mod grants;
mod handle;
pub mod messages;
mod posts;
pub mod removal;
mod schema;
mod search;
pub mod sessions;
pub mod sources;
mod store;
pub mod thread_counts;
pub mod thread_list;
pub mod threads;
pub mod tokens;

pub use handle::DataFileGone;
pub use store::Store;
