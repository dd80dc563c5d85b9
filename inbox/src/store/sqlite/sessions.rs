//! The table of sessions.

use rusqlite::params;

use super::database::Database;
use crate::domain::session::{SESSION_MS, Session};
use crate::secret::{self, Hash};
use crate::store::StoreError;

/// Begins a session. Returns its token, of which the database stores only a hash.
pub fn create(database: &Database, browser: &str) -> Result<(Session, String), StoreError> {
    let (token, now_ms) = (secret::random_hex()?, database.clock.now_ms());
    let expires_ms = now_ms + SESSION_MS;
    database.connection.execute("DELETE FROM sessions WHERE expires_at <= ?1", [now_ms])?;
    database.connection.execute(
        "INSERT INTO sessions (token_hash, browser, created_at, renewed_at, expires_at) VALUES (?1, ?2, ?3, ?3, ?4)",
        params![secret::hash(&token), browser, now_ms, expires_ms],
    )?;
    let id = database.connection.last_insert_rowid();
    let session = Session { id, browser: browser.to_owned(), created_ms: now_ms, renewed_ms: now_ms, expires_ms };
    Ok((session, token))
}

/// Lets a session last for its whole time again. `None` if it has ended.
pub fn renew(database: &Database, id: i64) -> Result<Option<Session>, StoreError> {
    let now_ms = database.clock.now_ms();
    let sql = format!(
        "UPDATE sessions SET renewed_at = ?2, expires_at = ?3 WHERE key = ?1 AND expires_at > ?2 RETURNING {COLUMNS}"
    );
    let mut statement = database.connection.prepare_cached(&sql)?;
    Ok(statement.query_and_then(params![id, now_ms, now_ms + SESSION_MS], from_row)?.next().transpose()?)
}

/// Finds the session with this token, unless it has expired.
pub fn by_token(database: &Database, hash: Hash) -> Result<Option<Session>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM sessions WHERE token_hash = ?1 AND expires_at > ?2");
    let mut statement = database.connection.prepare_cached(&sql)?;
    Ok(statement.query_and_then(params![hash, database.clock.now_ms()], from_row)?.next().transpose()?)
}

/// Lists the sessions that have not expired.
pub fn list(database: &Database) -> Result<Vec<Session>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM sessions WHERE expires_at > ?1 ORDER BY key");
    let mut statement = database.connection.prepare_cached(&sql)?;
    Ok(statement.query_and_then([database.clock.now_ms()], from_row)?.collect::<rusqlite::Result<_>>()?)
}

/// Ends a session. Returns whether there was one.
pub fn end(database: &Database, id: i64) -> Result<bool, StoreError> {
    let ended = database.connection.execute("DELETE FROM sessions WHERE key = ?1", [id])?;
    database.bell.announce_end_of_access();
    Ok(ended > 0)
}

const COLUMNS: &str = "key, browser, created_at, renewed_at, expires_at";

fn from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Session> {
    Ok(Session {
        id: row.get(0)?,
        browser: row.get(1)?,
        created_ms: row.get(2)?,
        renewed_ms: row.get(3)?,
        expires_ms: row.get(4)?,
    })
}
