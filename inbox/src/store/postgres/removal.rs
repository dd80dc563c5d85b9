//! Removes messages, threads and flows for good.
//!
//! A thread or a flow may have a million messages, and no post may wait for all of them. So a thread or a flow is marked first:
//! from then on nobody finds it. Then its rows are deleted in slices, each in a transaction of its own. A mark survives a crash,
//! and the next sweep of any inbox deletes what is left.
//!
//! Whoever changes messages or threads holds the lock on the row of their flow, as whoever posts does.

use serde_json::Map;

use super::applications::OWN;
use super::database::{Database, Values};
use super::words::Words;
use super::{flows, messages};
use crate::domain::flow::Refused;
use crate::domain::posting::REMEMBERED_MS;
use crate::domain::{FlowKey, search, thread};
use crate::secret;
use crate::store::slice::{SLICE_BYTES, SLICE_ROWS};
use crate::store::{FlowError, StoreError};

/// A thread or a flow that is marked as removed.
#[derive(Clone, Debug, PartialEq)]
pub enum Marked {
    /// The thread with this id, of this flow.
    Thread(FlowKey, String),
    /// The flow with this key.
    Flow(FlowKey),
}

/// How many messages one transaction deletes at most: each has a few rows beside its own.
const SLICE_MESSAGES: i64 = SLICE_ROWS as i64 / 5;

/// Locks the row of a flow until the end of the transaction.
async fn lock(database: &Database, flow: FlowKey) -> Result<(), StoreError> {
    database.row("SELECT 1 FROM flows WHERE key = $1 FOR NO KEY UPDATE", &[&flow]).await.map(drop)
}

/// Removes a message of the flow, in a transaction. Returns whether there was one.
pub async fn remove_message(database: &Database, flow: FlowKey, id: i64) -> Result<bool, StoreError> {
    lock(database, flow).await?;
    delete_messages(database, flow, &[id]).await
}

/// Deletes messages with everything that belongs to them alone. Returns whether there were any. No other function deletes messages.
///
/// Their rows in `posted` stay: a post that comes again must not bring a message back.
async fn delete_messages(database: &Database, flow: FlowKey, ids: &[i64]) -> Result<bool, StoreError> {
    let sql = "WITH of AS (DELETE FROM files WHERE flow = $1 AND message = ANY($2) RETURNING id)
               DELETE FROM file_chunks USING of WHERE file_chunks.file = of.id";
    database.execute(sql, &[&flow, &ids]).await?;
    for sql in [
        "DELETE FROM message_tags WHERE flow = $1 AND message = ANY($2)",
        "DELETE FROM message_words WHERE flow = $1 AND message = ANY($2)",
    ] {
        database.execute(sql, &[&flow, &ids]).await?;
    }
    let sql = "DELETE FROM messages WHERE flow = $1 AND id = ANY($2) RETURNING id, thread, event, state_version";
    let deleted = database.rows(sql, &[&flow, &ids]).await?;
    let (mut messages, mut threads, mut events, mut versions) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for row in &deleted {
        if let Some(thread) = row.try_get::<_, Option<String>>(1)? {
            messages.push(row.try_get::<_, i64>(0)?);
            threads.push(thread);
            events.push(row.try_get::<_, String>(2)?);
            versions.push(row.try_get::<_, Option<i64>>(3)?);
        }
    }
    if !threads.is_empty() {
        forget_messages(database, flow, &messages, &threads, &events, &versions).await?;
    }
    Ok(!deleted.is_empty())
}

/// Takes messages that are deleted already out of their threads, which count them no more. Deletes each state that only these messages
/// showed. Clears the title of a thread that the inbox made from the text of one of them.
///
/// The time and the last message of a thread stay, so that its position in the lists stays too.
async fn forget_messages(
    database: &Database,
    flow: FlowKey,
    messages: &[i64],
    threads: &[String],
    events: &[String],
    versions: &[Option<i64>],
) -> Result<(), StoreError> {
    // Which event counts as what: `domain::posting`.
    let sql = "UPDATE threads SET
                   activities = threads.activities - gone.activities,
                   external_comments = threads.external_comments - gone.external,
                   internal_comments = threads.internal_comments - gone.internal
               FROM (
                   SELECT thread, count(*) FILTER (WHERE event = 'activity') AS activities,
                          count(*) FILTER (WHERE event = 'discussion') AS external,
                          count(*) FILTER (WHERE event NOT IN ('activity', 'discussion')) AS internal
                   FROM unnest($2::text[], $3::text[]) AS gone (thread, event) GROUP BY thread) AS gone
               WHERE threads.flow = $1 AND threads.id = gone.thread";
    database.execute(sql, &[&flow, &threads, &events]).await?;
    // Versions rise with the ids of the messages. So the messages that show a version are next to each other.
    let sql = "DELETE FROM thread_states USING (
                   SELECT thread, version FROM unnest($2::bigint[], $3::text[], $4::bigint[]) AS gone (id, thread, version)
                   EXCEPT
                   SELECT gone.thread, gone.version
                   FROM unnest($2::bigint[], $3::text[], $4::bigint[]) AS gone (id, thread, version)
                   CROSS JOIN LATERAL (
                       (SELECT state_version FROM messages
                        WHERE flow = $1 AND thread = gone.thread AND id < gone.id ORDER BY id DESC LIMIT 1)
                       UNION ALL
                       (SELECT state_version FROM messages
                        WHERE flow = $1 AND thread = gone.thread AND id > gone.id ORDER BY id LIMIT 1)) AS beside
                   WHERE beside.state_version = gone.version
               ) AS unused
               WHERE thread_states.flow = $1 AND thread_states.thread = unused.thread
                 AND thread_states.version = unused.version
                 AND NOT EXISTS (SELECT 1 FROM threads
                     WHERE threads.flow = $1 AND threads.id = unused.thread AND state_version = unused.version)";
    database.execute(sql, &[&flow, &messages, &threads, &versions]).await?;
    // The inbox makes a thread for a comment. Its title is the text of its first message.
    let sql = "UPDATE thread_states SET state = $4
               FROM (SELECT thread, min(id) AS first FROM unnest($2::bigint[], $3::text[]) AS gone (id, thread)
                     GROUP BY thread) AS gone
               JOIN threads ON threads.flow = $1 AND threads.id = gone.thread
               JOIN sources ON sources.key = threads.source AND sources.application = $5
               WHERE thread_states.flow = $1 AND thread_states.thread = gone.thread AND state <> $4
                 AND NOT EXISTS (SELECT 1 FROM messages
                     WHERE flow = $1 AND messages.thread = gone.thread AND id < gone.first)
               RETURNING gone.thread";
    let untitled = thread::state_of(&Map::new());
    for row in database.rows(sql, &[&flow, &messages, &threads, &untitled, &OWN]).await? {
        find_words_again(database, flow, row.try_get(0)?).await?;
    }
    Ok(())
}

/// Finds the words of the messages of a thread again, since its title has changed.
async fn find_words_again(database: &Database, flow: FlowKey, thread: &str) -> Result<(), StoreError> {
    let sql = format!(
        "SELECT messages.id, json, state FROM {} WHERE messages.flow = $1 AND messages.thread = $2",
        messages::TABLES
    );
    for row in database.rows(&sql, &[&flow, &thread]).await? {
        let stored = serde_json::from_str(row.try_get(1)?)?;
        let words = Words::of(flow, &search::text_of(&stored, row.try_get(2)?));
        let sql = "UPDATE message_words SET words = $3 WHERE flow = $1 AND message = $2";
        database.execute(sql, &[&flow, &row.try_get::<_, i64>(0)?, &words]).await?;
    }
    Ok(())
}

/// Marks a thread of the flow as removed, in a transaction. Returns whether there was one.
///
/// From now on nobody finds the thread, and its source begins a new one with the same external thread id.
pub async fn mark_thread(database: &Database, flow: FlowKey, id: &str) -> Result<bool, StoreError> {
    lock(database, flow).await?;
    let sql = "UPDATE threads SET removed_at = $3, external_thread_id = NULL, external_hash = NULL
               WHERE flow = $1 AND id = $2 AND removed_at IS NULL";
    Ok(database.execute(sql, &[&flow, &id, &database.clock.now_ms()]).await? > 0)
}

/// Marks a flow as removed, and its sources with it, in a transaction. Returns whether there was one.
///
/// From now on nobody finds the flow, its streams end, a post with one of its flow tokens gets a 410,
/// and a post of the owner a 404. Another flow can have its names.
pub async fn mark_flow(database: &Database, flow: FlowKey) -> Result<bool, FlowError> {
    let now_ms = database.clock.now_ms();
    // Two requests at the same time could each remove what the other one takes for the last flow.
    flows::lock(database).await?;
    lock(database, flow).await?;
    let flows = database.rows("SELECT key FROM flows WHERE removed_at IS NULL", &[]).await?;
    let flows = flows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<FlowKey>, _>>()?;
    if !flows.contains(&flow) {
        return Ok(false);
    }
    // The next start announces a flow, and needs one for a new source.
    if flows.len() == 1 {
        return Err(Refused::OnlyFlow.into());
    }
    let sql = "UPDATE flows SET removed_at = $2, name = '', parameterized_name = $3 WHERE key = $1";
    database.execute(sql, &[&flow, &now_ms, &secret::random_hex()?]).await?;
    let sql = "UPDATE sources SET removed_at = $2, updated_at = $2 WHERE flow = $1 AND removed_at IS NULL";
    database.execute(sql, &[&flow, &now_ms]).await?;
    Ok(true)
}

/// Finds something that is marked as removed, and of which something is left.
pub async fn next_marked(database: &Database) -> Result<Option<Marked>, StoreError> {
    let thread = "SELECT flow, id FROM threads WHERE removed_at IS NOT NULL LIMIT 1";
    if let Some(row) = database.row(thread, &[]).await? {
        return Ok(Some(Marked::Thread(row.try_get(0)?, row.try_get(1)?)));
    }
    let flow = "SELECT key FROM flows WHERE removed_at IS NOT NULL AND (
                    EXISTS (SELECT 1 FROM messages WHERE messages.flow = flows.key)
                    OR EXISTS (SELECT 1 FROM threads WHERE threads.flow = flows.key)
                    OR EXISTS (SELECT 1 FROM posted WHERE posted.flow = flows.key))
                LIMIT 1";
    Ok(database.row(flow, &[]).await?.map(|row| row.try_get(0)).transpose()?.map(Marked::Flow))
}

/// Deletes the next slice of something that is marked as removed, in a transaction. Returns whether something may be left.
pub async fn delete_slice(database: &Database, marked: &Marked) -> Result<bool, StoreError> {
    match marked {
        Marked::Thread(flow, id) => {
            lock(database, *flow).await?;
            let sql =
                "SELECT id, octet_length(json) FROM messages WHERE flow = $1 AND thread = $2 ORDER BY id LIMIT $3";
            let messages = first(database, sql, &[flow, id, &SLICE_MESSAGES]).await?;
            if messages.is_empty() {
                return delete_threads(database, *flow, std::slice::from_ref(id)).await.map(|()| false);
            }
            delete_messages(database, *flow, &messages).await
        }
        Marked::Flow(flow) => {
            lock(database, *flow).await?;
            let sql = "SELECT id, octet_length(json) FROM messages WHERE flow = $1 ORDER BY id LIMIT $2";
            let messages = first(database, sql, &[flow, &SLICE_MESSAGES]).await?;
            if !messages.is_empty() {
                return delete_messages(database, *flow, &messages).await;
            }
            let sql = "SELECT id FROM threads WHERE flow = $1 LIMIT $2";
            let threads = database.rows(sql, &[flow, &SLICE_MESSAGES]).await?;
            let threads = threads.iter().map(|row| row.try_get(0)).collect::<Result<Vec<String>, _>>()?;
            if !threads.is_empty() {
                return delete_threads(database, *flow, &threads).await.map(|()| true);
            }
            let sql = "DELETE FROM posted WHERE ctid = ANY(ARRAY(SELECT ctid FROM posted WHERE flow = $1 LIMIT $2))";
            Ok(database.execute(sql, &[flow, &(SLICE_ROWS as i64)]).await? > 0)
        }
    }
}

/// The ids of the messages that a statement finds, until a slice is full.
async fn first(database: &Database, sql: &str, values: Values<'_>) -> Result<Vec<i64>, StoreError> {
    let (mut ids, mut bytes) = (Vec::new(), 0);
    for row in database.rows(sql, values).await? {
        if bytes >= SLICE_BYTES {
            break;
        }
        ids.push(row.try_get(0)?);
        bytes += i64::from(row.try_get::<_, i32>(1)?);
    }
    Ok(ids)
}

/// Deletes threads without messages, with their states.
async fn delete_threads(database: &Database, flow: FlowKey, ids: &[String]) -> Result<(), StoreError> {
    for sql in [
        "DELETE FROM thread_states WHERE flow = $1 AND thread = ANY($2)",
        "DELETE FROM threads WHERE flow = $1 AND id = ANY($2)",
    ] {
        database.execute(sql, &[&flow, &ids]).await?;
    }
    Ok(())
}

/// Deletes the next slice of the messages that came before this time, from the oldest of a flow on, in a transaction. Returns whether
/// something may be left. The threads stay: they hold the newest state of their items.
pub async fn delete_older(database: &Database, before_ms: i64) -> Result<bool, StoreError> {
    // Of a flow, a message with a higher id came later.
    let sql = "SELECT key FROM flows
               CROSS JOIN LATERAL (SELECT sent_at FROM messages WHERE flow = key ORDER BY id LIMIT 1) AS oldest
               WHERE removed_at IS NULL AND sent_at < $1 ORDER BY key LIMIT 1";
    let Some(row) = database.row(sql, &[&before_ms]).await? else { return Ok(false) };
    let flow: FlowKey = row.try_get(0)?;
    lock(database, flow).await?;
    let sql = "SELECT id, octet_length(json) FROM (
                   SELECT id, json, sent_at FROM messages WHERE flow = $1 ORDER BY id LIMIT $2) AS oldest
               WHERE sent_at < $3 ORDER BY id";
    let messages = first(database, sql, &[&flow, &SLICE_MESSAGES, &before_ms]).await?;
    delete_messages(database, flow, &messages).await?;
    Ok(true)
}

/// Deletes the next slice of the posts that are too old to be recognised. Returns whether something may be left.
pub async fn forget_posted(database: &Database) -> Result<bool, StoreError> {
    let sql = "DELETE FROM posted WHERE ctid = ANY(ARRAY(SELECT ctid FROM posted WHERE at < $1 LIMIT $2))";
    let before_ms = database.clock.now_ms() - REMEMBERED_MS;
    Ok(database.execute(sql, &[&before_ms, &(SLICE_ROWS as i64)]).await? > 0)
}
