//! Begins the transaction of a batch, and reads what its posts may touch, in one round trip.

use std::sync::LazyLock;

use tokio_postgres::Row;

use super::applications::OWN;
use super::batch::{Batch, Commented, Filed, LockedFlow};
use super::database::Database;
use super::pipeline::{Pipeline, With, values};
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

impl Batch {
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
