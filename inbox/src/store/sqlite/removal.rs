//! Removes messages, threads and flows for good.
//!
//! A thread or a flow may have a million messages, and no post may wait for all of them. So a thread or a flow is marked first:
//! from then on nobody finds it. Then its rows are deleted in slices, each in a transaction of its own. A mark survives a crash,
//! and the next start deletes what is left.

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use super::database::Database;
use super::{files, search, threads};
use crate::domain::flow::Refused;
use crate::domain::{FlowKey, message};
use crate::secret;
use crate::store::slice::Slice;
use crate::store::{FlowError, StoreError};

/// A thread or a flow that is marked as removed.
#[derive(Clone, Debug, PartialEq)]
pub enum Marked {
    /// The thread with this id.
    Thread(String),
    /// The flow with this key.
    Flow(FlowKey),
}

/// Removes a message of the flow. Returns whether there was one.
pub fn remove_message(database: &mut Database, flow: FlowKey, id: i64) -> Result<bool, StoreError> {
    let transaction = database.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let is_removed = delete_message(&transaction, flow, id, &mut Slice::default())?;
    transaction.commit()?;
    Ok(is_removed)
}

/// Deletes a message with everything that belongs to it alone. No other function deletes messages.
///
/// Its row in `posted` stays: a post that comes again must not bring it back.
fn delete_message(connection: &Connection, flow: FlowKey, id: i64, slice: &mut Slice) -> Result<bool, StoreError> {
    type Row = (Option<String>, String, Option<i64>, i64);
    let found: Option<Row> = connection
        .prepare_cached(
            "SELECT thread, event, state_version, octet_length(json) FROM messages WHERE flow = ?1 AND id = ?2",
        )?
        .query_row([flow, id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    let Some((thread, event, state_version, bytes)) = found else { return Ok(false) };
    files::remove(connection, flow, id, slice)?;
    let mut rows = 0;
    for sql in [
        "DELETE FROM message_tags WHERE flow = ?1 AND message = ?2",
        "DELETE FROM messages WHERE flow = ?1 AND id = ?2",
    ] {
        rows += connection.prepare_cached(sql)?.execute([flow, id])?;
    }
    search::remove(connection, flow, id)?;
    slice.count(rows, bytes);
    if let Some(thread) = thread {
        threads::forget_message(connection, &thread, id, &event, state_version)?;
        if threads::forget_title(connection, &thread, id)? {
            slice.count(search::add_thread(connection, &thread)?, 0);
        }
    }
    Ok(true)
}

/// Marks a thread of the flow as removed. Returns whether there was one.
///
/// From now on nobody finds the thread, and its source begins a new one with the same external thread id.
pub fn mark_thread(database: &Database, flow: FlowKey, id: &str) -> Result<bool, StoreError> {
    let marked = database.connection.execute(
        "UPDATE threads SET removed_at = ?3, external_thread_id = NULL WHERE flow = ?1 AND id = ?2 AND removed_at IS NULL",
        params![flow, id, database.clock.now_ms()],
    )?;
    Ok(marked > 0)
}

/// Marks a flow as removed, and its sources with it. Returns whether there was one.
///
/// From now on nobody finds the flow, its streams end, a post with one of its flow tokens gets a 410,
/// and a post of the owner a 404. Another flow can have its names.
pub fn mark_flow(database: &mut Database, flow: FlowKey) -> Result<bool, FlowError> {
    let now_ms = database.clock.now_ms();
    let transaction = database.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let is_there = |sql: &str| -> rusqlite::Result<bool> { transaction.prepare_cached(sql)?.exists([flow]) };
    if !is_there("SELECT 1 FROM flows WHERE key = ?1 AND removed_at IS NULL")? {
        return Ok(false);
    }
    // The next start announces a flow, and needs one for a new source.
    if !is_there("SELECT 1 FROM flows WHERE key <> ?1 AND removed_at IS NULL")? {
        return Err(Refused::OnlyFlow.into());
    }
    transaction.execute(
        "UPDATE flows SET removed_at = ?2, name = '', parameterized_name = ?3 WHERE key = ?1",
        params![flow, now_ms, secret::random_hex()?],
    )?;
    transaction.execute(
        "UPDATE sources SET removed_at = ?2, updated_at = ?2 WHERE flow = ?1 AND removed_at IS NULL",
        [flow, now_ms],
    )?;
    transaction.commit()?;
    database.bell.announce_end_of_access();
    Ok(true)
}

/// Finds something that is marked as removed, and of which something is left.
pub fn next_marked(database: &Database) -> Result<Option<Marked>, StoreError> {
    let connection = &database.connection;
    let thread = "SELECT id FROM threads WHERE removed_at IS NOT NULL LIMIT 1";
    if let Some(id) = connection.prepare_cached(thread)?.query_row([], |row| row.get(0)).optional()? {
        return Ok(Some(Marked::Thread(id)));
    }
    let flow = "SELECT key FROM flows WHERE removed_at IS NOT NULL AND (
                    EXISTS (SELECT 1 FROM messages WHERE messages.flow = flows.key)
                    OR EXISTS (SELECT 1 FROM threads WHERE threads.flow = flows.key)
                    OR EXISTS (SELECT 1 FROM posted WHERE posted.flow = flows.key))
                LIMIT 1";
    Ok(connection.prepare_cached(flow)?.query_row([], |row| row.get(0)).optional()?.map(Marked::Flow))
}

/// Deletes the next slice of something that is marked as removed. Returns whether something may be left.
pub fn delete_slice(database: &mut Database, marked: &Marked) -> Result<bool, StoreError> {
    let transaction = database.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut slice = Slice::default();
    match marked {
        Marked::Thread(id) => delete_thread(&transaction, id, &mut slice)?,
        Marked::Flow(flow) => delete_flow(&transaction, *flow, &mut slice)?,
    }
    transaction.commit()?;
    Ok(slice.is_full())
}

fn delete_thread(connection: &Connection, thread: &str, slice: &mut Slice) -> Result<(), StoreError> {
    let mut next = connection.prepare_cached(
        "SELECT flow, id FROM messages INDEXED BY messages_by_thread WHERE thread = ?1 ORDER BY id LIMIT 1",
    )?;
    while !slice.is_full() {
        let found = next.query_row([thread], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let Some((flow, id)) = found else { return threads::remove(connection, thread, slice) };
        delete_message(connection, flow, id, slice)?;
    }
    Ok(())
}

fn delete_flow(connection: &Connection, flow: FlowKey, slice: &mut Slice) -> Result<(), StoreError> {
    let mut next_message = connection.prepare_cached("SELECT id FROM messages WHERE flow = ?1 ORDER BY id LIMIT 1")?;
    let mut next_thread = connection.prepare_cached("SELECT id FROM threads WHERE flow = ?1 LIMIT 1")?;
    while !slice.is_full() {
        if let Some(id) = next_message.query_row([flow], |row| row.get(0)).optional()? {
            delete_message(connection, flow, id, slice)?;
        } else if let Some(id) = next_thread.query_row([flow], |row| row.get::<_, String>(0)).optional()? {
            threads::remove(connection, &id, slice)?;
        } else {
            break;
        }
    }
    let posted = connection
        .prepare_cached(
            "DELETE FROM posted WHERE (flow, source, uuid) IN
                 (SELECT flow, source, uuid FROM posted WHERE flow = ?1 LIMIT ?2)",
        )?
        .execute([flow, slice.rows_left() as i64])?;
    slice.count(posted, 0);
    Ok(())
}

/// Deletes the next slice of the messages that came before this time, from the oldest of each flow on. Returns whether
/// something may be left. The threads stay: they hold the newest state of their items.
pub fn delete_older(database: &mut Database, before_ms: i64) -> Result<bool, StoreError> {
    let transaction = database.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut slice = Slice::default();
    for flow in flow_keys(&transaction)? {
        // Of a flow, a message with a higher id came later.
        let mut oldest =
            transaction.prepare_cached("SELECT id, json FROM messages WHERE flow = ?1 ORDER BY id LIMIT 1")?;
        while !slice.is_full() {
            let found = oldest.query_row([flow], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
            let Some((id, json)): Option<(i64, String)> = found else { break };
            if message::sent_ms(&json)? >= before_ms {
                break;
            }
            delete_message(&transaction, flow, id, &mut slice)?;
        }
    }
    transaction.commit()?;
    Ok(slice.is_full())
}

/// The keys of the flows that were not removed.
fn flow_keys(connection: &Connection) -> Result<Vec<FlowKey>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT key FROM flows WHERE removed_at IS NULL ORDER BY key")?;
    Ok(statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use serde_json::{Value, json};

    use super::*;
    use crate::bell::Bell;
    use crate::clock::Clock;
    use crate::domain::posting::{Post, Sender};
    use crate::metrics::Metrics;
    use crate::secret::hash;
    use crate::store::DataFile;
    use crate::store::sqlite::Store;
    use crate::store::sqlite::data_file::Opened;
    use crate::store::sqlite::{messages, sources};

    /// A data file with a flow of so many messages, each with a tag, which came one millisecond after the other: half of them in
    /// the thread `long`, the others in the thread `other`. Every hundredth has a file.
    fn data_file(messages: i64) -> Opened {
        let opened = DataFile::Memory.open(false, 0).expect("it opens");
        let sql = format!(
            "INSERT INTO threads (id, flow, source, state, activities, last_message_id, created_at, updated_at)
                 VALUES ('long', 1, 1, '', 1250, 0, 0, 0), ('other', 1, 1, '', 1250, 0, 0, 0);
             INSERT INTO thread_states VALUES ('long', 1, '{{}}'), ('other', 1, '{{}}');
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {messages})
             INSERT INTO messages (flow, id, thread, state_version, event, json)
                 SELECT 1, i, iif(i % 2, 'other', 'long'), 1, 'activity', '{{\"id\":' || i || ',\"sent\":' || i || '}}' FROM n;
             INSERT INTO message_tags SELECT 1, id, 'a', thread FROM messages;
             INSERT INTO files SELECT id, 1, id, 'a', 'b' FROM messages WHERE id % 100 = 0;
             INSERT INTO file_chunks SELECT id, 0, x'00' FROM files;
             INSERT INTO posted SELECT 1, 1, id, id, x'00', 0 FROM messages;
             UPDATE flows SET last_message_id = {messages};
             INSERT INTO flows (id, organization, name, parameterized_name) VALUES ('2', 1, '2', '2');",
        );
        opened.connections.writer.execute_batch(&sql).expect("SQL runs");
        opened
    }

    /// A database with 2,500 messages.
    fn database() -> Database {
        let connection = data_file(2500).connections.writer;
        Database::new(connection, Bell::default(), Clock::stopped_at(0)).expect("SQL runs")
    }

    fn count(database: &Database, rows: &str) -> i64 {
        let sql = format!("SELECT count(*) FROM {rows}");
        database.connection.query_row(&sql, [], |row| row.get(0)).expect("a number")
    }

    /// Runs slices until nothing is left. Returns how many there were. Checks that each was small, and left all rows that refer to each
    /// other.
    fn slices(database: &mut Database, mut slice: impl FnMut(&mut Database) -> Result<bool, StoreError>) -> usize {
        for number in 1.. {
            let before = database.connection.total_changes();
            let is_left = slice(database).expect("SQL runs");
            // Deleting a message changes its thread as well.
            let changes = database.connection.total_changes() - before;
            assert!(changes < 1600, "{changes}");
            assert_eq!(count(database, "pragma_foreign_key_check"), 0);
            if !is_left {
                return number;
            }
        }
        0
    }

    #[test]
    fn a_thread_is_deleted_in_slices_and_leaves_everything_else() {
        let mut database = database();
        assert_eq!(next_marked(&database).expect("SQL runs"), None);
        assert!(mark_thread(&database, 1, "long").expect("SQL runs"));
        assert!(!mark_thread(&database, 1, "long").expect("SQL runs"), "a second time");
        assert!(!mark_thread(&database, 2, "other").expect("SQL runs"), "of another flow");
        // The process may end here, or after any slice.
        let marked = next_marked(&database).expect("SQL runs").expect("one");
        assert_eq!(marked, Marked::Thread("long".to_owned()));
        assert_eq!(slices(&mut database, |database| delete_slice(database, &marked)), 3);
        assert_eq!(next_marked(&database).expect("SQL runs"), None);
        for (rows, left) in [
            ("messages", 1250),
            ("messages WHERE thread = 'other'", 1250),
            ("message_tags", 1250),
            ("files", 0),
            ("file_chunks", 0),
            ("thread_states", 1),
            ("threads WHERE activities = 1250", 1),
            ("posted", 2500),
        ] {
            assert_eq!(count(&database, rows), left, "{rows}");
        }
    }

    #[test]
    fn a_flow_is_deleted_in_slices() {
        let mut database = database();
        assert!(mark_flow(&mut database, 1).expect("it is not the only one"));
        assert!(!mark_flow(&mut database, 1).expect("SQL runs"), "a second time");
        assert!(matches!(mark_flow(&mut database, 2), Err(FlowError::Refused(Refused::OnlyFlow))));
        let marked = next_marked(&database).expect("SQL runs").expect("one");
        assert_eq!(marked, Marked::Flow(1));
        assert!(slices(&mut database, |database| delete_slice(database, &marked)) > 6);
        assert_eq!(next_marked(&database).expect("SQL runs"), None);
        for rows in ["messages", "message_tags", "files", "file_chunks", "threads", "thread_states", "posted"] {
            assert_eq!(count(&database, rows), 0, "{rows}");
        }
        assert_eq!(count(&database, "sources WHERE removed_at IS NULL"), 0);
        // A request that has found the flow before makes nothing in it.
        assert!(sources::create(&database, 1, 1, "late", None).expect("SQL runs").is_none());
        assert_eq!(messages::last_id(&database, 1).expect("SQL runs"), None, "its streams end");
        assert_eq!(count(&database, "flows WHERE removed_at IS NULL"), 1);
    }

    #[test]
    fn old_messages_are_deleted_in_slices_from_the_oldest_on() {
        let mut database = database();
        assert_eq!(slices(&mut database, |database| delete_older(database, 1)), 1);
        assert_eq!(count(&database, "messages"), 2500);
        assert_eq!(slices(&mut database, |database| delete_older(database, 2000)), 5);
        assert_eq!(count(&database, "messages WHERE id >= 2000"), 501);
        assert_eq!(count(&database, "messages"), 501);
        assert_eq!(count(&database, "threads WHERE activities IN (250, 251)"), 2);
        assert_eq!(count(&database, "posted"), 2500);
    }

    #[test]
    fn large_messages_and_files_make_smaller_slices() {
        let mut database = database();
        let large = "UPDATE messages SET json = json_set(json, '$.x', hex(zeroblob(500000))) WHERE id <= 10;
                     INSERT INTO file_chunks SELECT id, 1, zeroblob(5000000) FROM files WHERE id = '100';";
        database.connection.execute_batch(large).expect("SQL runs");
        let mut left = Vec::new();
        for _ in 0..4 {
            delete_older(&mut database, 200).expect("SQL runs");
            left.push(2500 - count(&database, "messages"));
        }
        assert_eq!(left, [5, 10, 100, 199]);
    }

    #[test]
    fn a_state_is_deleted_with_the_last_message_that_shows_it_unless_it_is_the_newest() {
        let mut database = database();
        // The thread `long` has the messages 2, 4, 6 and so on.
        database
            .connection
            .execute_batch(
                "INSERT INTO thread_states VALUES ('long', 2, '{}'), ('long', 3, '{}');
                 UPDATE threads SET state_version = 3 WHERE id = 'long';
                 UPDATE messages SET state_version = NULL WHERE id = 2;
                 UPDATE messages SET state_version = 2 WHERE thread = 'long' AND id = 8;
                 UPDATE messages SET state_version = 3 WHERE thread = 'long' AND id > 8;",
            )
            .expect("SQL runs");
        let versions = |database: &Database| -> Vec<i64> {
            let sql = "SELECT version FROM thread_states WHERE thread = 'long' ORDER BY version";
            let mut statement = database.connection.prepare(sql).expect("SQL");
            statement.query_map([], |row| row.get(0)).and_then(Iterator::collect).expect("versions")
        };
        for (id, left) in [(2, vec![1, 2, 3]), (4, vec![1, 2, 3]), (8, vec![1, 3]), (6, vec![3])] {
            assert!(remove_message(&mut database, 1, id).expect("SQL runs"));
            assert_eq!(versions(&database), left, "{id}");
        }
        assert!(!remove_message(&mut database, 1, 8).expect("SQL runs"), "a second time");
        slices(&mut database, |database| delete_older(database, i64::MAX));
        assert_eq!(versions(&database), [3], "the thread shows it");
    }

    #[test]
    fn a_reader_of_a_file_that_is_removed_meanwhile_gets_an_error_and_no_end() {
        let mut database = database();
        let chunk = |database: &Database, number| files::chunk(database, "100", number);
        assert_eq!(chunk(&database, 0).expect("SQL runs"), Some(vec![0]));
        assert_eq!(chunk(&database, 1).expect("SQL runs"), None);
        assert!(remove_message(&mut database, 1, 100).expect("SQL runs"));
        assert!(matches!(chunk(&database, 1), Err(StoreError::FileRemoved)));
    }

    #[tokio::test]
    async fn posts_do_not_wait_for_the_end_of_a_removal() {
        let Opened { connections, secrets, .. } = data_file(20_000);
        let (store, _) =
            Store::start(connections, Bell::default(), Clock::stopped_at(0), Metrics::default()).expect("threads");
        let token = secrets.tokens.expect("the first start makes them").flow;
        let source = store.source_by_token(hash(&token)).await.expect("SQL runs").expect("a source");
        let Value::Object(message) = json!({ "event": "message", "content": "hi" }) else { panic!("an object") };
        let mut removals = pin!(async {
            tokio::join!(
                store.remove_thread(1, "long".to_owned()),
                store.remove_older(i64::MAX),
                store.finish_removals(),
            )
        });
        // The first look at the removals puts their first job into the queue. The post comes behind it.
        assert!(futures_util::poll!(&mut removals).is_pending());
        tokio::select! {
            biased;
            stored = store.post(Post::new(Sender::Source(source.into()), message, Vec::new())) => {
                assert_eq!(stored.expect("it is stored").expect("it is there").id, 20_001);
                // The removals have just begun.
                assert!(store.message(1, 20_000).await.expect("SQL runs").is_some());
            }
            _ = &mut removals => panic!("the post waited for all of them"),
        }
        let (thread, older, rest) = removals.await;
        assert!(thread.expect("SQL runs") && older.is_ok() && rest.is_ok());
        assert!(store.message(1, 20_000).await.expect("SQL runs").is_none());
    }

    /// How many instructions of SQLite's machine `work` takes.
    fn steps(database: &mut Database, work: impl FnOnce(&mut Database)) -> usize {
        let steps = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&steps);
        let count = move || {
            counted.fetch_add(1, Ordering::SeqCst);
            false
        };
        database.connection.progress_handler(1, Some(count)).expect("a handler");
        work(database);
        database.connection.progress_handler(0, None::<fn() -> bool>).expect("no handler");
        steps.load(Ordering::SeqCst)
    }

    #[test]
    fn nothing_that_is_removed_is_searched_for_from_end_to_end() {
        let mut database = database();
        // More than 2,000 rows in each table in which SQLite could search, also by itself for the foreign keys.
        database
            .connection
            .execute_batch(
                "INSERT INTO files SELECT -id, 1, id, 'a', 'b' FROM messages;
                 INSERT INTO file_chunks SELECT id, 0, x'00' FROM files WHERE id < 0;
                 INSERT INTO threads (id, flow, source, state, last_message_id, created_at, updated_at)
                     SELECT id, 1, 1, '', 0, 0, 0 FROM messages;
                 INSERT INTO thread_states SELECT id, 1, '{}' FROM messages;",
            )
            .expect("SQL runs");
        let small = 1000;
        assert!(steps(&mut database, |database| assert!(remove_message(database, 1, 1200).expect("SQL runs"))) < small);
        assert!(steps(&mut database, |database| assert!(!delete_older(database, 1).expect("SQL runs"))) < small);
        assert!(mark_thread(&database, 1, "7").expect("SQL runs"));
        let thread = Marked::Thread("7".to_owned());
        let next = |database: &mut Database| assert_eq!(next_marked(database).expect("SQL runs"), Some(thread.clone()));
        assert!(steps(&mut database, next) < small);
        assert!(steps(&mut database, |database| assert!(!delete_slice(database, &thread).expect("SQL runs"))) < small);
        assert!(steps(&mut database, |database| assert!(next_marked(database).expect("SQL runs").is_none())) < small);
    }
}
