//! The tables of threads and of their states.

use rusqlite::types::ToSql;
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};
use serde_json::Map;

use super::applications::OWN;
use super::database::Database;
use super::messages;
use crate::domain::posting::{ThreadEffect, ThreadKey};
use crate::domain::thread::{self, Offer, ThreadApplication};
use crate::domain::{FlowKey, Thread};
use crate::store::slice::Slice;
use crate::store::{StoreError, page, select};

/// A thread's row, its newest state, and its application.
const TABLES: &str = "
    threads
    JOIN thread_states ON thread_states.thread = threads.id AND thread_states.version = threads.state_version
    JOIN sources ON sources.key = threads.source
    JOIN applications ON applications.key = sources.application";

fn from_row(row: &Row<'_>) -> rusqlite::Result<Thread> {
    Ok(Thread {
        id: row.get(0)?,
        state: row.get(1)?,
        version: row.get(2)?,
        application: match row.get(3)? {
            OWN => None,
            id => Some(ThreadApplication { id, name: row.get(4)?, icon_url: row.get(5)? }),
        },
        activities: row.get(6)?,
        internal_comments: row.get(7)?,
        external_comments: row.get(8)?,
        created_ms: row.get(9)?,
        updated_ms: row.get(10)?,
    })
}

fn one(connection: &Connection, condition: &str, params: &[&dyn ToSql]) -> Result<Option<Thread>, StoreError> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {} FROM {TABLES} WHERE {condition}", select::THREAD))?;
    Ok(statement.query_and_then(params, from_row)?.next().transpose()?)
}

/// Finds a thread of the flow by its id.
pub fn by_id(database: &Database, flow: FlowKey, id: &str) -> Result<Option<Thread>, StoreError> {
    by_id_in(&database.connection, flow, id)
}

/// Finds a thread of the flow by its id, in a transaction.
pub(super) fn by_id_in(connection: &Connection, flow: FlowKey, id: &str) -> Result<Option<Thread>, StoreError> {
    one(connection, "threads.flow = ?1 AND threads.id = ?2 AND threads.removed_at IS NULL", &[&flow, &id])
}

/// The threads with these ids, in this order, until a page is full, as JSON, each with its newest message if `with_message`. The
/// number says how many ids were looked at.
pub fn page(
    database: &Database,
    flow: FlowKey,
    ids: &[String],
    with_message: bool,
) -> Result<(Vec<String>, usize), StoreError> {
    page::read(ids, |id| {
        let Some(thread) = by_id(database, flow, id)? else { return Ok(None) };
        if !with_message {
            return Ok(Some(thread.json()));
        }
        let last_message_id = database
            .connection
            .prepare_cached("SELECT last_message_id FROM threads WHERE id = ?1")?
            .query_row([id], |row| row.get(0))?;
        let message = messages::last_of_thread(database, id)?;
        Ok(Some(thread.json_with(message.as_deref(), last_message_id)))
    })
}

/// A thread of the flow, with the source that set its state.
pub fn offer(database: &Database, flow: FlowKey, id: &str) -> Result<Option<Offer>, StoreError> {
    let Some(thread) = by_id(database, flow, id)? else { return Ok(None) };
    let source = database
        .connection
        .prepare_cached("SELECT state_source FROM threads WHERE id = ?1")?
        .query_row([id], |row| row.get(0))?;
    Ok(Some(Offer { thread, source }))
}

/// Finds the thread of a message: by its own id in the flow, otherwise by the external thread id of the source.
pub(super) fn by_key(
    connection: &Connection,
    flow: FlowKey,
    source: i64,
    key: &ThreadKey<'_>,
) -> Result<Option<Thread>, StoreError> {
    if let Some(id) = key.thread_id {
        let found = by_id_in(connection, flow, id)?;
        if found.is_some() {
            return Ok(found);
        }
    }
    let Some(external_id) = key.external_thread_id else { return Ok(None) };
    one(connection, "threads.source = ?1 AND threads.external_thread_id = ?2", &[&source, &external_id])
}

/// Stores what a message of this source did to its thread.
pub(super) fn write(
    connection: &Connection,
    flow: FlowKey,
    source: i64,
    posted: &ThreadEffect,
    message: i64,
) -> Result<(), StoreError> {
    let thread = &posted.thread;
    if posted.is_new {
        // The column `state` is unused since version 5, and must not be null.
        connection
            .prepare_cached(
                "INSERT INTO threads (id, flow, source, external_thread_id, state, last_message_id, created_at, updated_at)
                 VALUES (?1, ?2, ?3, ?4, '', ?5, ?6, ?6)",
            )?
            .execute(params![
                thread.id,
                flow,
                source,
                posted.external_thread_id,
                message,
                thread.created_ms
            ])?;
    }
    if posted.is_changed {
        write_state(connection, &thread.id, thread.version, &thread.state)?;
    }
    connection
        .prepare_cached(
            "UPDATE threads SET
                state_version = :version,
                state_source = iif(:described, :source, state_source),
                status_color = iif(:described, :color, status_color),
                activities = :activities,
                internal_comments = :internal,
                external_comments = :external,
                last_message_id = :message,
                updated_at = :updated
             WHERE id = :id",
        )?
        .execute(named_params! {
            ":id": thread.id,
            ":version": thread.version,
            ":described": posted.is_described,
            ":color": posted.status_color,
            ":source": source,
            ":activities": thread.activities,
            ":internal": thread.internal_comments,
            ":external": thread.external_comments,
            ":message": message,
            ":updated": thread.updated_ms,
        })?;
    Ok(())
}

fn write_state(connection: &Connection, thread: &str, version: i64, state: &str) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT INTO thread_states (thread, version, state) VALUES (?1, ?2, ?3)")?
        .execute(params![thread, version, state])?;
    Ok(())
}

/// Takes a message out of its thread: the thread counts it no more, and a state that only this message showed is removed.
/// The message itself is deleted already.
///
/// The time and the last message of the thread stay, so that its place in the lists stays too.
pub(super) fn forget_message(
    connection: &Connection,
    thread: &str,
    message: i64,
    event: &str,
    state_version: Option<i64>,
) -> Result<(), StoreError> {
    // Which event counts as what: `domain::posting`.
    let newest_version: Option<i64> = connection
        .prepare_cached(
            "UPDATE threads SET
                activities = activities - (?2 = 'activity'),
                external_comments = external_comments - (?2 = 'discussion'),
                internal_comments = internal_comments - (?2 NOT IN ('activity', 'discussion'))
             WHERE id = ?1 RETURNING state_version",
        )?
        .query_row([thread, event], |row| row.get(0))
        .optional()?;
    if state_version.is_none() || state_version == newest_version {
        return Ok(());
    }
    // Versions rise with the ids of the messages. So the messages that show a version are next to each other.
    connection
        .prepare_cached(
            "DELETE FROM thread_states WHERE thread = ?1 AND version = ?2
                AND version IS NOT (SELECT state_version FROM messages INDEXED BY messages_by_thread
                    WHERE thread = ?1 AND id < ?3 ORDER BY id DESC LIMIT 1)
                AND version IS NOT (SELECT state_version FROM messages INDEXED BY messages_by_thread
                    WHERE thread = ?1 AND id > ?3 ORDER BY id LIMIT 1)",
        )?
        .execute(params![thread, state_version, message])?;
    Ok(())
}

/// Takes the title from a thread that the inbox made for a comment, if this message, which is deleted already, was its first:
/// the title was the text of the message. Returns whether the thread had such a title.
pub(super) fn forget_title(connection: &Connection, thread: &str, message: i64) -> Result<bool, StoreError> {
    let changed = connection
        .prepare_cached(
            "UPDATE thread_states SET state = ?3 WHERE thread = ?1 AND state <> ?3
                AND ?4 = (SELECT application FROM sources JOIN threads ON threads.source = sources.key
                    WHERE threads.id = ?1)
                AND NOT EXISTS (SELECT 1 FROM messages INDEXED BY messages_by_thread WHERE thread = ?1 AND id < ?2)",
        )?
        .execute(params![thread, message, thread::state_of(&Map::new()), OWN])?;
    Ok(changed > 0)
}

/// Removes a thread without messages, with its states.
pub(super) fn remove(connection: &Connection, thread: &str, slice: &mut Slice) -> Result<(), StoreError> {
    let size = connection
        .prepare_cached("SELECT coalesce(sum(octet_length(state)), 0) FROM thread_states WHERE thread = ?1")?
        .query_row([thread], |row| row.get(0))?;
    let states = connection.prepare_cached("DELETE FROM thread_states WHERE thread = ?1")?.execute([thread])?;
    let row = connection.prepare_cached("DELETE FROM threads WHERE id = ?1")?.execute([thread])?;
    slice.count(states + row, size);
    Ok(())
}

/// Moves the states of the threads of version 4 into their own table.
pub(super) fn move_states(transaction: &Connection) -> Result<(), StoreError> {
    let mut threads = transaction.prepare("SELECT id, state FROM threads")?;
    let mut rows = threads.query([])?;
    while let Some(row) = rows.next()? {
        let (id, state): (String, String) = (row.get(0)?, row.get(1)?);
        write_state(transaction, &id, 1, &thread::state_of(&serde_json::from_str(&state)?))?;
    }
    transaction.execute("UPDATE threads SET state = ''", [])?;
    Ok(())
}
