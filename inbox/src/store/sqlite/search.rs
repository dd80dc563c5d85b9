//! The index of the full text search.
//!
//! The row id of a message is the key of its flow, shifted by `MESSAGE_BITS`, plus the id of the message. So the messages of a
//! flow are a range of row ids, in their order, and the row of a removed message is found without a table.

use rusqlite::types::ToSql;
use rusqlite::{Connection, params};

use crate::domain::{FlowKey, search};
use crate::store::StoreError;

/// How many bits of a row id are the id of the message.
const MESSAGE_BITS: u32 = 40;

/// The largest id of a message that a row id can have.
pub(super) const MAX_MESSAGE_ID: i64 = (1 << MESSAGE_BITS) - 1;

/// The row id before that of the first message of a flow.
pub(super) fn base(flow: FlowKey) -> i64 {
    flow << MESSAGE_BITS
}

/// Adds a message to the index, in the transaction that stores it. Replaces what the index has of it.
pub(super) fn add(connection: &Connection, flow: FlowKey, message: i64, text: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO message_words (rowid, words) VALUES (?1, ?2)")?
        .execute(params![base(flow) + message, text])?;
    Ok(())
}

/// Removes a message from the index.
pub(super) fn remove(connection: &Connection, flow: FlowKey, message: i64) -> rusqlite::Result<()> {
    connection.prepare_cached("DELETE FROM message_words WHERE rowid = ?1")?.execute([base(flow) + message])?;
    Ok(())
}

/// The query for messages that contain all of these words. In quotation marks, no part of a word is an operator. A word such
/// as `flux-capacitor` is a phrase.
pub(super) fn query(words: &[String]) -> String {
    let quoted = words.iter().map(|word| format!("\"{}\"", word.replace('\0', " ").replace('"', "\"\"")));
    quoted.collect::<Vec<_>>().join(" ")
}

/// Reads the messages, each with the state of its thread that it shows: both are needed for its words.
pub(super) const TEXTS: &str = "SELECT messages.flow, messages.id, messages.json, thread_states.state FROM messages
     LEFT JOIN thread_states
     ON thread_states.thread = messages.thread AND thread_states.version = messages.state_version";

/// Adds the messages of an older inbox to the index.
pub(super) fn add_all(connection: &Connection) -> Result<(), StoreError> {
    add_where(connection, "true", &[]).map(drop)
}

/// Adds the messages of a thread to the index again. Returns how many there are.
pub(super) fn add_thread(connection: &Connection, thread: &str) -> Result<usize, StoreError> {
    add_where(connection, "messages.thread = ?1", &[&thread])
}

fn add_where(connection: &Connection, condition: &str, params: &[&dyn ToSql]) -> Result<usize, StoreError> {
    let mut messages = connection.prepare(&format!("{TEXTS} WHERE {condition} ORDER BY messages.flow, messages.id"))?;
    let mut rows = messages.query(params)?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        let (json, state): (String, Option<String>) = (row.get(2)?, row.get(3)?);
        let stored = serde_json::from_str(&json)?;
        add(connection, row.get(0)?, row.get(1)?, &search::text_of(&stored, state.as_deref()))?;
        count += 1;
    }
    Ok(count)
}
