//! Stores, lists and finds messages.

use rusqlite::{OptionalExtension, Row, TransactionBehavior, named_params, params};
use serde_json::{Map, Value, json};

use super::files::{self, NewFile};
use super::{Database, FlowKey, Source, StoreError, threads, tokens};
use crate::shape::{self, MessageFacts};

/// How many messages a stream reads at once.
const STREAM_PAGE: u32 = 100;

/// Why a valid message was not stored.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// The message names a thread that the flow does not have.
    #[error("there is no such thread")]
    ThreadNotFound,
    /// The message would begin a thread, but does not describe the thread.
    #[error("the thread is new and not described")]
    ThreadMissing,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for PostError {
    fn from(error: rusqlite::Error) -> PostError {
        PostError::Store(error.into())
    }
}

/// A stored message, as readers get it.
#[derive(Debug)]
pub struct StoredMessage {
    /// The message's number in its flow.
    pub id: i64,
    /// The whole message as JSON.
    pub json: String,
}

/// From which end of the matching messages the list is taken. The list itself is always sorted from old to new.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Order {
    /// The list holds the latest messages.
    NewestFirst,
    /// The list holds the earliest messages.
    OldestFirst,
}

/// Which messages to list.
#[derive(Debug)]
pub struct MessageFilter {
    /// Only messages with one of these events.
    pub events: Option<Vec<String>>,
    /// Only messages with all of these tags, in any letter case.
    pub tags: Vec<String>,
    /// Only messages with a higher id.
    pub since_id: Option<i64>,
    /// Only messages with a lower id.
    pub until_id: Option<i64>,
    /// Only messages in this thread.
    pub thread_id: Option<String>,
    /// From which end of the matching messages the list is taken.
    pub order: Order,
    /// The largest number of messages in the list.
    pub limit: u32,
}

/// Stores a message and its files, updates its thread and rings the bell. Returns the stored message as JSON.
///
/// When this returns, the message is on the disk, so the client may get its answer.
pub fn add(
    database: &mut Database,
    source: &Source,
    posted: Map<String, Value>,
    files: Vec<NewFile>,
) -> Result<String, PostError> {
    let sent_ms = database.clock.now_ms();
    let transaction = database.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Uses a counter instead of the highest id in use, so that no id is ever given to two messages.
    let id: i64 = transaction
        .prepare_cached(
            "UPDATE flows SET last_message_id = last_message_id + 1 WHERE key = ?1 RETURNING last_message_id",
        )?
        .query_row([source.flow.key], |row| row.get(0))?;
    let thread = threads::update(&transaction, source, &posted, id, sent_ms)?;
    let files =
        files.into_iter().map(|file| Ok((tokens::random_hex()?, file))).collect::<Result<Vec<_>, StoreError>>()?;
    let attachments = files.iter().map(|(id, file)| shape::attachment(file, source.flow.key, id)).collect();
    let thread_id = thread.as_ref().map(|(id, _)| id.clone());
    let facts = MessageFacts { id, flow: &source.flow.id, thread, sent_ms, attachments };
    let message = shape::message(posted, facts);
    let json = message.to_string();
    transaction
        .prepare_cached("INSERT INTO messages (flow, id, thread, event, json) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![source.flow.key, id, thread_id, message["event"].as_str(), json])?;
    for tag in shape::tags(message.get("tags")) {
        transaction
            .prepare_cached("INSERT OR IGNORE INTO message_tags (flow, message, tag) VALUES (?1, ?2, ?3)")?
            .execute(params![source.flow.key, id, tag.to_lowercase()])?;
    }
    files::add(&transaction, source.flow.key, id, &files)?;
    transaction.commit()?;
    database.bell.ring();
    Ok(json)
}

/// Lists messages of the flow, from old to new.
pub fn list(database: &Database, flow: FlowKey, filter: &MessageFilter) -> Result<Vec<StoredMessage>, StoreError> {
    let direction = match filter.order {
        Order::NewestFirst => "DESC",
        Order::OldestFirst => "ASC",
    };
    // Events and tags are passed as JSON arrays, so that one statement works for any number of them.
    let sql = format!(
        "SELECT id, json FROM messages
         WHERE flow = :flow
           AND (:since IS NULL OR id > :since)
           AND (:until IS NULL OR id < :until)
           AND (:thread IS NULL OR thread = :thread)
           AND (:events IS NULL OR event IN (SELECT value FROM json_each(:events)))
           AND NOT EXISTS (
               SELECT 1 FROM json_each(:tags) AS wanted WHERE NOT EXISTS (
                   SELECT 1 FROM message_tags AS has
                   WHERE has.flow = messages.flow AND has.message = messages.id AND has.tag = wanted.value))
         ORDER BY id {direction} LIMIT :limit"
    );
    let tags: Vec<_> = filter.tags.iter().map(|tag| tag.to_lowercase()).collect();
    let mut statement = database.connection.prepare_cached(&sql)?;
    let found = statement.query_map(
        named_params! {
            ":flow": flow,
            ":since": filter.since_id,
            ":until": filter.until_id,
            ":thread": filter.thread_id,
            ":events": filter.events.as_ref().map(|events| json!(events).to_string()),
            ":tags": json!(tags).to_string(),
            ":limit": filter.limit,
        },
        from_row,
    )?;
    let mut messages = found.collect::<rusqlite::Result<Vec<_>>>()?;
    if filter.order == Order::NewestFirst {
        messages.reverse();
    }
    Ok(messages)
}

/// The next messages after this id, from old to new, at most `STREAM_PAGE`.
pub fn after(database: &Database, flow: FlowKey, id: i64) -> Result<Vec<StoredMessage>, StoreError> {
    let mut statement = database
        .connection
        .prepare_cached("SELECT id, json FROM messages WHERE flow = ?1 AND id > ?2 ORDER BY id LIMIT ?3")?;
    Ok(statement.query_map(params![flow, id, STREAM_PAGE], from_row)?.collect::<rusqlite::Result<_>>()?)
}

/// Finds a message of the flow by its id.
pub fn by_id(database: &Database, flow: FlowKey, id: i64) -> Result<Option<String>, StoreError> {
    let mut statement = database.connection.prepare_cached("SELECT json FROM messages WHERE flow = ?1 AND id = ?2")?;
    Ok(statement.query_row([flow, id], |row| row.get(0)).optional()?)
}

/// The id of the flow's last message; 0 if it has none yet.
pub fn last_id(database: &Database, flow: FlowKey) -> Result<i64, StoreError> {
    let mut statement = database.connection.prepare_cached("SELECT last_message_id FROM flows WHERE key = ?1")?;
    Ok(statement.query_row([flow], |row| row.get(0))?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<StoredMessage> {
    Ok(StoredMessage { id: row.get(0)?, json: row.get(1)? })
}
