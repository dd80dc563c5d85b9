//! An open database: its connection, and what its jobs need beside it.

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use crate::bell::Bell;
use crate::clock::Clock;
use crate::domain::message;

/// How many statements a connection keeps prepared: more than the store has, but for the many forms of filters.
const STATEMENTS: usize = 256;

/// What a job of a database thread works with.
pub struct Database {
    /// The connection to the data file.
    pub connection: Connection,
    /// Wakes the streams.
    pub bell: Bell,
    /// Tells the time.
    pub clock: Clock,
    /// The latest time given to a post, in milliseconds since 1970.
    newest_ms: i64,
}

impl Database {
    /// A database that is open.
    pub fn new(connection: Connection, bell: Bell, clock: Clock) -> rusqlite::Result<Database> {
        let newest_ms = newest_ms(&connection)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        // Otherwise SQLite plans a statement anew for new values, which costs more than the statement.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        Ok(Database { connection, bell, clock, newest_ms })
    }

    /// The time of a post that is stored now. It is never before that of an earlier post, even if somebody sets the clock back:
    /// lists by time and lists by id have the same order.
    pub fn post_ms(&mut self) -> i64 {
        self.newest_ms = self.newest_ms.max(self.clock.now_ms());
        self.newest_ms
    }
}

/// The time of the newest post, in milliseconds since 1970: that of the thread that was updated last, or of a message outside
/// any thread.
fn newest_ms(connection: &Connection) -> rusqlite::Result<i64> {
    let mut statement = connection.prepare(
        "SELECT coalesce((SELECT max(updated_at) FROM threads WHERE threads.flow = flows.key), 0),
                (SELECT json FROM messages WHERE messages.flow = flows.key ORDER BY id DESC LIMIT 1)
         FROM flows",
    )?;
    let mut rows = statement.query([])?;
    let mut newest_ms = 0;
    while let Some(row) = rows.next()? {
        let last: Option<String> = row.get(1)?;
        let sent_ms = last.and_then(|json| message::sent_ms(&json).ok());
        newest_ms = newest_ms.max(row.get(0)?).max(sent_ms.unwrap_or_default());
    }
    Ok(newest_ms)
}
