//! The JSON of messages, threads, flows, sources and applications, as Flowdock documents it.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::owner;
use crate::store::files::NewFile;
use crate::store::threads::Thread;
use crate::store::{Application, Flow, FlowKey, Source};

/// The tag of a message that came with files.
const FILE_TAG: &str = ":file";

/// What the server alone knows of a message.
pub struct MessageFacts<'a> {
    /// Its number in the flow.
    pub id: i64,
    /// The flow's public id.
    pub flow: &'a str,
    /// The id of its thread and the thread, with this message taken into account; none for one that stands in the flow itself.
    pub thread: Option<(String, Value)>,
    /// When it came, in milliseconds since 1970.
    pub sent_ms: i64,
    /// The files that came with it; where there are any, they are its attachments.
    pub attachments: Vec<Value>,
}

/// The stored form of a message: what was posted, completed by what the server knows, without the flow token.
///
/// Given a flow token again, it may be edited and posted once more. So what was not posted is left out rather than
/// null, but for the keys that are null in the documents.
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
            // The first is a secret; the second is a name that means something to its source alone; the third is there
            // already, or says what a thread is like that is not there.
            if !matches!(key.as_str(), "flow_token" | "external_thread_id" | "thread") && !stored.contains_key(&key) {
                stored.insert(key, value);
            }
        }
    }
    stored
}

/// A file among the attachments of its message; `id` is its own.
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

/// A text as it may stand in a path or in a parameter of a header.
pub fn escaped(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20").replace('*', "%2A")
}

/// A thread with everything that was ever said of it, empty where nothing was.
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
        // What only the server sets was just set; of the rest nothing is dropped.
        for (key, value) in state {
            shape.entry(key).or_insert(value);
        }
    }
    shape
}

/// A flow and its organisation.
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
        // The demo page shows the one flow there is.
        "web_url": format!("{base_url}/"),
        "links": { "sources": { "url": format!("{url}/sources"), "methods": ["GET", "POST"] } },
    })
}

fn flow_url(flow: &Flow, base_url: &str) -> String {
    format!("{base_url}/flows/{}/{}", flow.organization.parameterized_name, flow.parameterized_name)
}

/// A source. Its flow token is no part of it.
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

/// An application, without its secret.
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

/// The tags of a message as a list, from a list or from one text with commas.
pub fn tags(posted: Option<&Value>) -> Vec<String> {
    match posted {
        Some(Value::String(text)) => split_tags(text),
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).filter_map(bare_tag).collect(),
        _ => Vec::new(),
    }
}

/// The tags of one text with commas.
pub fn split_tags(text: &str) -> Vec<String> {
    text.split(',').filter_map(bare_tag).collect()
}

/// A tag without the space around it and without its `#`; `None` if nothing is left.
fn bare_tag(tag: &str) -> Option<String> {
    let tag = tag.trim();
    let tag = tag.strip_prefix('#').unwrap_or(tag);
    (!tag.is_empty()).then(|| tag.to_owned())
}

fn list(value: Option<Value>) -> Value {
    value.filter(Value::is_array).unwrap_or_else(|| json!([]))
}

/// ISO 8601 in UTC, always with milliseconds.
fn iso(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map(|at| format!("{at:.3}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_lose_what_only_marks_them() {
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
