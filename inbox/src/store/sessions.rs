//! Stores sessions. A session is a browser in which the owner has signed in.

use super::tokens::Hash;
use super::{Database, StoreError, tokens};

/// How long a session lasts, in seconds.
pub const SESSION_SECONDS: i64 = 12 * 60 * 60;

/// Creates a session and returns its token. The database stores only a hash of it.
pub fn create(database: &Database) -> Result<String, StoreError> {
    let token = tokens::random_hex()?;
    let now_ms = database.clock.now_ms();
    database.connection.execute("DELETE FROM sessions WHERE expires_at <= ?1", [now_ms])?;
    database.connection.execute(
        "INSERT INTO sessions (token_hash, expires_at) VALUES (?1, ?2)",
        rusqlite::params![tokens::hash(&token), now_ms + SESSION_SECONDS * 1000],
    )?;
    Ok(token)
}

/// Whether a session has this token and has not expired.
pub fn is_open(database: &Database, hash: Hash) -> Result<bool, StoreError> {
    let mut statement =
        database.connection.prepare_cached("SELECT 1 FROM sessions WHERE token_hash = ?1 AND expires_at > ?2")?;
    Ok(statement.exists(rusqlite::params![hash, database.clock.now_ms()])?)
}
