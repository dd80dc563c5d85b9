//! Tests of the outbox: what it stores, what becomes of an entry, and what the stores keep.

mod fates;
mod in_memory;
mod post;
mod sqlite;
mod store;

use flowdock_integration::outbox::sqlite::SqliteStore;
use flowdock_integration::{ChatMessage, Valid};
use rusqlite::Connection;

/// The time at which the tests begin, in milliseconds since 1970: Friday, 20 November 2026, 12:00:00 GMT.
const NOON: u64 = 1_795_176_000_000;
const MINUTE: u64 = 60_000;
const TOKEN: &str = "be299b91fffe8e4124986b9b5b44dfc6";

/// A store in SQLite, in memory.
fn sqlite() -> SqliteStore {
    let connection = Connection::open_in_memory().unwrap();
    SqliteStore::create_tables(&connection).unwrap();
    SqliteStore::new(connection)
}

/// A chat message whose content is its uuid.
fn message(uuid: &str, thread: Option<&str>) -> Valid<ChatMessage> {
    let message = ChatMessage::builder().content(uuid).uuid(uuid);
    thread.into_iter().fold(message, |message, id| message.external_thread_id(id)).build().unwrap()
}
