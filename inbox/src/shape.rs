//! Builds the JSON of messages, threads, flows, sources and applications, as Flowdock documents it.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::owner;
use crate::store::files::NewFile;
use crate::store::threads::Thread;
use crate::store::{Application, Flow, FlowKey, Source};

/// The tag that marks a message with files.
const FILE_TAG: &str = ":file";

/// The facts about a message that only the server knows.
pub struct MessageFacts<'a> {
    /// The message's number in its flow.
    pub id: i64,
    /// The flow's id.
    pub flow: &'a str,
    /// The id and the JSON of its thread, already updated by this message. `None` for a message in the flow itself,
    /// outside any thread.
    pub thread: Option<(String, Value)>,
    /// When the message came, in milliseconds since 1970.
    pub sent_ms: i64,
    /// The JSON of the files that came with the message. If there are any, they become its `attachments`.
    pub attachments: Vec<Value>,
}

/// The stored form of a message: the posted message without its flow token, completed by the server's facts.
///
/// A client may edit it, add a flow token and post it again. So a key that was not posted is left out, except for the
/// keys that the documentation shows as null.
pub fn message(posted: Map<String, Value>, facts: MessageFacts<'_>) -> Value {
    let event = posted.get("event").cloned().unwrap_or_default();
    let is_chat = event == "message";
    let mut tags = tags(posted.get("tags"));
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
        "user": "0",
        "sent": facts.sent_ms,
        "created_at": iso(facts.sent_ms),
        "edited": null,
        "tags": tags,
        "attachments": attachments,
        "thread_id": null,
        "content": posted.get("content"),
    });
    if let Value::Object(stored) = &mut stored {
        if let Some((id, thread)) = facts.thread {
            stored.insert("thread_id".to_owned(), id.into());
            stored.insert("thread".to_owned(), thread);
        }
        if !is_chat {
            stored.insert("title".to_owned(), posted.get("title").cloned().unwrap_or_default());
            stored.insert("body".to_owned(), posted.get("body").cloned().unwrap_or_default());
        }
        for (key, value) in posted {
            // `flow_token` is a secret. `external_thread_id` means something only to its source. `thread` is either set
            // already, or it describes a thread that does not exist.
            if !matches!(key.as_str(), "flow_token" | "external_thread_id" | "thread") && !stored.contains_key(&key) {
                stored.insert(key, value);
            }
        }
    }
    stored
}

/// The JSON of a file in the `attachments` of its message. `id` is the file's id.
pub fn attachment(file: &NewFile, flow: FlowKey, id: &str) -> Value {
    let mut attachment = json!({
        "content_type": file.content_type,
        "file_name": file.name,
        "file_size": file.content.len(),
        "path": format!("/files/{flow}/{id}/{}", escaped(&file.name)),
    });
    if let Some(content_id) = &file.content_id {
        attachment["content_id"] = content_id.as_str().into();
    }
    attachment
}

/// Escapes a text for a path or for a parameter of a header.
pub fn escaped(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20").replace('*', "%2A")
}

/// The JSON of a thread, with its newest state. A key that the state lacks is empty or null.
pub fn thread(thread: Thread) -> Value {
    let mut state = thread.state;
    let mut shape = json!({
        "id": thread.id,
        "title": state.remove("title").unwrap_or_else(|| "".into()),
        "body": state.remove("body"),
        "external_url": state.remove("external_url"),
        "status": state.remove("status"),
        "actions": list(state.remove("actions")),
        "fields": list(state.remove("fields")),
        "source": { "id": thread.application_id, "icon": thread.application_icon, "application": thread.application_name },
        "activities": thread.activities,
        "internal_comments": thread.internal_comments,
        "external_comments": thread.external_comments,
        "updated_at": iso(thread.updated_ms),
        "created_at": iso(thread.created_ms),
    });
    if let Value::Object(shape) = &mut shape {
        // The keys that only the server sets are set above. All other keys of the state are kept, known or not.
        for (key, value) in state {
            shape.entry(key).or_insert(value);
        }
    }
    shape
}

/// The JSON of a flow and its organisation.
pub fn flow(flow: &Flow, base_url: &str) -> Value {
    let organization = &flow.organization;
    let url = flow_url(flow, base_url);
    json!({
        "id": flow.id,
        "name": flow.name,
        "parameterized_name": flow.parameterized_name,
        "organization": {
            "id": organization.id,
            "name": organization.name,
            "parameterized_name": organization.parameterized_name,
            "active": true,
            "url": format!("{base_url}/organizations/{}", organization.parameterized_name),
        },
        "url": url,
        // The demo page shows the only flow of the inbox.
        "web_url": format!("{base_url}/"),
        "links": { "sources": { "url": format!("{url}/sources"), "methods": ["GET", "POST"] } },
    })
}

fn flow_url(flow: &Flow, base_url: &str) -> String {
    format!("{base_url}/flows/{}/{}", flow.organization.parameterized_name, flow.parameterized_name)
}

/// The JSON of a source, without its flow token.
pub fn source(source: &Source, base_url: &str) -> Value {
    let application = &source.application;
    json!({
        "id": source.id,
        "name": source.name,
        "url": format!("{}/sources/{}", flow_url(&source.flow, base_url), source.id),
        "external_url": source.external_url,
        "error_message": source.error_message,
        "configuration_url": source.configuration_url,
        "created_at": iso(source.created_ms),
        "updated_at": iso(source.updated_ms),
        "_links": {},
        "application": {
            "id": application.id,
            "name": application.name,
            "icon_url": application.icon_url,
            "url": application_url(application.id, base_url),
            "configuration_uri": application.configuration_uri,
        },
        "creator": owner::creator(base_url),
    })
}

/// The JSON of an application, without its client secret.
pub fn application(application: &Application, base_url: &str) -> Value {
    let profile = &application.profile;
    json!({
        "id": application.id,
        "name": profile.name,
        "url": application_url(application.id, base_url),
        "icon_url": profile.icon_url,
        "client_id": application.credentials.client_id,
        "redirect_uris": profile.redirect_uris,
        "setup_uri": profile.setup_uri,
        "configuration_uri": profile.configuration_uri,
    })
}

fn application_url(id: i64, base_url: &str) -> String {
    format!("{base_url}/oauth/applications/{id}")
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
fn bare_tag(tag: &str) -> Option<String> {
    let tag = tag.trim();
    let tag = tag.strip_prefix('#').unwrap_or(tag);
    (!tag.is_empty()).then(|| tag.to_owned())
}

fn list(value: Option<Value>) -> Value {
    value.filter(Value::is_array).unwrap_or_else(|| json!([]))
}

/// The time in ISO 8601 and UTC, always with milliseconds.
fn iso(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map(|at| format!("{at:.3}")).unwrap_or_default()
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
    fn times_always_have_three_decimals() {
        assert_eq!(iso(1_411_560_930_520), "2014-09-24T12:15:30.520Z");
        assert_eq!(iso(0), "1970-01-01T00:00:00.000Z");
    }
}
