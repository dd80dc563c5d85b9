//! Stores posts: many of them in one transaction.
//!
//! A commit waits for the disk. While it does, other posts arrive; they share the next commit. Nobody waits for company: a
//! post that is alone is stored alone. Each post has a savepoint of its own, so one that is refused leaves nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use tokio::sync::oneshot;

use super::database::Database;
use super::{files, messages, search, sources, threads};
use crate::domain::posting::{
    self, Found, MAX_POSTS, Post, PostEffect, REMEMBERED_MS, Refused, Sender, ThreadKey, UnthreadedMessage,
};
use crate::domain::{FlowKey, StoredMessage, message};
use crate::secret;
use crate::store::{PostError, StoreError};

/// How many expired rows of `posted` one transaction deletes at most.
const MAX_FORGOTTEN: usize = 2 * MAX_POSTS;

/// A post that waits for its transaction. The chunks of its files are stored already, under `file_ids`.
pub struct Waiting {
    /// The post.
    pub post: Post,
    /// The ids of its files, in their order.
    pub file_ids: Vec<String>,
    /// Tells the client's handler what became of it.
    pub done: oneshot::Sender<Result<Option<StoredMessage>, PostError>>,
}

/// What became of a post.
enum Outcome {
    /// It is a new message, in which this text is searched.
    New(StoredMessage, String),
    /// It was stored before. `None` if its message was removed since.
    Known(Option<StoredMessage>),
}

/// How many posts of a transaction are new messages, and how many were stored before.
pub struct Counts {
    /// New messages.
    pub stored: u64,
    /// Stored before.
    pub repeated: u64,
}

/// Stores posts in one transaction, rings the bell and answers each. An answer goes out when its message is on the disk.
pub fn store(database: &mut Database, waiting: Vec<Waiting>) -> Counts {
    let (posts, done): (Vec<_>, Vec<_>) =
        waiting.into_iter().map(|waiting| ((waiting.post, waiting.file_ids), waiting.done)).unzip();
    let results = match commit(database, &posts) {
        Ok(results) => results,
        Err(error) => {
            let error = Arc::new(StoreError::from(error));
            posts.iter().map(|_| Err(StoreError::Together(Arc::clone(&error)).into())).collect()
        }
    };
    let mut counts = Counts { stored: 0, repeated: 0 };
    for (result, (post, _)) in results.iter().zip(&posts) {
        match result {
            Ok(Outcome::New(..)) => {
                counts.stored += 1;
                database.bell.ring(post.sender.flow().key);
            }
            Ok(Outcome::Known(_)) => counts.repeated += 1,
            Err(_) => (),
        }
    }
    for (result, done) in results.into_iter().zip(done) {
        let _ = done.send(result.map(|outcome| match outcome {
            Outcome::New(message, _) => Some(message),
            Outcome::Known(message) => message,
        }));
    }
    counts
}

fn commit(database: &mut Database, posts: &[(Post, Vec<String>)]) -> rusqlite::Result<Vec<Result<Outcome, PostError>>> {
    let now_ms = database.post_ms();
    let mut transaction = database.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut results = Vec::new();
    for (post, file_ids) in posts {
        let savepoint = transaction.savepoint()?;
        let result = add(&savepoint, now_ms, post, file_ids);
        match &result {
            Ok(_) => savepoint.commit()?,
            // Dropping the savepoint rolls it back.
            Err(_) => drop(savepoint),
        }
        match result {
            // SQLite may roll the whole transaction back by itself, for example on a full disk. Then none of the posts is
            // stored, and a later one must not be stored alone.
            Err(PostError::Store(StoreError::Sqlite(error))) if transaction.is_autocommit() => return Err(error),
            result => results.push(result),
        }
    }
    // After the last savepoint: FTS5 writes what it holds to its tables at each savepoint.
    let mut senders = BTreeSet::new();
    for ((post, _), result) in posts.iter().zip(&results) {
        if let Ok(Outcome::New(message, text)) = result {
            search::add(&transaction, post.sender.flow().key, message.id, text)?;
            if let Sender::Source(source) = &post.sender {
                senders.insert(source.id);
            }
        }
    }
    // Once for all posts of a source.
    for source in senders {
        sources::note_post(&transaction, source, now_ms)?;
    }
    transaction
        .prepare_cached(
            "DELETE FROM posted WHERE (flow, source, uuid) IN
                 (SELECT flow, source, uuid FROM posted WHERE at < ?1 ORDER BY at LIMIT ?2)",
        )?
        .execute(params![now_ms - REMEMBERED_MS, MAX_FORGOTTEN as i64])?;
    transaction.commit()?;
    Ok(results)
}

/// Stores one post.
fn add(connection: &Connection, now_ms: i64, post: &Post, file_ids: &[String]) -> Result<Outcome, PostError> {
    let flow = post.sender.flow().key;
    let source = match &post.sender {
        Sender::Source(source) => {
            let is_there = connection
                .prepare_cached("SELECT 1 FROM sources WHERE key = ?1 AND removed_at IS NULL")?
                .exists([source.id])?;
            if !is_there {
                return Err(PostError::SourceRemoved);
            }
            source.id
        }
        Sender::Owner(_) => {
            let is_there = connection
                .prepare_cached("SELECT 1 FROM flows WHERE key = ?1 AND removed_at IS NULL")?
                .exists([flow])?;
            if !is_there {
                return Err(PostError::FlowRemoved);
            }
            sources::of_owner(connection, flow, now_ms)?
        }
    };
    if let Some(known) = known(connection, post, source)? {
        // The files of the first post are there already.
        files::discard(connection, file_ids)?;
        return Ok(Outcome::Known(known));
    }
    // Uses a counter instead of the highest id in use, so that no id is ever given to two messages.
    let message_id: i64 = connection
        .prepare_cached(
            "UPDATE flows SET last_message_id = last_message_id + 1 WHERE key = ?1 RETURNING last_message_id",
        )?
        .query_row([flow], |row| row.get(0))?;
    let found = match (post.comments_on, ThreadKey::of(&post.message)) {
        (Some(id), _) => commented(connection, flow, id)?,
        (None, Some(key)) => Found { thread: threads::by_key(connection, flow, source, &key)?, outside: None },
        (None, None) => Found::default(),
    };
    let new_thread_id = secret::random_thread_id()?;
    let facts = posting::PostFacts { message_id, now_ms, new_thread_id, file_ids: file_ids.to_vec() };
    let posted = posting::apply(post, facts, found)?;
    if let Some(thread) = &posted.thread {
        // A thread that no application began belongs to the owner's source.
        let source = match thread.thread.application {
            Some(_) => source,
            None => sources::of_owner(connection, flow, now_ms)?,
        };
        threads::write(connection, flow, source, thread, message_id)?;
        if let Some(moved) = &posted.moved {
            messages::set_thread(connection, flow, moved, &thread.thread)?;
        }
    }
    write(connection, flow, message_id, &posted)?;
    files::add(connection, flow, message_id, &post.files, file_ids)?;
    if let Some(uuid) = post.uuid() {
        connection
            .prepare_cached(
                "INSERT INTO posted (flow, source, uuid, message, digest, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![flow, source, uuid, message_id, post.digest, now_ms])?;
    }
    let state = posted.thread.as_ref().map(|posted| posted.thread.state.as_str());
    let message = StoredMessage { id: message_id, json: message::with_state(posted.json, state) };
    Ok(Outcome::New(message, posted.searched))
}

/// Finds what a comment on this message needs: the thread of the message, or the message itself.
fn commented(connection: &Connection, flow: FlowKey, id: i64) -> Result<Found, StoreError> {
    let message: Option<(String, Option<String>)> = connection
        .prepare_cached("SELECT json, thread FROM messages WHERE flow = ?1 AND id = ?2")?
        .query_row([flow, id], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(match message {
        None => Found::default(),
        Some((_, Some(thread))) => Found { thread: threads::by_id_in(connection, flow, &thread)?, outside: None },
        Some((json, None)) => Found { thread: None, outside: Some(UnthreadedMessage { id, json }) },
    })
}

/// Finds the message of an earlier post with the same uuid. `Some(None)` is a message that was removed since.
fn known(connection: &Connection, post: &Post, source: i64) -> Result<Option<Option<StoredMessage>>, PostError> {
    let Some(uuid) = post.uuid() else { return Ok(None) };
    let flow = post.sender.flow().key;
    let found: Option<(i64, posting::Digest)> = connection
        .prepare_cached("SELECT message, digest FROM posted WHERE flow = ?1 AND source = ?2 AND uuid = ?3")?
        .query_row(params![flow, source, uuid], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match found {
        None => Ok(None),
        Some((id, digest)) if digest == post.digest => Ok(Some(messages::by_id_in(connection, flow, id)?)),
        Some(_) => Err(Refused::UuidReused.into()),
    }
}

fn write(connection: &Connection, flow: FlowKey, message_id: i64, posted: &PostEffect) -> Result<(), StoreError> {
    let thread = posted.thread.as_ref().map(|posted| &posted.thread);
    connection
        .prepare_cached(
            "INSERT INTO messages (flow, id, thread, state_version, event, json) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            flow,
            message_id,
            thread.map(|thread| &thread.id),
            thread.map(|thread| thread.version),
            posted.event,
            posted.json
        ])?;
    for tag in &posted.tags {
        connection
            .prepare_cached("INSERT OR IGNORE INTO message_tags (flow, message, tag, thread) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![flow, message_id, tag, thread.map(|thread| &thread.id)])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use serde_json::{Value, json};

    use super::*;
    use crate::bell::Bell;
    use crate::clock::Clock;
    use crate::secret::hash;
    use crate::store::DataFile;
    use crate::store::sqlite::sources;

    /// An empty database, and a source of its flow.
    fn database() -> (Database, crate::domain::Source) {
        let opened = DataFile::Memory.open(false, 0).expect("it opens");
        let token = opened.secrets.tokens.expect("the first start makes them").flow;
        let clock = Clock::stopped_at(1_445_470_140_000);
        let database = Database::new(opened.connections.writer, Bell::default(), clock).expect("SQL runs");
        let source = sources::by_token(&database, hash(&token)).expect("SQL runs").expect("a source");
        (database, source)
    }

    type Answer = oneshot::Receiver<Result<Option<StoredMessage>, PostError>>;

    fn waiting(source: &crate::domain::Source, message: Value) -> (Waiting, Answer) {
        let Value::Object(message) = message else { panic!("an object") };
        let (done, answer) = oneshot::channel();
        (
            Waiting {
                post: Post::new(Sender::Source(source.clone().into()), message, Vec::new()),
                file_ids: Vec::new(),
                done,
            },
            answer,
        )
    }

    fn chat(index: usize) -> Value {
        json!({ "event": "message", "content": index.to_string(), "external_thread_id": (index % 3).to_string() })
    }

    #[test]
    fn posts_that_wait_share_a_commit_and_a_refused_one_takes_no_other_with_it() {
        let (mut database, source) = database();
        let commits = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&commits);
        let hook = move || {
            counted.fetch_add(1, Ordering::SeqCst);
            false
        };
        database.connection.commit_hook(Some(hook)).expect("a hook");
        let mut listener = database.bell.listen_to(source.flow.key);
        let messages = (0..64).map(|index| match index % 8 {
            7 => json!({ "event": "message", "content": "x", "thread_id": "unknown" }),
            _ => chat(index),
        });
        let (posts, answers): (Vec<_>, Vec<_>) = messages.map(|message| waiting(&source, message)).unzip();
        store(&mut database, posts);
        assert_eq!(commits.load(Ordering::SeqCst), 1);
        let results: Vec<_> = answers.into_iter().map(|mut answer| answer.try_recv().expect("an answer")).collect();
        let ids: Vec<i64> = results.iter().filter_map(|result| Some(result.as_ref().ok()?.as_ref()?.id)).collect();
        assert_eq!(ids, (1..=56).collect::<Vec<_>>());
        let refused =
            results.iter().filter(|result| matches!(result, Err(PostError::Refused(Refused::ThreadNotFound))));
        assert_eq!(refused.count(), 8);
        let count = |sql: &str| database.connection.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("a number");
        assert_eq!(count("SELECT sum(internal_comments) FROM threads"), 56);
        assert_eq!(count("SELECT last_message_id FROM flows"), 56);
        assert_eq!(count("SELECT count(*) FROM message_words_docsize"), 56, "those and no others are indexed");
        assert!(futures_util::FutureExt::now_or_never(listener.next_ring()).is_some(), "the bell rang");
    }

    #[test]
    fn a_full_disk_is_told_and_later_posts_are_stored() {
        let (mut database, source) = database();
        let pages: i64 =
            database.connection.pragma_query_value(None, "page_count", |row| row.get(0)).expect("a number");
        database.connection.pragma_update(None, "max_page_count", pages).expect("a limit");
        let mut large = chat(1);
        large["content"] = "x".repeat(50_000).into();
        let batch = [chat(1), large.clone(), chat(2)].map(|message| waiting(&source, message));
        let (posts, answers): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
        store(&mut database, posts);
        let stored = answers.into_iter().filter_map(|mut answer| match answer.try_recv().expect("an answer") {
            Err(PostError::Store(error)) => {
                assert!(error.is_disk_full(), "{error}");
                None
            }
            other => Some(other.expect("it is stored").expect("it is there").id),
        });
        let stored: Vec<i64> = stored.collect();
        let kept = |database: &Database| -> Vec<i64> {
            let mut ids = database.connection.prepare("SELECT id FROM messages ORDER BY id").expect("SQL");
            ids.query_map([], |row| row.get(0)).and_then(Iterator::collect).expect("ids")
        };
        assert_eq!(kept(&database), stored, "what was answered as stored is there, and nothing else");
        assert!(stored.len() < 3);
        database.connection.pragma_update(None, "max_page_count", pages + 1000).expect("a limit");
        let (post, mut answer) = waiting(&source, large);
        store(&mut database, vec![post]);
        let last = answer.try_recv().expect("an answer").expect("it is stored").expect("it is there").id;
        assert_eq!(kept(&database).last(), Some(&last));
    }

    #[test]
    fn if_the_commit_fails_nothing_is_stored_and_nothing_rings() {
        let (mut database, source) = database();
        database.connection.commit_hook(Some(|| true)).expect("a hook");
        let mut listener = database.bell.listen_to(source.flow.key);
        let (posts, answers): (Vec<_>, Vec<_>) = (0..3).map(|index| waiting(&source, chat(index))).unzip();
        store(&mut database, posts);
        for mut answer in answers {
            let result = answer.try_recv().expect("an answer");
            assert!(matches!(result, Err(PostError::Store(StoreError::Together(_)))), "{result:?}");
        }
        let messages = database.connection.query_row("SELECT count(*) FROM messages", [], |row| row.get::<_, i64>(0));
        assert_eq!(messages, Ok(0));
        assert!(futures_util::FutureExt::now_or_never(listener.next_ring()).is_none(), "the bell did not ring");
    }

    #[test]
    fn a_flow_that_was_removed_meanwhile_takes_no_message_of_the_owner() {
        let (mut database, source) = database();
        database.connection.execute("UPDATE flows SET removed_at = 1", []).expect("SQL runs");
        let Value::Object(message) = json!({ "event": "message", "content": "late" }) else { panic!("an object") };
        let (done, mut answer) = oneshot::channel();
        let post = Post::new(Sender::Owner(source.flow), message, Vec::new());
        store(&mut database, vec![Waiting { post, file_ids: Vec::new(), done }]);
        assert!(matches!(answer.try_recv().expect("an answer"), Err(PostError::FlowRemoved)));
    }
}
