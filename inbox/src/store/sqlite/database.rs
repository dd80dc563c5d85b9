//! What the database threads work with.

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use crate::bell::Bell;
use crate::clock::Clock;
use crate::store::StoreError;

/// How many statements a connection keeps prepared: more than the store has, but for the many forms of filters.
const STATEMENTS: usize = 256;

/// The largest number of items in a page.
const PAGE_ITEMS: usize = 100;

/// The number of bytes after which a page ends. One item may exceed it, so that a page is never empty.
const PAGE_BYTES: usize = 256 * 1024;

/// Whether a page with this number of items and bytes is full.
pub fn is_full(items: usize, bytes: usize) -> bool {
    items >= PAGE_ITEMS || bytes >= PAGE_BYTES
}

/// Reads the JSON of items one after another, until a page is full. An item that is gone is skipped. Returns the page and
/// the number of keys that were looked at.
pub fn page<K>(
    keys: &[K],
    mut read: impl FnMut(&K) -> Result<Option<String>, StoreError>,
) -> Result<(Vec<String>, usize), StoreError> {
    let (mut page, mut bytes, mut seen) = (Vec::new(), 0, 0);
    for key in keys {
        if is_full(page.len(), bytes) {
            break;
        }
        if let Some(json) = read(key)? {
            bytes += json.len();
            page.push(json);
        }
        seen += 1;
    }
    Ok((page, seen))
}

/// The number of rows after which a transaction that deletes ends.
const SLICE_ROWS: usize = 1000;

/// The number of bytes after which a transaction that deletes ends.
const SLICE_BYTES: i64 = 4 * 1024 * 1024;

/// What a transaction has deleted so far. A slice that is full ends, so that posts do not wait for it long.
#[derive(Debug, Default)]
pub struct Slice {
    rows: usize,
    bytes: i64,
}

impl Slice {
    /// Counts rows that were deleted, and the size of what they held.
    pub fn count(&mut self, rows: usize, bytes: i64) {
        self.rows += rows;
        self.bytes += bytes;
    }

    /// Whether the transaction must end. The last item may exceed the limits, so that every slice deletes something.
    pub fn is_full(&self) -> bool {
        self.rows >= SLICE_ROWS || self.bytes >= SLICE_BYTES
    }

    /// How many more rows may be deleted.
    pub fn rows_left(&self) -> usize {
        SLICE_ROWS.saturating_sub(self.rows)
    }
}

/// What a closure on the database thread works with.
pub struct Database {
    /// The connection to the data file.
    pub connection: Connection,
    /// Wakes the streams.
    pub bell: Bell,
    /// Tells the time.
    pub clock: Clock,
    /// The time of the newest post in a thread, in milliseconds since 1970.
    newest_ms: i64,
}

impl Database {
    /// A database that is open.
    pub fn new(connection: Connection, bell: Bell, clock: Clock) -> rusqlite::Result<Database> {
        let newest_ms: Option<i64> = connection.query_row(
            "SELECT max((SELECT max(updated_at) FROM threads WHERE threads.flow = flows.key)) FROM flows",
            [],
            |row| row.get(0),
        )?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        // Otherwise SQLite plans a statement anew for new values, which costs more than the statement.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        Ok(Database { connection, bell, clock, newest_ms: newest_ms.unwrap_or_default() })
    }

    /// The time of a post that is stored now. It is never before that of an earlier post, even if somebody has set the clock
    /// back: lists by time and lists by id have the same order.
    pub fn post_ms(&mut self) -> i64 {
        self.newest_ms = self.newest_ms.max(self.clock.now_ms());
        self.newest_ms
    }
}
