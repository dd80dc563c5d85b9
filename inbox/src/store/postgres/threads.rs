//! The tables of threads and of their states.

use tokio_postgres::Row;

use super::applications::OWN;
use super::database::Database;
use super::messages;
use crate::domain::message::without_thread;
use crate::domain::thread::{Offer, ThreadApplication};
use crate::domain::{FlowKey, Thread};
use crate::store::StoreError;
use crate::store::page::{PAGE_BYTES, PAGE_ITEMS};
use crate::store::select::THREAD;

/// A thread's row, its newest state, and its application.
pub(super) const TABLES: &str = "
    threads
    JOIN thread_states ON thread_states.flow = threads.flow AND thread_states.thread = threads.id
        AND thread_states.version = threads.state_version
    JOIN sources ON sources.key = threads.source
    JOIN applications ON applications.key = sources.application";

/// Reads a thread from the first columns of a row.
pub(super) fn from_row(row: &Row) -> Result<Thread, StoreError> {
    Ok(Thread {
        id: row.try_get(0)?,
        state: row.try_get(1)?,
        version: row.try_get(2)?,
        application: match row.try_get(3)? {
            OWN => None,
            id => Some(ThreadApplication { id, name: row.try_get(4)?, icon_url: row.try_get(5)? }),
        },
        activities: row.try_get(6)?,
        internal_comments: row.try_get(7)?,
        external_comments: row.try_get(8)?,
        created_ms: row.try_get(9)?,
        updated_ms: row.try_get(10)?,
    })
}

pub async fn by_id(database: &Database, flow: FlowKey, id: &str) -> Result<Option<Thread>, StoreError> {
    let sql = format!(
        "SELECT {THREAD} FROM {TABLES} WHERE threads.flow = $1 AND threads.id = $2 AND threads.removed_at IS NULL"
    );
    database.row(&sql, &[&flow, &id]).await?.as_ref().map(from_row).transpose()
}

/// The threads with these ids, in this order, until a page is full, as JSON, each with its newest message if `with_message`. The
/// number says how many ids were looked at.
pub async fn page(
    database: &Database,
    flow: FlowKey,
    ids: &[String],
    with_message: bool,
) -> Result<(Vec<String>, usize), StoreError> {
    let ids = &ids[..ids.len().min(PAGE_ITEMS)];
    let message = if with_message {
        "(SELECT json FROM messages WHERE messages.flow = $1 AND messages.thread = wanted.id
          ORDER BY messages.id DESC LIMIT 1)"
    } else {
        "NULL::text"
    };
    let sql = format!(
        "SELECT * FROM (
             SELECT {THREAD}, threads.last_message_id, message.json, wanted.place,
                    octet_length(state) + coalesce(octet_length(message.json), 0),
                    sum(octet_length(state) + coalesce(octet_length(message.json), 0)) OVER (ORDER BY wanted.place)
             FROM unnest($2::text[]) WITH ORDINALITY AS wanted (id, place)
             CROSS JOIN LATERAL (SELECT {message} AS json) AS message
             JOIN ({TABLES}) ON threads.flow = $1 AND threads.id = wanted.id AND threads.removed_at IS NULL
         ) AS found (id, state, version, application, name, icon, activities, internal, external, created, updated,
                     last_message_id, json, place, size, bytes)
         WHERE bytes - size < $3 ORDER BY place"
    );
    let rows = database.rows(&sql, &[&flow, &ids, &(PAGE_BYTES as i64)]).await?;
    let mut page = Vec::new();
    for row in &rows {
        let thread = from_row(row)?;
        let (last_message_id, message): (i64, Option<&str>) = (row.try_get(11)?, row.try_get(12)?);
        page.push(if with_message {
            thread.json_with(message.map(without_thread).transpose()?.as_deref(), last_message_id)
        } else {
            thread.json()
        });
    }
    Ok((page, messages::looked_at(&rows, 13, ids.len())?))
}

/// A thread of the flow, with the source that set its state.
pub async fn offer(database: &Database, flow: FlowKey, id: &str) -> Result<Option<Offer>, StoreError> {
    let Some(thread) = by_id(database, flow, id).await? else { return Ok(None) };
    let sql = "SELECT state_source FROM threads WHERE flow = $1 AND id = $2";
    let Some(row) = database.row(sql, &[&flow, &id]).await? else { return Ok(None) };
    Ok(Some(Offer { thread, source: row.try_get(0)? }))
}
