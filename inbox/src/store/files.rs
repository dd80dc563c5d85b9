//! Stores and reads the files that came with messages.

use rusqlite::{OptionalExtension, Transaction, params};

use super::{Database, FlowKey, StoreError};

/// A file of a message that is about to be stored.
#[derive(Debug)]
pub struct NewFile {
    /// The id by which the message's body can show the file.
    pub content_id: Option<String>,
    /// The file's name, without folders.
    pub name: String,
    /// The media type that the poster gave.
    pub content_type: String,
    /// All bytes of the file.
    pub content: Vec<u8>,
}

/// A stored file.
#[derive(Debug)]
pub struct File {
    /// The file's name, without folders.
    pub name: String,
    /// The media type that the poster gave.
    pub content_type: String,
    /// All bytes of the file.
    pub content: Vec<u8>,
}

/// Stores the files of a message, each under its own id. The message must be stored already.
pub(super) fn add(
    transaction: &Transaction<'_>,
    flow: FlowKey,
    message: i64,
    files: &[(String, NewFile)],
) -> Result<(), StoreError> {
    for (id, file) in files {
        transaction
            .prepare_cached(
                "INSERT INTO files (id, flow, message, name, content_type, content) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![id, flow, message, file.name, file.content_type, file.content])?;
    }
    Ok(())
}

/// Finds a file of the flow by its id.
pub fn get(database: &Database, flow: FlowKey, id: &str) -> Result<Option<File>, StoreError> {
    let mut statement = database
        .connection
        .prepare_cached("SELECT name, content_type, content FROM files WHERE flow = ?1 AND id = ?2")?;
    let file =
        |row: &rusqlite::Row<'_>| Ok(File { name: row.get(0)?, content_type: row.get(1)?, content: row.get(2)? });
    Ok(statement.query_row(params![flow, id], file).optional()?)
}
