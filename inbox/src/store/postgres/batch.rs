//! What the posts of one transaction do, decided one after another: each sees what the ones before it did.
//!
//! Nothing here runs SQL. `batch_read.rs` reads what the posts may touch into a [`Batch`], and `batch_write.rs` writes its [`Writes`].

use std::collections::HashMap;

use super::words::Words;
use crate::domain::posting::{
    self, Digest, Found, Post, PostFacts, Refused, Sender, ThreadEffect, ThreadKey, UnthreadedMessage,
};
use crate::domain::{FlowKey, StoredMessage, Thread, message};
use crate::secret::{self, Hash};
use crate::store::PostError;

/// A post whose files are stored already, under `file_ids`.
pub struct Filed {
    /// The post.
    pub post: Post,
    /// The ids of its files, in their order.
    pub file_ids: Vec<String>,
}

/// What became of a post.
#[derive(Debug)]
pub enum Outcome {
    /// It is a new message.
    New(StoredMessage),
    /// It was stored before, as the message with this id.
    Known(i64),
}

/// A flow, whose row is locked.
pub struct LockedFlow {
    /// The id of its last message.
    pub last_message_id: i64,
    /// The time of its newest message, in milliseconds since 1970.
    pub newest_ms: i64,
    /// Whether it was removed.
    pub is_removed: bool,
    /// Whether a post of this transaction has changed it.
    pub is_changed: bool,
}

/// The message on which a post comments.
pub enum Commented {
    /// It is in the thread with this id.
    InThread(String),
    /// It is outside any thread; this is its stored form.
    Outside(String),
}

/// What the database has that the posts of a transaction may touch, and what they did to it so far.
#[derive(Default)]
pub struct Batch {
    /// The flows, locked.
    pub flows: HashMap<FlowKey, LockedFlow>,
    /// The hashes of the flow tokens of the sources that were not removed.
    pub sources: HashMap<i64, Hash>,
    /// The sources of the owner, by their flows.
    pub owners: HashMap<FlowKey, i64>,
    /// The posts with the same uuids, by flow, source and uuid: the message of each and its digest.
    pub posted: HashMap<(FlowKey, i64, String), (i64, Digest)>,
    /// The threads, by flow and id.
    pub threads: HashMap<(FlowKey, String), Thread>,
    /// The ids of threads, by source and by the hash of the external thread id.
    pub external: HashMap<(i64, Hash), String>,
    /// The messages on which posts comment, by flow and id.
    pub commented: HashMap<(FlowKey, i64), Commented>,
    /// What is to be written.
    pub writes: Writes,
}

/// What the posts of a transaction write.
#[derive(Default)]
pub struct Writes {
    /// New messages.
    pub messages: Vec<NewMessage>,
    /// New and changed threads, by flow and id, each in its last form.
    pub threads: HashMap<(FlowKey, String), ThreadWrite>,
    /// New states of threads.
    pub states: Vec<NewState>,
    /// Messages that move into a thread.
    pub moved: Vec<Moved>,
    /// Files whose post was stored before.
    pub unused_files: Vec<String>,
    /// When each source last posted, in milliseconds since 1970.
    pub senders: HashMap<i64, i64>,
}

/// A message to be written.
pub struct NewMessage {
    pub flow: FlowKey,
    pub id: i64,
    pub event: String,
    pub json: String,
    /// Its thread, and the version of the thread's state that it shows.
    pub thread: Option<(String, i64)>,
    pub sent_ms: i64,
    pub tags: Vec<String>,
    pub words: Words,
    pub files: Vec<StoredFile>,
    /// By what the post is recognised when it comes again.
    pub posted: Option<Posted>,
}

/// A file of a message to be written, whose chunks are stored already.
pub struct StoredFile {
    pub id: String,
    pub name: String,
    pub content_type: String,
}

/// By what a post is recognised when it comes again.
pub struct Posted {
    pub source: i64,
    pub uuid: String,
    pub digest: Digest,
}

/// A state of a thread to be written.
pub struct NewState {
    pub flow: FlowKey,
    pub thread: String,
    pub version: i64,
    pub state: String,
}

/// A message that moves into a thread.
pub struct Moved {
    pub flow: FlowKey,
    /// The message in its new form.
    pub message: UnthreadedMessage,
    pub thread: String,
    /// The version of the thread's state that the message shows.
    pub version: i64,
}

/// A thread to be written.
pub struct ThreadWrite {
    pub thread: Thread,
    pub last_message_id: i64,
    /// For a new thread: its source and its external thread id.
    pub new: Option<(i64, Option<String>)>,
    /// If the thread was described: the source that did it, and the colour of the status.
    pub described: Option<(i64, Option<String>)>,
}

impl Batch {
    /// Does what a post does. A refused post changes nothing.
    pub fn apply(&mut self, filed: &Filed, now_ms: i64) -> Result<Outcome, PostError> {
        let Filed { post, file_ids } = filed;
        let flow = post.sender.flow().key;
        let source = self.source(post)?;
        if let Some(id) = self.known(post, source)? {
            self.writes.unused_files.extend(file_ids.iter().cloned());
            return Ok(Outcome::Known(id));
        }
        let locked = self.flows.get(&flow).ok_or(PostError::FlowRemoved)?;
        // Never before that of an earlier message, even if somebody sets a clock back or the clocks of two inboxes differ: lists
        // by time and lists by id have the same order.
        let (id, sent_ms) = (locked.last_message_id + 1, locked.newest_ms.max(now_ms));
        let facts = PostFacts {
            message_id: id,
            now_ms: sent_ms,
            new_thread_id: secret::random_thread_id()?,
            file_ids: file_ids.clone(),
        };
        let posted = posting::apply(post, facts, self.found(post, source))?;
        if let Some(locked) = self.flows.get_mut(&flow) {
            (locked.last_message_id, locked.newest_ms, locked.is_changed) = (id, sent_ms, true);
        }
        let state = posted.thread.as_ref().map(|effect| effect.thread.state.as_str());
        let stored = StoredMessage { id, json: message::with_state(posted.json.clone(), state) };
        let thread = posted.thread.as_ref().map(|effect| (effect.thread.id.clone(), effect.thread.version));
        if let (Some((id, version)), Some(moved)) = (&thread, posted.moved) {
            self.commented.insert((flow, moved.id), Commented::InThread(id.clone()));
            self.writes.moved.push(Moved { flow, message: moved, thread: id.clone(), version: *version });
        }
        if let Some(effect) = posted.thread {
            self.write_thread(flow, source, effect, id)?;
        }
        let files = post.files.iter().zip(file_ids).map(|(file, id)| StoredFile {
            id: id.clone(),
            name: file.name.clone(),
            content_type: file.content_type.clone(),
        });
        if let Some(uuid) = post.uuid() {
            self.posted.insert((flow, source, uuid.to_owned()), (id, post.digest));
        }
        if let Sender::Source(source) = &post.sender {
            self.writes.senders.insert(source.id, sent_ms);
        }
        self.writes.messages.push(NewMessage {
            flow,
            id,
            event: posted.event,
            json: posted.json,
            thread,
            sent_ms,
            tags: posted.tags,
            words: Words::of(flow, &posted.searched),
            files: files.collect(),
            posted: post.uuid().map(|uuid| Posted { source, uuid: uuid.to_owned(), digest: post.digest }),
        });
        Ok(Outcome::New(stored))
    }

    /// The source that posts.
    fn source(&self, post: &Post) -> Result<i64, PostError> {
        let flow = post.sender.flow().key;
        let has_flow = self.flows.get(&flow).is_some_and(|locked| !locked.is_removed);
        match &post.sender {
            // What the inbox remembers of a source may be older than a change at another inbox.
            Sender::Source(source) => match self.sources.get(&source.id).filter(|_| has_flow) {
                Some(token) if *token == source.token => Ok(source.id),
                Some(_) => Err(PostError::TokenReplaced),
                None => Err(PostError::SourceRemoved),
            },
            Sender::Owner(_) if has_flow => self.owner(flow),
            Sender::Owner(_) => Err(PostError::FlowRemoved),
        }
    }

    fn owner(&self, flow: FlowKey) -> Result<i64, PostError> {
        self.owners.get(&flow).copied().ok_or(PostError::FlowRemoved)
    }

    /// The message of an earlier post with the same uuid.
    fn known(&self, post: &Post, source: i64) -> Result<Option<i64>, PostError> {
        let Some(uuid) = post.uuid() else { return Ok(None) };
        match self.posted.get(&(post.sender.flow().key, source, uuid.to_owned())) {
            None => Ok(None),
            Some((id, digest)) if *digest == post.digest => Ok(Some(*id)),
            Some(_) => Err(Refused::UuidReused.into()),
        }
    }

    /// What there is for a post: its thread, or the message on which it comments.
    fn found(&self, post: &Post, source: i64) -> Found {
        let flow = post.sender.flow().key;
        let thread = |id: &str| self.threads.get(&(flow, id.to_owned())).cloned();
        if let Some(id) = post.comments_on {
            return match self.commented.get(&(flow, id)) {
                None => Found::default(),
                Some(Commented::InThread(id)) => Found { thread: thread(id), outside: None },
                Some(Commented::Outside(json)) => {
                    Found { thread: None, outside: Some(UnthreadedMessage { id, json: json.clone() }) }
                }
            };
        }
        let Some(key) = ThreadKey::of(&post.message) else { return Found::default() };
        let by_id = key.thread_id.and_then(thread);
        let by_external_id = || {
            let hash = secret::hash(key.external_thread_id?);
            self.external.get(&(source, hash)).and_then(|id| thread(id))
        };
        Found { thread: by_id.or_else(by_external_id), outside: None }
    }

    fn write_thread(
        &mut self,
        flow: FlowKey,
        source: i64,
        effect: ThreadEffect,
        message: i64,
    ) -> Result<(), PostError> {
        let ThreadEffect { thread, is_new, external_thread_id, is_described, status_color, is_changed } = effect;
        // A thread that no application began belongs to the owner's source.
        let source = if thread.application.is_some() { source } else { self.owner(flow)? };
        if let Some(external) = &external_thread_id {
            self.external.insert((source, secret::hash(external)), thread.id.clone());
        }
        if is_changed {
            self.writes.states.push(NewState {
                flow,
                thread: thread.id.clone(),
                version: thread.version,
                state: thread.state.clone(),
            });
        }
        let key = (flow, thread.id.clone());
        self.threads.insert(key.clone(), thread.clone());
        let before = self.writes.threads.remove(&key);
        let (was_new, was_described) = before.map_or((None, None), |before| (before.new, before.described));
        let new = if is_new { Some((source, external_thread_id)) } else { was_new };
        let described = if is_described { Some((source, status_color)) } else { was_described };
        self.writes.threads.insert(key, ThreadWrite { thread, last_message_id: message, new, described });
        Ok(())
    }
}
