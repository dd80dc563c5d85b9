//! The tables of files and of their contents.

use super::database::Database;
use crate::domain::{File, FlowKey};
use crate::store::StoreError;
use crate::store::slice::SLICE_ROWS;

/// After this time without its message, a chunk counts as abandoned: a day.
const ABANDONED_MS: i64 = 24 * 60 * 60 * 1000;

/// Stores a chunk of a file whose message is not stored yet.
pub async fn add_chunk(database: &Database, file: &str, number: usize, content: &[u8]) -> Result<(), StoreError> {
    let sql = "INSERT INTO file_chunks (file, number, content, stored_at) VALUES ($1, $2, $3, $4)";
    database.execute(sql, &[&file, &(number as i64), &content, &database.clock.now_ms()]).await.map(drop)
}

/// Removes the chunks of files that no message gets.
pub async fn discard(database: &Database, files: &[String]) -> Result<(), StoreError> {
    database.execute("DELETE FROM file_chunks WHERE file = ANY($1)", &[&files]).await.map(drop)
}

/// Looks at the next slice of chunks, which are those of files with a higher id than `after`. Removes those of files whose message
/// was never stored, because an inbox ended before that. Another inbox may be storing one now, so the newer ones stay.
///
/// Returns the highest id that it has seen; `None` if there are no more chunks. Each statement reads one slice or deletes one file,
/// however many files there are.
pub async fn discard_abandoned(database: &Database, after: &str) -> Result<Option<String>, StoreError> {
    // A join, because PostgreSQL may answer `NOT EXISTS` by reading all files.
    let sql = "SELECT file, stored_at < $2 AND files.id IS NULL
               FROM (SELECT file, stored_at FROM file_chunks WHERE file > $1 ORDER BY file, number LIMIT $3) AS slice
               LEFT JOIN files ON files.id = file ORDER BY file";
    let before_ms = database.clock.now_ms() - ABANDONED_MS;
    let mut last: Option<String> = None;
    for row in database.rows(sql, &[&after, &before_ms, &(SLICE_ROWS as i64)]).await? {
        let file: String = row.try_get(0)?;
        if row.try_get(1)? && last.as_ref() != Some(&file) {
            discard(database, std::slice::from_ref(&file)).await?;
        }
        last = Some(file);
    }
    Ok(last)
}

pub async fn by_id(database: &Database, flow: FlowKey, id: &str) -> Result<Option<File>, StoreError> {
    let sql = "SELECT files.name, content_type FROM files JOIN flows ON flows.key = files.flow
               WHERE files.flow = $1 AND files.id = $2 AND flows.removed_at IS NULL";
    let Some(row) = database.row(sql, &[&flow, &id]).await? else { return Ok(None) };
    Ok(Some(File { name: row.try_get(0)?, content_type: row.try_get(1)? }))
}

/// A chunk of a file. `None` after the last one.
///
/// The file may have been removed since its first chunk was read. That is an error, so that nobody takes a part of a file
/// for the whole.
pub async fn chunk(database: &Database, file: &str, number: usize) -> Result<Option<Vec<u8>>, StoreError> {
    let sql = "SELECT content FROM file_chunks WHERE file = $1 AND number = $2";
    if let Some(row) = database.row(sql, &[&file, &(number as i64)]).await? {
        return Ok(Some(row.try_get(0)?));
    }
    match database.row("SELECT 1 FROM files WHERE id = $1", &[&file]).await? {
        Some(_) => Ok(None),
        None => Err(StoreError::FileRemoved),
    }
}
