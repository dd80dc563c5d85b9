//! Messages: their stored form, and which of them a list holds.

use serde_json::{Map, Value, json};

use super::hashtags;
use super::thread::{Thread, append_entries};
use crate::clock::iso;

/// The tag that marks a message with files.
const FILE_TAG: &str = ":file";

/// A stored message, as readers get it.
#[derive(Debug)]
pub struct StoredMessage {
    /// The message's number in its flow.
    pub id: i64,
    /// The whole message as JSON.
    pub json: String,
}

/// From which end of the matching messages the list is taken. The list itself is always sorted from old to new.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Order {
    /// The list holds the latest messages.
    NewestFirst,
    /// The list holds the earliest messages.
    OldestFirst,
}

/// Which messages to list.
#[derive(Debug)]
pub struct MessageFilter {
    /// Only messages with one of these events.
    pub events: Option<Vec<String>>,
    /// Only messages with these tags, in any letter case.
    pub tags: Vec<String>,
    /// Whether one of the tags is enough. Otherwise a message must have all of them.
    pub any_tag: bool,
    /// Only messages that contain all of these words, in any letter case.
    pub words: Vec<String>,
    /// Only messages with a higher id.
    pub since_id: Option<i64>,
    /// Only messages with a lower id.
    pub until_id: Option<i64>,
    /// Only messages in this thread.
    pub thread_id: Option<String>,
    /// From which end of the matching messages the list is taken.
    pub order: Order,
    /// How many messages at that end are left out.
    pub skip: u32,
    /// The largest number of messages in the list.
    pub limit: u32,
}

impl MessageFilter {
    /// The part of the sorted ids that the filter wants.
    pub fn window(&self, mut ids: Vec<i64>) -> Vec<i64> {
        let (skip, limit) = (self.skip as usize, self.limit as usize);
        match self.order {
            Order::OldestFirst => {
                ids.drain(..skip.min(ids.len()));
                ids.truncate(limit);
            }
            Order::NewestFirst => {
                ids.truncate(ids.len().saturating_sub(skip));
                ids.drain(..ids.len().saturating_sub(limit));
            }
        }
        ids
    }
}

/// The facts about a message that only the server knows.
pub struct MessageFacts<'a> {
    /// The message's number in its flow.
    pub id: i64,
    /// The flow's id.
    pub flow: &'a str,
    /// The id of the user who wrote the message; 0 if no user did.
    pub user: i64,
    /// Its thread, already updated by this message. `None` for a message in the flow itself, outside any thread.
    pub thread: Option<&'a Thread>,
    /// When the message came, in milliseconds since 1970.
    pub sent_ms: i64,
    /// The JSON of the files that came with the message. If there are any, they become its `attachments`.
    pub attachments: Vec<Value>,
}

/// The stored form of a message: the posted message without its flow token, completed by the server's facts. `thread`
/// is its last key and lacks the thread's state, which is stored once for all messages that show the same state.
///
/// A client may edit a message, add a flow token and post it again. So a key that was not posted is left out, except
/// for the keys that the documentation shows as null.
pub fn stored(posted: &Map<String, Value>, facts: MessageFacts<'_>) -> Value {
    let event = posted.get("event").cloned().unwrap_or_default();
    let is_chat = event == "message";
    let mut tags = tags(posted.get("tags"));
    if is_chat {
        let content = posted.get("content").and_then(Value::as_str).unwrap_or_default();
        hashtags::add(&mut tags, content);
    }
    let mut attachments =
        posted.get("attachments").filter(|list| list.is_array()).cloned().unwrap_or_else(|| json!([]));
    if !facts.attachments.is_empty() {
        tags.push(FILE_TAG.to_owned());
        attachments = facts.attachments.into();
    }
    let mut stored = json!({
        "id": facts.id,
        "event": event,
        "app": if is_chat { "chat" } else { "influx" },
        "flow": facts.flow,
        "user": facts.user.to_string(),
        "sent": facts.sent_ms,
        "created_at": iso(facts.sent_ms),
        "edited": null,
        "tags": tags,
        "attachments": attachments,
        "thread_id": facts.thread.map(|thread| &thread.id),
        "content": posted.get("content"),
    });
    if let Value::Object(stored) = &mut stored {
        if !is_chat {
            stored.insert("title".to_owned(), posted.get("title").cloned().unwrap_or_default());
            stored.insert("body".to_owned(), posted.get("body").cloned().unwrap_or_default());
        }
        for (key, value) in posted {
            // `flow_token` is a secret. `external_thread_id` means something only to its source. `thread` is either set
            // below, or it describes a thread that does not exist.
            if !matches!(key.as_str(), "flow_token" | "external_thread_id" | "thread") && !stored.contains_key(key) {
                stored.insert(key.clone(), value.clone());
            }
        }
        if let Some(thread) = facts.thread {
            stored.insert("thread".to_owned(), thread.head());
        }
    }
    stored
}

/// The id of a message, as a number or as a string.
pub fn parse_id(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// When a stored message came, in milliseconds since 1970.
pub fn sent_ms(stored: &str) -> serde_json::Result<i64> {
    #[derive(serde::Deserialize)]
    struct Sent {
        sent: i64,
    }
    serde_json::from_str(stored).map(|Sent { sent }| sent)
}

/// The stored form of a message that was outside any thread, in this thread. `None` if its stored form is no object.
pub fn moved_into(stored: &str, thread: &Thread) -> Option<String> {
    let mut message: Map<String, Value> = serde_json::from_str(stored).ok()?;
    message.insert("thread_id".to_owned(), thread.id.as_str().into());
    // The thread is the last key.
    message.shift_remove("thread");
    message.insert("thread".to_owned(), thread.head());
    Some(Value::Object(message).to_string())
}

/// The JSON of a message as readers get it: the stored form, with the state of its thread in `thread`. That is its last
/// key, so the text needs no parsing.
pub fn with_state(stored: String, state: Option<&str>) -> String {
    let (Some(before), Some(state)) = (stored.strip_suffix('}'), state) else { return stored };
    append_entries(before, state) + "}"
}

/// The JSON of a stored message without its thread.
pub fn without_thread(stored: &str) -> serde_json::Result<String> {
    let mut message: Map<String, Value> = serde_json::from_str(stored)?;
    message.shift_remove("thread");
    Ok(Value::Object(message).to_string())
}

/// Reads the tags of a message from a list or from one text with commas.
pub fn tags(posted: Option<&Value>) -> Vec<String> {
    match posted {
        Some(Value::String(text)) => split_tags(text),
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).filter_map(bare_tag).collect(),
        _ => Vec::new(),
    }
}

/// Reads the tags from one text with commas.
pub fn split_tags(text: &str) -> Vec<String> {
    text.split(',').filter_map(bare_tag).collect()
}

/// A tag without surrounding white space and without its `#`. `None` if nothing is left.
pub fn bare_tag(tag: &str) -> Option<String> {
    let tag = tag.trim();
    let tag = tag.strip_prefix('#').unwrap_or(tag);
    (!tag.is_empty()).then(|| tag.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_lose_white_space_and_their_number_sign() {
        for (posted, tags) in [
            (json!("#a, b ,@all,,#"), vec!["a", "b", "@all"]),
            (json!(["#a", " b", "", ":url"]), vec!["a", "b", ":url"]),
            (json!(null), vec![]),
        ] {
            assert_eq!(super::tags(Some(&posted)), tags, "{posted}");
        }
    }

    #[test]
    fn the_time_of_a_stored_message_is_read_from_its_json() {
        let facts = MessageFacts {
            id: 1,
            flow: "f",
            user: 0,
            thread: None,
            sent_ms: 1_445_470_140_000,
            attachments: Vec::new(),
        };
        let Value::Object(posted) = json!({ "event": "message", "content": "x", "x": { "sent": 2 }, "sent": 3 }) else {
            panic!("an object")
        };
        assert_eq!(sent_ms(&stored(&posted, facts).to_string()).ok(), Some(1_445_470_140_000));
    }
}
