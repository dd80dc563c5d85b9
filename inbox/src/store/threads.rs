//! Threads: one row each, with the newest state of the item that it stands for.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params, params};
use serde_json::{Map, Value};

use super::messages::PostError;
use super::{Database, FlowKey, Source, StoreError, tokens};
use crate::shape;

/// Keys of a thread that the server alone sets; what a client says of them is not kept.
const SERVER_SET: [&str; 7] =
    ["id", "source", "activities", "internal_comments", "external_comments", "created_at", "updated_at"];

/// A thread's row.
#[derive(Debug)]
pub struct Thread {
    /// Its id, unguessable.
    pub id: String,
    /// What was last said of the item; empty as long as nothing was.
    pub state: Map<String, Value>,
    /// The application of the source that began it.
    pub application_id: i64,
    /// The application's name.
    pub application_name: String,
    /// The application's picture.
    pub application_icon: Option<String>,
    /// How many `activity` messages it has.
    pub activities: i64,
    /// How many `message` messages.
    pub internal_comments: i64,
    /// How many `discussion` messages.
    pub external_comments: i64,
    /// When its first message came.
    pub created_ms: i64,
    /// When its last message came.
    pub updated_ms: i64,
}

/// Which threads to list.
#[derive(Debug)]
pub struct ThreadFilter {
    /// Updated after this.
    pub since_ms: Option<i64>,
    /// Updated before this.
    pub until_ms: Option<i64>,
    /// At most so many.
    pub limit: u32,
}

const SELECT: &str = "
    SELECT threads.id, threads.state, applications.key, applications.name, applications.icon, threads.activities,
           threads.internal_comments, threads.external_comments, threads.created_at, threads.updated_at
    FROM threads
    JOIN sources ON sources.key = threads.source
    JOIN applications ON applications.key = sources.application";

fn from_row(row: &Row<'_>) -> Result<Thread, StoreError> {
    Ok(Thread {
        id: row.get(0)?,
        state: serde_json::from_str(&row.get::<_, String>(1)?)?,
        application_id: row.get(2)?,
        application_name: row.get(3)?,
        application_icon: row.get(4)?,
        activities: row.get(5)?,
        internal_comments: row.get(6)?,
        external_comments: row.get(7)?,
        created_ms: row.get(8)?,
        updated_ms: row.get(9)?,
    })
}

/// The thread with this id, in its JSON shape.
pub fn by_id(database: &Database, flow: FlowKey, id: &str) -> Result<Option<Value>, StoreError> {
    one(&database.connection, flow, id)
}

/// Threads of the flow, the one that was updated last first.
///
/// The order is that of their last messages, not of the clock, which may tell two of them the same time.
pub fn list(database: &Database, flow: FlowKey, filter: &ThreadFilter) -> Result<Vec<Value>, StoreError> {
    let sql = format!(
        "{SELECT} WHERE threads.flow = :flow
         AND (:since IS NULL OR threads.updated_at > :since) AND (:until IS NULL OR threads.updated_at < :until)
         ORDER BY threads.last_message_id DESC LIMIT :limit"
    );
    let mut statement = database.connection.prepare_cached(&sql)?;
    statement
        .query_and_then(
            named_params! {
                ":flow": flow, ":since": filter.since_ms, ":until": filter.until_ms, ":limit": filter.limit
            },
            from_row,
        )?
        .map(|thread| thread.map(shape::thread))
        .collect()
}

/// Finds or makes the thread that a message belongs to and takes the message into account.
///
/// Returns the thread's id and the thread as it now is; none for a message that names no thread.
pub(super) fn update(
    transaction: &Transaction<'_>,
    source: &Source,
    message: &Map<String, Value>,
    message_id: i64,
    now_ms: i64,
) -> Result<Option<(String, Value)>, PostError> {
    let text = |key: &str| message.get(key).and_then(Value::as_str);
    let state = message.get("thread").and_then(Value::as_object).map(without_server_set);
    let event = text("event").unwrap_or_default();
    // The rules let a chat message alone do so: it stands in the flow itself.
    if text("thread_id").is_none() && text("external_thread_id").is_none() {
        return Ok(None);
    }

    let id = match find(transaction, source, text("thread_id"), text("external_thread_id"))? {
        Some(id) => id,
        None => {
            // An id of ours that we did not give out names nothing; one of theirs names a thread to be.
            let external_id = text("external_thread_id").ok_or(PostError::ThreadNotFound)?;
            // Chat may begin before the item is described; about an item of which nothing is known there is no news.
            if state.is_none() && event != "message" {
                return Err(PostError::ThreadMissing);
            }
            let id = tokens::random_thread_id()?;
            transaction.prepare_cached(
                "INSERT INTO threads (id, flow, source, external_thread_id, state, last_message_id, created_at, updated_at)
                 VALUES (?1, ?2, ?3, ?4, '{}', ?5, ?6, ?6)",
            )?
            .execute(params![id, source.flow.key, source.id, external_id, message_id, now_ms])?;
            id
        }
    };
    transaction
        .prepare_cached(
            "UPDATE threads SET
                state = coalesce(:state, state),
                activities = activities + (:event = 'activity'),
                external_comments = external_comments + (:event = 'discussion'),
                internal_comments = internal_comments + (:event = 'message'),
                last_message_id = :message,
                updated_at = :now
             WHERE id = :id",
        )?
        .execute(named_params! {
            ":state": state.map(|state| Value::Object(state).to_string()),
            ":event": event,
            ":message": message_id,
            ":now": now_ms,
            ":id": id,
        })?;
    let thread = one(transaction, source.flow.key, &id)?.ok_or(PostError::ThreadNotFound)?;
    Ok(Some((id, thread)))
}

/// The id of an existing thread: by its own id in the flow, else by the source's name for it.
fn find(
    transaction: &Transaction<'_>,
    source: &Source,
    thread_id: Option<&str>,
    external_id: Option<&str>,
) -> Result<Option<String>, StoreError> {
    let by_id = transaction
        .prepare_cached("SELECT id FROM threads WHERE flow = ?1 AND id = ?2")?
        .query_row(params![source.flow.key, thread_id], |row| row.get(0))
        .optional()?;
    if by_id.is_some() {
        return Ok(by_id);
    }
    Ok(transaction
        .prepare_cached("SELECT id FROM threads WHERE source = ?1 AND external_thread_id = ?2")?
        .query_row(params![source.id, external_id], |row| row.get(0))
        .optional()?)
}

fn one(connection: &Connection, flow: FlowKey, id: &str) -> Result<Option<Value>, StoreError> {
    let sql = format!("{SELECT} WHERE threads.flow = ?1 AND threads.id = ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    let mut threads = statement.query_and_then(params![flow, id], from_row)?;
    Ok(threads.next().transpose()?.map(shape::thread))
}

fn without_server_set(state: &Map<String, Value>) -> Map<String, Value> {
    let kept = state.iter().filter(|(key, _)| !SERVER_SET.contains(&key.as_str()));
    kept.map(|(key, value)| (key.clone(), value.clone())).collect()
}
