//! Writes what the posts of a batch did and ends their transaction, in one round trip.

use std::collections::HashMap;

use super::batch::{Batch, NewMessage, NewState, ThreadWrite};
use super::database::Database;
use super::pipeline::{FirstError, Pipeline, With, column, values};
use crate::domain::FlowKey;
use crate::secret;
use crate::store::StoreError;

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

/// A row with the same key is older than `REMEMBERED_MS`, since [`Batch::read`] did not find it. It is replaced.
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

impl Batch {
    /// Writes what the posts did and ends the transaction.
    pub async fn write(&self, database: &Database, now_ms: i64) -> Result<(), NotWritten> {
        let Batch { flows, writes, .. } = self;
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
