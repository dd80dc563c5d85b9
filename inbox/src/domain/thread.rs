//! Threads. Each holds the newest state of the item that it describes.

use serde_json::{Map, Value, json};

use crate::clock::iso;

/// The keys of a thread that only the server sets. A client's values for them are discarded.
const SERVER_SET: [&str; 9] = [
    "id",
    "source",
    "activities",
    "internal_comments",
    "external_comments",
    "created_at",
    "updated_at",
    "last_message",
    "last_message_id",
];

/// A thread, with the data of its application.
#[derive(Clone, Debug)]
pub struct Thread {
    /// The thread's id, which nobody can guess.
    pub id: String,
    /// What [`state_of`] makes of the `thread` object of the last message that had one: the text of a JSON object that is
    /// not empty. It may be long, so nothing parses it without need.
    pub state: String,
    /// How often the state was set to something new. The first state has the version 1.
    pub version: i64,
    /// The application whose source began the thread. `None` if the inbox made the thread for a comment.
    pub application: Option<ThreadApplication>,
    /// The number of `activity` messages in the thread.
    pub activities: i64,
    /// The number of `message` messages in the thread.
    pub internal_comments: i64,
    /// The number of `discussion` messages in the thread.
    pub external_comments: i64,
    /// When the thread's first message came, in milliseconds since 1970.
    pub created_ms: i64,
    /// When the thread's last message came, in milliseconds since 1970.
    pub updated_ms: i64,
}

/// The data of an application that its threads show.
#[derive(Clone, Debug)]
pub struct ThreadApplication {
    /// The application's id.
    pub id: i64,
    /// The name that people see.
    pub name: String,
    /// The URL of the application's icon.
    pub icon_url: Option<String>,
}

/// Which threads to list.
#[derive(Clone, Debug, Default)]
pub struct ThreadFilter {
    /// Only threads that were updated after this time, in milliseconds since 1970.
    pub since_ms: Option<i64>,
    /// Only threads that were updated before this time, in milliseconds since 1970.
    pub until_ms: Option<i64>,
    /// Only threads whose last message has a higher id.
    pub since_id: Option<i64>,
    /// Only threads whose last message has a lower id.
    pub until_id: Option<i64>,
    /// Only threads that this source began.
    pub source: Option<i64>,
    /// Only threads whose status has this colour. `Some(None)` are the threads without one.
    pub status_color: Option<Option<String>>,
    /// Only threads that have a message with this tag, in any letter case.
    pub tag: Option<String>,
    /// Only threads that have a message that contains all of these words, in any letter case. The title of a thread counts as a
    /// part of its messages.
    pub words: Vec<String>,
    /// The largest number of threads in the list.
    pub limit: u32,
}

/// How many of the most used tags are counted.
pub const COUNTED_TAGS: i64 = 20;

/// How many tags of messages are counted, those of the newest messages first.
pub const COUNTED_TAG_ROWS: i64 = 10_000;

/// How many threads a flow has, of each kind.
#[derive(Debug)]
pub struct ThreadCounts {
    /// The number of threads.
    pub threads: i64,
    /// The colours of a status with the numbers of their threads, the largest number first. `None` are the threads without a
    /// colour.
    pub statuses: Vec<(Option<String>, i64)>,
    /// The ids of sources with the numbers of the threads that they began, the largest number first.
    pub sources: Vec<(i64, i64)>,
    /// The most used tags, in lower case, with the numbers of messages that have them, the largest number first.
    pub tags: Vec<(String, i64)>,
    /// The id of the flow's last message, even if that was removed.
    pub last_message_id: i64,
}

/// A thread with the source that set its state, and so offered its actions. The source is unknown for some threads of
/// older inboxes.
#[derive(Debug)]
pub struct Offer {
    /// The thread.
    pub thread: Thread,
    /// The id of the source.
    pub source: Option<i64>,
}

impl Thread {
    /// The JSON of the thread, with its newest state.
    pub fn json(&self) -> String {
        append_entries(&self.head().to_string(), &self.state)
    }

    /// The JSON of the thread, as [`Thread::json`] makes it, with the JSON of its newest message, and with the id of the message that came last
    /// even if that was removed.
    pub fn json_with(&self, last_message: Option<&str>, last_message_id: i64) -> String {
        let message = last_message.unwrap_or("null");
        append_entries(&self.json(), &format!("{{\"last_message\":{message},\"last_message_id\":{last_message_id}}}"))
    }

    /// The keys that only the server sets.
    pub fn head(&self) -> Value {
        json!({
            "id": self.id,
            "source": self.application.as_ref().map(|application| json!({
                "id": application.id,
                "icon": application.icon_url,
                "application": application.name,
            })),
            "activities": self.activities,
            "internal_comments": self.internal_comments,
            "external_comments": self.external_comments,
            "updated_at": iso(self.updated_ms),
            "created_at": iso(self.created_ms),
        })
    }
}

/// Appends the entries of the JSON object `second` to the object with which the text `first` ends. Neither object is empty.
pub fn append_entries(first: &str, second: &str) -> String {
    let (first, second) = (first.strip_suffix('}').unwrap_or(first), second.strip_prefix('{').unwrap_or(second));
    format!("{first},{second}")
}

/// The colour of the status in a posted `thread` object.
pub fn status_color(posted: &Map<String, Value>) -> Option<&str> {
    posted.get("status")?.get("color")?.as_str()
}

/// The state that a posted `thread` object describes, as the text of a JSON object.
///
/// A documented key that the object lacks is empty or null in the state. Other keys are kept, known or not, but for
/// those that only the server sets.
pub fn state_of(posted: &Map<String, Value>) -> String {
    let list = |key: &str| posted.get(key).filter(|value| value.is_array()).cloned().unwrap_or_else(|| json!([]));
    let mut state = Map::new();
    state.insert("title".to_owned(), posted.get("title").cloned().unwrap_or_else(|| "".into()));
    for key in ["body", "external_url", "status"] {
        state.insert(key.to_owned(), posted.get(key).cloned().unwrap_or_default());
    }
    for key in ["actions", "fields"] {
        state.insert(key.to_owned(), list(key));
    }
    for (key, value) in posted.iter().filter(|(key, _)| !SERVER_SET.contains(&key.as_str())) {
        if !state.contains_key(key) {
            state.insert(key.clone(), value.clone());
        }
    }
    Value::Object(state).to_string()
}
