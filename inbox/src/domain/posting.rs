//! What a post does: to which thread its message belongs, what it changes in the thread, and what is stored of it.
//!
//! [`apply`] decides that from the message and the thread that the store found for it. It reads and writes nothing, so
//! every store gets the same decisions.

use flowdock_integration::html::escape;
use serde_json::{Map, Value, json};

use super::thread::{self, Thread, ThreadApplication};
use super::{Flow, NewFile, Source, file, message, owner, search};
use crate::secret;

/// How many tags of a message are indexed. A message of 1 MiB could have a hundred thousand, and each is a row.
const MAX_TAGS: usize = 100;

/// The longest tag by which a message is found.
const MAX_TAG_BYTES: usize = 200;

/// The longest title of a thread that begins with a chat message.
const MAX_TITLE_CHARS: usize = 100;

/// The largest number of posts that are stored together. With more, each post would only wait longer for its answer.
pub const MAX_POSTS: usize = 64;

/// How long a post is remembered by its uuid: 14 days, longer than any sender keeps trying.
pub const REMEMBERED_MS: i64 = 14 * 24 * 60 * 60 * 1000;

/// Where the thread of a message is looked for: first by its own id in the flow, then by the external thread id of the
/// source.
#[derive(Debug, PartialEq)]
pub struct ThreadKey<'a> {
    /// The id of the thread, which only the inbox creates.
    pub thread_id: Option<&'a str>,
    /// The id that the source gave the thread.
    pub external_thread_id: Option<&'a str>,
}

impl<'a> ThreadKey<'a> {
    /// The key of a message's thread. `None` for a message that names no thread: a chat message in the flow itself. The
    /// rules refuse every other message without one.
    pub fn of(posted: &'a Map<String, Value>) -> Option<ThreadKey<'a>> {
        let text = |key: &str| posted.get(key).and_then(Value::as_str);
        let key = ThreadKey { thread_id: text("thread_id"), external_thread_id: text("external_thread_id") };
        (key.thread_id.is_some() || key.external_thread_id.is_some()).then_some(key)
    }
}

/// Who posts.
#[derive(Clone, Debug)]
pub enum Sender {
    /// A source, with its flow token.
    Source(Box<Source>),
    /// The owner in this flow, or an application in the owner's name.
    Owner(Flow),
}

impl Sender {
    /// The flow to which the message goes.
    pub fn flow(&self) -> &Flow {
        match self {
            Sender::Source(source) => &source.flow,
            Sender::Owner(flow) => flow,
        }
    }

    /// Whether the thread was begun by the application whose source posts.
    fn owns(&self, thread: &Thread) -> bool {
        let Sender::Source(source) = self else { return false };
        thread.application.as_ref().is_some_and(|application| application.id == source.application.id)
    }

    /// The application whose source posts.
    fn application(&self) -> Option<ThreadApplication> {
        let Sender::Source(source) = self else { return None };
        let application = &source.application;
        Some(ThreadApplication {
            id: application.id,
            name: application.name.clone(),
            icon_url: application.icon_url.clone(),
        })
    }
}

/// A post whose token and message are good.
pub struct Post {
    /// Who posts.
    pub sender: Sender,
    /// The message, as it was posted.
    pub message: Map<String, Value>,
    /// The id of the message on which this message comments. It counts more than the thread that the message names.
    pub comments_on: Option<i64>,
    /// The files that came with it.
    pub files: Vec<NewFile>,
    /// What tells this post from another one with the same uuid.
    pub digest: Digest,
}

/// The first 16 bytes of the SHA-256 hash of a message and its files.
pub type Digest = [u8; 16];

/// The longest uuid by which a post is recognised when it comes again. A longer one is only stored.
const MAX_UUID_BYTES: usize = 64;

impl Post {
    /// A post of this sender. Reads the whole message and all files.
    pub fn new(sender: Sender, message: Map<String, Value>, files: Vec<NewFile>) -> Post {
        let digest = digest(&message, &files, None);
        Post { sender, message, comments_on: None, files, digest }
    }

    /// A post of this sender that comments on the message with this id.
    pub fn comment(sender: Sender, message: Map<String, Value>, comments_on: i64) -> Post {
        let digest = digest(&message, &[], Some(comments_on));
        Post { sender, message, comments_on: Some(comments_on), files: Vec::new(), digest }
    }

    /// The uuid by which the post is recognised when it comes again: a client that got no answer posts the same message
    /// with the same uuid.
    pub fn uuid(&self) -> Option<&str> {
        let uuid = self.message.get("uuid").and_then(Value::as_str);
        uuid.filter(|uuid| uuid.len() <= MAX_UUID_BYTES)
    }
}

fn digest(message: &Map<String, Value>, files: &[NewFile], comments_on: Option<i64>) -> Digest {
    // The flow token may change while a client tries again, and the flow may stand in the path or in the message.
    let posted = message.iter().filter(|(key, _)| *key != "flow_token" && *key != "flow");
    let posted: Map<_, _> = posted.map(|(key, value)| (key.clone(), value.clone())).collect();
    // Some languages write the keys of an object in another order each time.
    let mut posted = Value::Object(posted);
    posted.sort_all_objects();
    let described = files.iter().map(|file| json!([file.content_id, file.name, file.content_type, file.size]));
    let described: Vec<_> = described.collect();
    let text = json!([posted, described, comments_on]).to_string();
    let parts = [text.as_bytes()].into_iter().chain(files.iter().map(|file| file.content.as_slice()));
    let hash = secret::hash_of(parts);
    std::array::from_fn(|index| hash[index])
}

/// The facts about a post that only the store knows.
pub struct PostFacts {
    /// The number of the message in its flow.
    pub message_id: i64,
    /// When the message came, in milliseconds since 1970.
    pub now_ms: i64,
    /// The id that the thread gets if the message begins one.
    pub new_thread_id: String,
    /// The ids of the files, in their order.
    pub file_ids: Vec<String>,
}

/// What the store found for a post.
#[derive(Debug, Default)]
pub struct Found {
    /// The thread of the message's [`ThreadKey`], or of the message on which it comments.
    pub thread: Option<Thread>,
    /// The message on which it comments, if that is outside any thread.
    pub outside: Option<UnthreadedMessage>,
}

/// A message outside any thread.
#[derive(Debug)]
pub struct UnthreadedMessage {
    /// The message's number in its flow.
    pub id: i64,
    /// Its stored form.
    pub json: String,
}

/// Why a message that follows the rules is refused.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum Refused {
    /// The flow does not have the message on which this message comments.
    #[error("there is no such message")]
    MessageNotFound,
    /// The message names a thread that the flow does not have.
    #[error("there is no such thread")]
    ThreadNotFound,
    /// The message would begin a thread, but does not describe the thread.
    #[error("the thread is new and not described")]
    ThreadMissing,
    /// Another message was posted with the same uuid.
    #[error("the uuid was used for another message")]
    UuidReused,
    /// The message sets the state of a thread that another application began.
    #[error("another application began the thread")]
    ForeignThread,
}

/// What the store writes for a post.
#[derive(Debug)]
pub struct PostEffect {
    /// The message as it is stored: its JSON, in which `thread` comes last and lacks the thread's state.
    /// [`message::with_state`] makes the JSON that readers get.
    pub json: String,
    /// The event of the message.
    pub event: String,
    /// The tags of the message, in lower case.
    pub tags: Vec<String>,
    /// The thread of the message, after the post.
    pub thread: Option<ThreadEffect>,
    /// The message that the post moves into its thread, with its new stored form.
    pub moved: Option<UnthreadedMessage>,
    /// The text in which the message is searched for.
    pub searched: String,
}

/// The thread of a message, after the post.
#[derive(Debug)]
pub struct ThreadEffect {
    /// The thread with its new counters and its new state.
    pub thread: Thread,
    /// Whether the message begins the thread.
    pub is_new: bool,
    /// The external thread id under which the source finds a new thread again.
    pub external_thread_id: Option<String>,
    /// Whether the message describes the thread, even if nothing in the description is new.
    pub is_described: bool,
    /// The colour of the status in that description.
    pub status_color: Option<String>,
    /// Whether the state differs from the state before.
    pub is_changed: bool,
}

/// Decides what a post does.
///
/// # Errors
///
/// [`Refused`]. Then nothing is stored.
pub fn apply(post: &Post, facts: PostFacts, found: Found) -> Result<PostEffect, Refused> {
    let text = |key: &str| post.message.get(key).and_then(Value::as_str);
    let event = text("event").unwrap_or_default();
    let (thread, moved) = match (post.comments_on, ThreadKey::of(&post.message)) {
        (Some(_), _) => {
            let (thread, moved) = commented(&facts, found)?;
            (Some(thread), moved)
        }
        (None, Some(key)) => (Some(thread_after(post, &facts, found.thread, &key, event)?), None),
        (None, None) => (None, None),
    };
    let flow = post.sender.flow();
    let attachments = post.files.iter().zip(&facts.file_ids);
    let attachments = attachments.map(|(one, id)| file::attachment(one, flow.key, id)).collect();
    // The owner may post under another name. Such a message belongs to no user.
    let has_name = text("external_user_name").is_some_and(|name| !name.is_empty());
    let is_of_owner = matches!(post.sender, Sender::Owner(_)) && !has_name;
    let stored = message::stored(
        &post.message,
        message::MessageFacts {
            id: facts.message_id,
            flow: &flow.id,
            user: if is_of_owner { owner::ID } else { 0 },
            thread: thread.as_ref().map(|after| &after.thread),
            sent_ms: facts.now_ms,
            attachments,
        },
    );
    Ok(PostEffect {
        event: event.to_owned(),
        tags: indexed(&message::tags(stored.get("tags"))),
        searched: search::text_of(&stored, thread.as_ref().map(|after| after.thread.state.as_str())),
        json: stored.to_string(),
        thread,
        moved,
    })
}

/// The tags by which a message is found, in lower case: the first `MAX_TAGS`, without those that are too long to search
/// for. The message shows all of them.
fn indexed(tags: &[String]) -> Vec<String> {
    let short = tags.iter().filter(|tag| tag.len() <= MAX_TAG_BYTES);
    short.take(MAX_TAGS).map(|tag| tag.to_lowercase()).collect()
}

fn thread_after(
    post: &Post,
    facts: &PostFacts,
    found: Option<Thread>,
    key: &ThreadKey<'_>,
    event: &str,
) -> Result<ThreadEffect, Refused> {
    let posted = post.message.get("thread").and_then(Value::as_object);
    let described = posted.map(thread::state_of);
    let status_color = posted.and_then(thread::status_color).map(str::to_owned);
    let is_new = found.is_none();
    let mut thread = match found {
        // The state says what the thread's item is and which actions the owner can click, so it belongs to the
        // application that began the thread. Other applications may add messages.
        Some(found) if described.is_some() && !post.sender.owns(&found) => return Err(Refused::ForeignThread),
        Some(found) => found,
        None => begun(post, facts, key, described.is_some(), event)?,
    };
    match event {
        "activity" => thread.activities += 1,
        "discussion" => thread.external_comments += 1,
        _ => thread.internal_comments += 1,
    }
    thread.updated_ms = facts.now_ms;
    let is_described = described.is_some();
    let is_changed = is_new || described.as_ref().is_some_and(|state| *state != thread.state);
    if let Some(state) = described {
        thread.state = state;
    }
    if is_changed {
        thread.version += 1;
    }
    let external_thread_id = key.external_thread_id.filter(|_| is_new).map(str::to_owned);
    Ok(ThreadEffect { thread, is_new, external_thread_id, is_described, status_color, is_changed })
}

/// The thread that a message begins. An unknown `thread_id` is an error, since only the inbox creates thread ids. An
/// unknown `external_thread_id` begins a new thread.
fn begun(
    post: &Post,
    facts: &PostFacts,
    key: &ThreadKey<'_>,
    is_described: bool,
    event: &str,
) -> Result<Thread, Refused> {
    if key.external_thread_id.is_none() {
        return Err(Refused::ThreadNotFound);
    }
    // A chat message may begin a thread before the item is described. An activity or a discussion about an item without
    // a description is refused.
    if !is_described && event != "message" {
        return Err(Refused::ThreadMissing);
    }
    Ok(Thread { application: post.sender.application(), ..empty(facts) })
}

/// A thread without messages, which no application began.
fn empty(facts: &PostFacts) -> Thread {
    Thread {
        id: facts.new_thread_id.clone(),
        state: thread::state_of(&Map::new()),
        version: 0,
        application: None,
        activities: 0,
        internal_comments: 0,
        external_comments: 0,
        created_ms: facts.now_ms,
        updated_ms: facts.now_ms,
    }
}

/// The thread of a comment: that of the message on which it comments. If that is outside any thread, a thread begins with
/// it, and its text is the title.
fn commented(facts: &PostFacts, found: Found) -> Result<(ThreadEffect, Option<UnthreadedMessage>), Refused> {
    let (mut thread, moved) = match found {
        Found { thread: Some(thread), .. } => (thread, None),
        Found { outside: Some(UnthreadedMessage { id, json }), .. } => {
            let parent: Value = serde_json::from_str(&json).unwrap_or_default();
            let began_ms = parent["sent"].as_i64().unwrap_or(facts.now_ms);
            let mut state = Map::new();
            state.insert("title".to_owned(), title_of(parent["content"].as_str().unwrap_or_default()).into());
            let thread = Thread {
                state: thread::state_of(&state),
                version: 1,
                internal_comments: 1,
                created_ms: began_ms,
                updated_ms: began_ms,
                ..empty(facts)
            };
            let json = message::moved_into(&json, &thread).ok_or(Refused::MessageNotFound)?;
            (thread, Some(UnthreadedMessage { id, json }))
        }
        Found { .. } => return Err(Refused::MessageNotFound),
    };
    thread.internal_comments += 1;
    thread.updated_ms = facts.now_ms;
    let is_new = moved.is_some();
    let effect = ThreadEffect {
        thread,
        is_new,
        external_thread_id: None,
        is_described: false,
        status_color: None,
        is_changed: is_new,
    };
    Ok((effect, moved))
}

/// The title of a thread that begins with a chat message, as HTML: the first line of its content, up to
/// `MAX_TITLE_CHARS`.
fn title_of(content: &str) -> String {
    let line = content.trim().lines().next().unwrap_or_default();
    match line.char_indices().nth(MAX_TITLE_CHARS) {
        Some((end, _)) => escape(&line[..end]) + "…",
        None => escape(line),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Flow, Organization, SourceApplication};

    fn post_of(application: i64, message: Value) -> Post {
        let named = |name: &str| name.to_owned();
        let organization = Organization { id: 1, name: named("Example"), parameterized_name: named("example") };
        let flow =
            Flow { key: 1, id: named("f"), name: named("Main"), parameterized_name: named("main"), organization };
        let source = Source {
            id: 1,
            flow,
            name: named("Source"),
            external_url: None,
            error_message: None,
            configuration_url: None,
            created_ms: 0,
            updated_ms: 0,
            last_message_ms: None,
            removed: false,
            application: SourceApplication {
                id: application,
                name: named("Application"),
                icon_url: None,
                configuration_uri: None,
            },
            token: [0; 32],
        };
        let Value::Object(message) = message else { panic!("an object") };
        Post::new(Sender::Source(source.into()), message, Vec::new())
    }

    fn in_thread(thread: Thread) -> Found {
        Found { thread: Some(thread), outside: None }
    }

    fn facts(now_ms: i64) -> PostFacts {
        PostFacts { message_id: now_ms, now_ms, new_thread_id: "new".to_owned(), file_ids: Vec::new() }
    }

    fn after(post: &Post, now_ms: i64, found: Option<Thread>) -> ThreadEffect {
        apply(post, facts(now_ms), found.map(in_thread).unwrap_or_default())
            .expect("it is taken")
            .thread
            .expect("a thread")
    }

    #[test]
    fn a_thread_is_begun_updated_and_only_counted() {
        let message = json!({ "event": "activity", "external_thread_id": "7", "thread": { "title": "a" } });
        let begun = after(&post_of(1, message.clone()), 5, None);
        assert!(begun.is_new && begun.is_described && begun.is_changed);
        assert_eq!((begun.external_thread_id.as_deref(), begun.thread.version), (Some("7"), 1));

        let same = after(&post_of(1, message), 6, Some(begun.thread));
        assert!(!same.is_new && same.is_described && !same.is_changed);
        let thread = same.thread;
        let state = thread.state.clone();
        assert!(state.starts_with(r#"{"title":"a","body":null,"#), "{state}");
        assert_eq!((thread.activities, thread.version, thread.created_ms, thread.updated_ms), (2, 1, 5, 6));

        let chat = post_of(2, json!({ "event": "message", "thread_id": "new", "content": "hi" }));
        let chat = after(&chat, 7, Some(thread));
        assert!(!chat.is_described && !chat.is_changed);
        assert_eq!((chat.thread.internal_comments, chat.thread.state.as_str()), (1, state.as_str()));
    }

    #[test]
    fn a_message_that_names_no_known_thread_or_a_thread_of_others_is_refused() {
        let refused = |post: Post, found: Option<Thread>| {
            apply(&post, facts(9), found.map(in_thread).unwrap_or_default()).expect_err("it is refused")
        };
        let begin = json!({ "event": "discussion", "external_thread_id": "7", "thread": {} });
        let thread = after(&post_of(1, begin), 5, None).thread;
        for (application, message, found, error) in [
            (1, json!({ "event": "message", "thread_id": "x" }), None, Refused::ThreadNotFound),
            (1, json!({ "event": "activity", "external_thread_id": "7" }), None, Refused::ThreadMissing),
            (
                2,
                json!({ "event": "activity", "thread_id": "x", "thread": {} }),
                Some(thread.clone()),
                Refused::ForeignThread,
            ),
            (2, json!({ "event": "message", "thread_id": "x", "thread": {} }), Some(thread), Refused::ForeignThread),
        ] {
            assert_eq!(refused(post_of(application, message.clone()), found), error, "{message}");
        }
    }

    #[test]
    fn a_digest_tells_two_messages_apart_and_not_two_posts_of_one() {
        let digest = |message: Value| post_of(1, message).digest;
        let posted = json!({ "event": "message", "content": "hi", "flow_token": "a", "uuid": "1" });
        let mut again = posted.clone();
        again["flow_token"] = "b".into();
        assert_eq!(digest(posted.clone()), digest(again));
        let mut other = posted.clone();
        other["content"] = "ho".into();
        assert_ne!(digest(posted.clone()), digest(other));

        let Value::Object(message) = posted else { panic!("an object") };
        let with = |name: &str, content: &[u8]| {
            let (name, content_type) = (name.to_owned(), "text/plain".to_owned());
            let file = NewFile { content_id: None, name, content_type, size: content.len(), content: content.to_vec() };
            super::digest(&message, &[file], None)
        };
        assert_eq!(with("a", b"x"), with("a", b"x"));
        assert_ne!(with("a", b"x"), with("a", b"y"));
        assert_ne!(with("a", b"x"), with("b", b"x"));
    }

    #[test]
    fn only_a_uuid_of_usual_length_takes_part() {
        let uuid = |uuid: &str| post_of(1, json!({ "event": "message", "uuid": uuid })).uuid().map(str::to_owned);
        assert_eq!(uuid(&"x".repeat(64)).map(|uuid| uuid.len()), Some(64));
        assert_eq!(uuid(&"x".repeat(65)), None);
    }

    #[test]
    fn a_message_is_found_by_its_first_tags_and_by_no_endless_one() {
        let tags: Vec<String> =
            ["A".repeat(201)].into_iter().chain((0..200).map(|index| format!("T{index}"))).collect();
        let post = post_of(1, json!({ "event": "message", "content": "hi", "tags": tags }));
        let posted = apply(&post, facts(5), Found::default()).expect("it is taken");
        assert_eq!(posted.tags, (0..100).map(|index| format!("t{index}")).collect::<Vec<_>>());
        let stored: Value = serde_json::from_str(&posted.json).expect("JSON");
        assert_eq!(stored["tags"].as_array().map(Vec::len), Some(201));
    }

    #[test]
    fn a_message_that_names_no_thread_has_none() {
        let post = post_of(1, json!({ "event": "message", "content": "hi", "thread": { "title": "a" } }));
        let posted = apply(&post, facts(5), Found::default()).expect("it is taken");
        assert!(posted.thread.is_none());
        let stored: Value = serde_json::from_str(&posted.json).expect("JSON");
        assert_eq!((&stored["thread_id"], stored.get("thread")), (&Value::Null, None));
    }
}
