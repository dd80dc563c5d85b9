//! The tables of files and of their contents.
//!
//! A content is stored in chunks, each in a transaction of its own. So other posts are stored between the chunks of a
//! large file, and a reader gets a file piece by piece. A file of an inbox before version 5 is one chunk.

use rusqlite::{Connection, OptionalExtension, params};

use super::database::Database;
use crate::domain::{File, FlowKey, NewFile};
use crate::secret;
use crate::store::StoreError;
use crate::store::slice::Slice;

/// Creates the id of a file. Only a reader of its flow learns it.
pub fn new_id() -> Result<String, StoreError> {
    Ok(secret::random_hex()?)
}

/// Stores a chunk of a file whose message is not stored yet.
pub fn add_chunk(database: &Database, file: &str, number: usize, content: &[u8]) -> Result<(), StoreError> {
    let mut statement =
        database.connection.prepare_cached("INSERT INTO file_chunks (file, number, content) VALUES (?1, ?2, ?3)")?;
    statement.execute(params![file, number as i64, content])?;
    Ok(())
}

/// Removes the chunks of files that no message gets.
pub fn discard(connection: &Connection, files: &[String]) -> Result<(), StoreError> {
    for file in files {
        connection.execute("DELETE FROM file_chunks WHERE file = ?1", [file])?;
    }
    Ok(())
}

/// Stores the files of a message, whose chunks are stored already. So is the message.
pub(super) fn add(
    connection: &Connection,
    flow: FlowKey,
    message: i64,
    files: &[NewFile],
    ids: &[String],
) -> Result<(), StoreError> {
    for (file, id) in files.iter().zip(ids) {
        connection
            .prepare_cached("INSERT INTO files (id, flow, message, name, content_type) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![id, flow, message, file.name, file.content_type])?;
    }
    Ok(())
}

/// Removes the files of a message with their contents.
pub(super) fn remove(
    connection: &Connection,
    flow: FlowKey,
    message: i64,
    slice: &mut Slice,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached("SELECT id FROM files WHERE flow = ?1 AND message = ?2")?;
    let ids = statement.query_map([flow, message], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
    for id in ids {
        let size = connection
            .prepare_cached("SELECT coalesce(sum(length(content)), 0) FROM file_chunks WHERE file = ?1")?
            .query_row([&id], |row| row.get(0))?;
        let chunks = connection.prepare_cached("DELETE FROM file_chunks WHERE file = ?1")?.execute([&id])?;
        let file = connection.prepare_cached("DELETE FROM files WHERE id = ?1")?.execute([&id])?;
        slice.count(chunks + file, size);
    }
    Ok(())
}

/// Finds a file of the flow by its id.
pub fn by_id(database: &Database, flow: FlowKey, id: &str) -> Result<Option<File>, StoreError> {
    let mut statement = database.connection.prepare_cached(
        "SELECT files.name, content_type FROM files JOIN flows ON flows.key = files.flow
         WHERE files.flow = ?1 AND files.id = ?2 AND flows.removed_at IS NULL",
    )?;
    let file = |row: &rusqlite::Row<'_>| Ok(File { name: row.get(0)?, content_type: row.get(1)? });
    Ok(statement.query_row(params![flow, id], file).optional()?)
}

/// A chunk of a file. `None` after the last one.
///
/// The file may have been removed since its first chunk was read. That is an error, so that nobody takes a part of a file
/// for the whole.
pub fn chunk(database: &Database, file: &str, number: usize) -> Result<Option<Vec<u8>>, StoreError> {
    let mut statement =
        database.connection.prepare_cached("SELECT content FROM file_chunks WHERE file = ?1 AND number = ?2")?;
    let chunk = statement.query_row(params![file, number as i64], |row| row.get(0)).optional()?;
    if chunk.is_none() && !database.connection.prepare_cached("SELECT 1 FROM files WHERE id = ?1")?.exists([file])? {
        return Err(StoreError::FileRemoved);
    }
    Ok(chunk)
}
