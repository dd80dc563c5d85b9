//! The table of sessions.

use tokio_postgres::Row;

use super::database::Database;
use crate::domain::session::{SESSION_MS, Session};
use crate::secret::{self, Hash};
use crate::store::StoreError;

const COLUMNS: &str = "key, browser, created_at, renewed_at, expires_at";

fn from_row(row: &Row) -> Result<Session, StoreError> {
    Ok(Session {
        id: row.try_get(0)?,
        browser: row.try_get(1)?,
        created_ms: row.try_get(2)?,
        renewed_ms: row.try_get(3)?,
        expires_ms: row.try_get(4)?,
    })
}

/// Begins a session. Returns its token, of which the database stores only a hash.
pub async fn create(database: &Database, browser: &str) -> Result<(Session, String), StoreError> {
    let (token, now_ms) = (secret::random_hex()?, database.clock.now_ms());
    database.execute("DELETE FROM sessions WHERE expires_at <= $1", &[&now_ms]).await?;
    let sql = format!(
        "INSERT INTO sessions (token_hash, browser, created_at, renewed_at, expires_at) VALUES ($1, $2, $3, $3, $4)
         RETURNING {COLUMNS}"
    );
    let hash = secret::hash(&token);
    let row = database.one(&sql, &[&hash.as_slice(), &browser, &now_ms, &(now_ms + SESSION_MS)]).await?;
    Ok((from_row(&row)?, token))
}

pub async fn renew(database: &Database, id: i64) -> Result<Option<Session>, StoreError> {
    let now_ms = database.clock.now_ms();
    let sql = format!(
        "UPDATE sessions SET renewed_at = $2, expires_at = $3 WHERE key = $1 AND expires_at > $2 RETURNING {COLUMNS}"
    );
    database.row(&sql, &[&id, &now_ms, &(now_ms + SESSION_MS)]).await?.as_ref().map(from_row).transpose()
}

/// Finds the session with this token, unless it has expired.
pub async fn by_token(database: &Database, hash: Hash) -> Result<Option<Session>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM sessions WHERE token_hash = $1 AND expires_at > $2");
    let found = database.row(&sql, &[&hash.as_slice(), &database.clock.now_ms()]).await?;
    found.as_ref().map(from_row).transpose()
}

pub async fn list(database: &Database) -> Result<Vec<Session>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM sessions WHERE expires_at > $1 ORDER BY key");
    database.rows(&sql, &[&database.clock.now_ms()]).await?.iter().map(from_row).collect()
}

pub async fn end(database: &Database, id: i64) -> Result<bool, StoreError> {
    Ok(database.execute("DELETE FROM sessions WHERE key = $1", &[&id]).await? > 0)
}
