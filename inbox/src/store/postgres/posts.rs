//! The SQL of a transaction with posts: one round trip reads what the posts may touch, another one writes what they did.

use std::collections::HashMap;
use std::sync::LazyLock;

use tokio_postgres::Row;

use super::applications::OWN;
use super::batch::{Batch, Commented, Filed, LockedFlow, NewMessage, NewState, ThreadWrite};
use super::database::Database;
use super::pipeline::{FirstError, Pipeline, With, column, values};
use super::{sources, threads};
use crate::domain::FlowKey;
use crate::domain::posting::{REMEMBERED_MS, Sender, ThreadKey};
use crate::secret;
use crate::store::StoreError;
use crate::store::select::THREAD;

/// Locks the rows of the flows until the end of the transaction. Each later statement sees what the last holder of the lock has written.
const LOCK: &str = "
    SELECT key, last_message_id, newest_at, removed_at IS NOT NULL FROM flows
    WHERE key = ANY($1) ORDER BY key FOR NO KEY UPDATE";

const SOURCES: &str = "SELECT key, token_hash FROM sources WHERE key = ANY($1) AND removed_at IS NULL";

const POSTED: &str = "
    SELECT posted.flow, source, posted.uuid, message, digest
    FROM unnest($1::bigint[], $2::text[]) AS wanted (flow, uuid)
    JOIN posted ON posted.flow = wanted.flow AND posted.uuid = wanted.uuid
    WHERE at >= $3";

/// Creates the sources of the owner that are missing. Such a source has no flow token, and counts as removed, so nobody sees it.
const MAKE_OWNERS: &str = "
    INSERT INTO sources (flow, application, name, token_hash, created_at, updated_at, removed_at)
    SELECT wanted.flow, $3, 'Owner', wanted.hash, $4, $4, $4
    FROM unnest($1::bigint[], $2::bytea[]) AS wanted (flow, hash)
    JOIN flows ON flows.key = wanted.flow
    WHERE NOT EXISTS (SELECT 1 FROM sources WHERE sources.flow = wanted.flow AND application = $3)";

const OWNERS: &str = "SELECT flow, key FROM sources WHERE flow = ANY($1) AND application = $2";

const COMMENTED: &str = "
    SELECT messages.flow, messages.id, thread, CASE WHEN thread IS NULL THEN json END
    FROM unnest($1::bigint[], $2::bigint[]) AS wanted (flow, id)
    JOIN messages ON messages.flow = wanted.flow AND messages.id = wanted.id";

/// Selects the threads that stand beside `wanted` under this condition. After the columns of a thread come its flow, its source and its
/// external hash.
fn threads_beside(wanted: &str, condition: &str) -> String {
    format!(
        "SELECT {THREAD}, threads.flow, threads.source, threads.external_hash FROM {wanted}
         JOIN ({}) ON {condition} WHERE threads.removed_at IS NULL",
        threads::TABLES
    )
}

static THREADS_BY_ID: LazyLock<String> = LazyLock::new(|| {
    threads_beside(
        "unnest($1::bigint[], $2::text[]) AS wanted (flow, id)",
        "threads.flow = wanted.flow AND threads.id = wanted.id",
    )
});

static THREADS_BY_EXTERNAL_ID: LazyLock<String> = LazyLock::new(|| {
    threads_beside(
        "unnest($1::bigint[], $2::bigint[], $3::bytea[]) AS wanted (flow, source, hash)",
        "threads.flow = wanted.flow AND threads.source = wanted.source AND threads.external_hash = wanted.hash",
    )
});

static THREADS_BY_MESSAGE: LazyLock<String> = LazyLock::new(|| {
    threads_beside(
        "unnest($1::bigint[], $2::bigint[]) AS wanted (flow, id)
         JOIN messages ON messages.flow = wanted.flow AND messages.id = wanted.id",
        "threads.flow = messages.flow AND threads.id = messages.thread",
    )
});

/// Adds a row of an answer to a batch.
type Add = fn(&mut Batch, &Row) -> Result<(), StoreError>;

/// Begins the transaction of these posts and reads what they may touch.
pub async fn read(database: &Database, posts: &[Filed], now_ms: i64) -> Result<Batch, StoreError> {
    let mut flows: Vec<FlowKey> = Vec::new();
    let (mut sources, mut owners) = (Vec::new(), Vec::new());
    let (mut uuids, mut by_id, mut by_external, mut by_message) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for Filed { post, .. } in posts {
        let flow = post.sender.flow().key;
        flows.push(flow);
        match &post.sender {
            Sender::Source(source) => sources.push(source.id),
            Sender::Owner(_) => owners.push(flow),
        }
        if let Some(uuid) = post.uuid() {
            uuids.push((flow, uuid.to_owned()));
        }
        if let Some(id) = post.comments_on {
            by_message.push((flow, id));
            owners.push(flow);
        } else if let Some(key) = ThreadKey::of(&post.message) {
            by_id.extend(key.thread_id.map(|id| (flow, id.to_owned())));
            if let (Some(id), Sender::Source(source)) = (key.external_thread_id, &post.sender) {
                by_external.push((flow, (source.id, secret::hash(id).to_vec())));
            }
            // The owner's source owns the threads that no application began.
            owners.extend(key.thread_id.map(|_| flow));
        }
    }
    for keys in [&mut flows, &mut sources, &mut owners] {
        keys.sort_unstable();
        keys.dedup();
    }
    let mut batch = Batch::default();
    let mut pipeline = Pipeline::default();
    // What each statement's rows are added to, in the order of the statements.
    let mut readers: Vec<Add> = Vec::new();
    pipeline.add(LOCK, values![flows]);
    readers.push(add_flow);
    if !sources.is_empty() {
        pipeline.add(SOURCES, values![sources]);
        readers.push(add_source);
    }
    if !uuids.is_empty() {
        let (flows, uuids): (Vec<_>, Vec<_>) = uuids.into_iter().unzip();
        pipeline.add(POSTED, values![flows, uuids, now_ms - REMEMBERED_MS]);
        readers.push(add_posted);
    }
    if !owners.is_empty() {
        let hashes = owners.iter().map(|_| Ok(secret::hash(&secret::random_hex()?).to_vec()));
        let hashes = hashes.collect::<Result<Vec<Vec<u8>>, secret::NoRandom>>()?;
        pipeline.add(MAKE_OWNERS, values![owners.clone(), hashes, OWN, now_ms]);
        readers.push(|_, _| Ok(()));
        pipeline.add(OWNERS, values![owners, OWN]);
        readers.push(add_owner);
    }
    if !by_id.is_empty() {
        let (flows, ids): (Vec<_>, Vec<_>) = by_id.into_iter().unzip();
        pipeline.add(&THREADS_BY_ID, values![flows, ids]);
        readers.push(add_thread);
    }
    if !by_external.is_empty() {
        let (flows, keys): (Vec<_>, Vec<_>) = by_external.into_iter().unzip();
        let (sources, hashes): (Vec<_>, Vec<_>) = keys.into_iter().unzip();
        pipeline.add(&THREADS_BY_EXTERNAL_ID, values![flows, sources, hashes]);
        readers.push(add_thread);
    }
    if !by_message.is_empty() {
        let (flows, ids): (Vec<_>, Vec<_>) = by_message.into_iter().unzip();
        pipeline.add(COMMENTED, values![flows.clone(), ids.clone()]);
        readers.push(add_commented);
        pipeline.add(&THREADS_BY_MESSAGE, values![flows, ids]);
        readers.push(add_thread);
    }
    database.mark_begun();
    let answers = pipeline.run(database, With::Begin).await.map_err(|first| first.error)?;
    for (add, rows) in readers.iter().zip(&answers) {
        for row in rows {
            add(&mut batch, row)?;
        }
    }
    Ok(batch)
}

fn add_flow(batch: &mut Batch, row: &Row) -> Result<(), StoreError> {
    let flow = LockedFlow {
        last_message_id: row.try_get(1)?,
        newest_ms: row.try_get(2)?,
        is_removed: row.try_get(3)?,
        is_changed: false,
    };
    batch.flows.insert(row.try_get(0)?, flow);
    Ok(())
}

fn add_source(batch: &mut Batch, row: &Row) -> Result<(), StoreError> {
    batch.sources.insert(row.try_get(0)?, sources::token(row, 1)?);
    Ok(())
}

fn add_posted(batch: &mut Batch, row: &Row) -> Result<(), StoreError> {
    let digest: &[u8] = row.try_get(4)?;
    // A digest of another length is that of no message, so the post is refused: its uuid was used.
    let digest = digest.try_into().unwrap_or_default();
    batch.posted.insert((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?), (row.try_get(3)?, digest));
    Ok(())
}

fn add_owner(batch: &mut Batch, row: &Row) -> Result<(), StoreError> {
    batch.owners.insert(row.try_get(0)?, row.try_get(1)?);
    Ok(())
}

fn add_thread(batch: &mut Batch, row: &Row) -> Result<(), StoreError> {
    let thread = threads::from_row(row)?;
    let (flow, source, hash): (FlowKey, i64, Option<&[u8]>) = (row.try_get(11)?, row.try_get(12)?, row.try_get(13)?);
    if let Some(hash) = hash.and_then(|hash| hash.try_into().ok()) {
        batch.external.insert((source, hash), thread.id.clone());
    }
    batch.threads.insert((flow, thread.id.clone()), thread);
    Ok(())
}

fn add_commented(batch: &mut Batch, row: &Row) -> Result<(), StoreError> {
    let message = (row.try_get(0)?, row.try_get(1)?);
    let commented = match (row.try_get(2)?, row.try_get::<_, Option<String>>(3)?) {
        (Some(thread), _) => Commented::InThread(thread),
        (None, json) => Commented::Outside(json.unwrap_or_default()),
    };
    batch.commented.insert(message, commented);
    Ok(())
}

/// Why posts were not written.
#[derive(Debug)]
pub enum NotWritten {
    /// Nothing is stored.
    Surely(StoreError),
    /// The outcome is unknown: the connection broke, no answer came, or the COMMIT failed. A client that posts again with the same uuid learns it.
    Perhaps(StoreError),
}

impl From<StoreError> for NotWritten {
    fn from(error: StoreError) -> NotWritten {
        NotWritten::Surely(error)
    }
}

const MESSAGES: &str = "
    INSERT INTO messages (flow, id, event, json, thread, state_version, sent_at)
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[])";

const TAGS: &str = "
    INSERT INTO message_tags (flow, message, tag, thread)
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[])
    ON CONFLICT DO NOTHING";

const WORDS: &str = "
    INSERT INTO message_words (flow, message, words)
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::tsvector[])";

const FILES: &str = "
    INSERT INTO files (id, flow, message, name, content_type)
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::text[])";

/// A row with the same key is older than `REMEMBERED_MS`, since `POSTED` did not find it. It is replaced.
const NEW_POSTED: &str = "
    INSERT INTO posted (flow, source, uuid, message, digest, at)
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::bytea[], $6::bigint[])
    ON CONFLICT (flow, uuid, source)
    DO UPDATE SET message = excluded.message, digest = excluded.digest, at = excluded.at";

const NEW_THREADS: &str = "
    INSERT INTO threads (flow, id, source, external_thread_id, external_hash, created_at, last_message_id, updated_at)
    SELECT flow, id, source, external_id, hash, created, 0, 0
    FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::bytea[], $6::bigint[])
        AS new (flow, id, source, external_id, hash, created)";

const STATES: &str = "
    INSERT INTO thread_states (flow, thread, version, state)
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[])";

const CHANGED_THREADS: &str = "
    UPDATE threads SET
        state_version = changed.version,
        state_source = CASE WHEN changed.described THEN changed.state_source ELSE threads.state_source END,
        status_color = CASE WHEN changed.described THEN changed.color ELSE threads.status_color END,
        activities = changed.activities,
        internal_comments = changed.internal,
        external_comments = changed.external,
        last_message_id = changed.message,
        updated_at = changed.updated
    FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::boolean[], $5::bigint[], $6::text[], $7::bigint[],
                $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[])
        AS changed (flow, id, version, described, state_source, color, activities, internal, external, message, updated)
    WHERE threads.flow = changed.flow AND threads.id = changed.id";

const MOVED: &str = "
    UPDATE messages SET json = moved.json, thread = moved.thread, state_version = moved.version
    FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::bigint[])
        AS moved (flow, id, json, thread, version)
    WHERE messages.flow = moved.flow AND messages.id = moved.id";

const MOVED_TAGS: &str = "
    UPDATE message_tags SET thread = moved.thread
    FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS moved (flow, id, thread)
    WHERE message_tags.flow = moved.flow AND message_tags.message = moved.id";

const SENDERS: &str = "
    UPDATE sources SET last_message_at = sender.at
    FROM unnest($1::bigint[], $2::bigint[]) AS sender (key, at) WHERE sources.key = sender.key";

const UNUSED_FILES: &str = "DELETE FROM file_chunks WHERE file = ANY($1)";

const FLOWS: &str = "
    UPDATE flows SET last_message_id = changed.message, newest_at = changed.at
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS changed (key, message, at) WHERE flows.key = changed.key";

/// Writes what the posts did and ends the transaction.
pub async fn write(database: &Database, batch: Batch, now_ms: i64) -> Result<(), NotWritten> {
    let Batch { flows, writes, .. } = &batch;
    let mut pipeline = Pipeline::default();
    if !writes.messages.is_empty() {
        add_messages(&mut pipeline, &writes.messages, now_ms);
    }
    add_threads(&mut pipeline, &writes.threads, &writes.states);
    let moved = &writes.moved;
    if !moved.is_empty() {
        let (flows, ids) = (column(moved, |moved| moved.flow), column(moved, |moved| moved.message.id));
        let threads = column(moved, |moved| moved.thread.as_str());
        pipeline.add(MOVED_TAGS, values![flows.clone(), ids.clone(), threads.clone()]);
        let json = column(moved, |moved| moved.message.json.as_str());
        pipeline.add(MOVED, values![flows, ids, json, threads, column(moved, |moved| moved.version)]);
    }
    if !writes.senders.is_empty() {
        let (sources, at): (Vec<i64>, Vec<i64>) = writes.senders.iter().unzip();
        pipeline.add(SENDERS, values![sources, at]);
    }
    if !writes.unused_files.is_empty() {
        pipeline.add(UNUSED_FILES, values![writes.unused_files.as_slice()]);
    }
    let changed: Vec<_> = flows.iter().filter(|(_, flow)| flow.is_changed).collect();
    if !changed.is_empty() {
        let ids = column(&changed, |(_, flow)| flow.last_message_id);
        let times = column(&changed, |(_, flow)| flow.newest_ms);
        pipeline.add(FLOWS, values![column(&changed, |(key, _)| **key), ids, times]);
    }
    match pipeline.run(database, With::Commit).await {
        Ok(_) => {
            database.mark_ended();
            Ok(())
        }
        Err(FirstError { error, is_undecided: true }) => Err(NotWritten::Perhaps(error)),
        Err(FirstError { error, is_undecided: false }) => Err(NotWritten::Surely(error)),
    }
}

fn add_messages<'a>(pipeline: &mut Pipeline<'a>, messages: &'a [NewMessage], now_ms: i64) {
    let (flows, ids) = (column(messages, |message| message.flow), column(messages, |message| message.id));
    let thread = |message: &'a NewMessage| message.thread.as_ref().map(|(id, _)| id.as_str());
    pipeline.add(WORDS, values![flows.clone(), ids.clone(), column(messages, |message| &message.words)]);
    pipeline.add(
        MESSAGES,
        values![
            flows,
            ids,
            column(messages, |message| message.event.as_str()),
            column(messages, |message| message.json.as_str()),
            column(messages, thread),
            column(messages, |message| message.thread.as_ref().map(|(_, version)| *version)),
            column(messages, |message| message.sent_ms),
        ],
    );
    let tags = messages.iter().flat_map(|message| message.tags.iter().map(move |tag| (message, tag)));
    let tags: Vec<_> = tags.collect();
    if !tags.is_empty() {
        pipeline.add(
            TAGS,
            values![
                column(&tags, |(message, _)| message.flow),
                column(&tags, |(message, _)| message.id),
                column(&tags, |(_, tag)| tag.as_str()),
                column(&tags, |(message, _)| thread(message)),
            ],
        );
    }
    let files = messages.iter().flat_map(|message| message.files.iter().map(move |file| (message, file)));
    let files: Vec<_> = files.collect();
    if !files.is_empty() {
        pipeline.add(
            FILES,
            values![
                column(&files, |(_, file)| file.id.as_str()),
                column(&files, |(message, _)| message.flow),
                column(&files, |(message, _)| message.id),
                column(&files, |(_, file)| file.name.as_str()),
                column(&files, |(_, file)| file.content_type.as_str()),
            ],
        );
    }
    let posted = messages.iter().filter_map(|message| Some((message, message.posted.as_ref()?)));
    let posted: Vec<_> = posted.collect();
    if !posted.is_empty() {
        pipeline.add(
            NEW_POSTED,
            values![
                column(&posted, |(message, _)| message.flow),
                column(&posted, |(_, posted)| posted.source),
                column(&posted, |(_, posted)| posted.uuid.as_str()),
                column(&posted, |(message, _)| message.id),
                column(&posted, |(_, posted)| posted.digest.as_slice()),
                vec![now_ms; posted.len()],
            ],
        );
    }
}

fn add_threads<'a>(
    pipeline: &mut Pipeline<'a>,
    threads: &'a HashMap<(FlowKey, String), ThreadWrite>,
    states: &'a [NewState],
) {
    let new = threads.iter().filter_map(|(key, write)| Some((key, write, write.new.as_ref()?)));
    let new: Vec<_> = new.collect();
    if !new.is_empty() {
        let hash = |external_id: &String| secret::hash(external_id).to_vec();
        pipeline.add(
            NEW_THREADS,
            values![
                column(&new, |((flow, _), _, _)| *flow),
                column(&new, |((_, id), _, _)| id.as_str()),
                column(&new, |(_, _, (source, _))| *source),
                column(&new, |(_, _, (_, external_id))| external_id.as_deref()),
                column(&new, |(_, _, (_, external_id))| external_id.as_ref().map(hash)),
                column(&new, |(_, write, _)| write.thread.created_ms),
            ],
        );
    }
    if !states.is_empty() {
        pipeline.add(
            STATES,
            values![
                column(states, |state| state.flow),
                column(states, |state| state.thread.as_str()),
                column(states, |state| state.version),
                column(states, |state| state.state.as_str()),
            ],
        );
    }
    let changed: Vec<_> = threads.iter().collect();
    if !changed.is_empty() {
        let described = |write: &'a ThreadWrite| write.described.as_ref();
        pipeline.add(
            CHANGED_THREADS,
            values![
                column(&changed, |((flow, _), _)| *flow),
                column(&changed, |((_, id), _)| id.as_str()),
                column(&changed, |(_, write)| write.thread.version),
                column(&changed, |(_, write)| write.described.is_some()),
                column(&changed, |(_, write)| described(write).map(|(source, _)| *source)),
                column(&changed, |(_, write)| described(write).and_then(|(_, color)| color.as_deref())),
                column(&changed, |(_, write)| write.thread.activities),
                column(&changed, |(_, write)| write.thread.internal_comments),
                column(&changed, |(_, write)| write.thread.external_comments),
                column(&changed, |(_, write)| write.last_message_id),
                column(&changed, |(_, write)| write.thread.updated_ms),
            ],
        );
    }
}
