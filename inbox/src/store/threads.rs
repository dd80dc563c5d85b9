//! Threads. Each is one row with the newest state of the item that it describes.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params, params};
use serde_json::{Map, Value};

use super::messages::PostError;
use super::{Database, FlowKey, Source, StoreError, tokens};
use crate::shape;

/// The keys of a thread that only the server sets. A client's values for them are discarded.
const SERVER_SET: [&str; 7] =
    ["id", "source", "activities", "internal_comments", "external_comments", "created_at", "updated_at"];

/// The row of a thread, with the data of its application.
#[derive(Debug)]
pub struct Thread {
    /// The thread's id, which nobody can guess.
    pub id: String,
    /// The `thread` object of the last message that had one; empty if none had one.
    pub state: Map<String, Value>,
    /// The id of the application whose source began the thread.
    pub application_id: i64,
    /// The name of the application whose source began the thread.
    pub application_name: String,
    /// The URL of the icon of the application whose source began the thread.
    pub application_icon: Option<String>,
    /// The number of `activity` messages in the thread.
    pub activities: i64,
    /// The number of `message` messages in the thread.
    pub internal_comments: i64,
    /// The number of `discussion` messages in the thread.
    pub external_comments: i64,
    /// When the thread's first message came, in milliseconds since 1970.
    pub created_ms: i64,
    /// When the thread's last message came, in milliseconds since 1970.
    pub updated_ms: i64,
}

/// Which threads to list.
#[derive(Debug)]
pub struct ThreadFilter {
    /// Only threads that were updated after this time, in milliseconds since 1970.
    pub since_ms: Option<i64>,
    /// Only threads that were updated before this time, in milliseconds since 1970.
    pub until_ms: Option<i64>,
    /// The largest number of threads in the list.
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

/// Finds a thread of the flow by its id. Returns its JSON.
pub fn by_id(database: &Database, flow: FlowKey, id: &str) -> Result<Option<Value>, StoreError> {
    one(&database.connection, flow, id)
}

/// Lists threads of the flow. The thread that was updated last comes first.
///
/// Sorts by the ids of their last messages and not by time, because two threads can have the same time.
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

/// Finds or creates the thread of a message, and updates the thread by the message.
///
/// Returns the id and the JSON of the updated thread, or `None` for a message that names no thread.
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
    // Only a chat message gets here without a thread; the rules refuse the others. It belongs to the flow itself.
    if text("thread_id").is_none() && text("external_thread_id").is_none() {
        return Ok(None);
    }

    let id = match find(transaction, source, text("thread_id"), text("external_thread_id"))? {
        Some(id) => id,
        None => {
            // An unknown `thread_id` is an error, since only the inbox creates thread ids. An unknown
            // `external_thread_id` begins a new thread.
            let external_id = text("external_thread_id").ok_or(PostError::ThreadNotFound)?;
            // A chat message may begin a thread before the item is described. An activity or a discussion about an item
            // without a description is refused.
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

/// Finds the id of an existing thread: by its own id in the flow, otherwise by the source's external thread id.
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
