//! Messages and threads as a server returns them. They are read tolerantly: a missing key, a value of another type or
//! an unknown key is never an error, and every key is kept.

use serde_json::{Map, Value};

/// A message that a server returned: the answer to a post that asked for it, or an item of a list or a stream.
///
/// ```
/// use flowdock_integration::client::StoredMessage;
/// let message = StoredMessage::read(r#"{ "id": 7, "event": "activity", "user": "0", "created_at": 1795176000000,
///     "thread": { "id": "abc", "source": { "id": 3, "application": { "name": "Garage" } } }, "colour": "new" }"#).unwrap();
/// assert_eq!((message.id().as_deref(), message.event(), message.user().as_deref()), (Some("7"), "activity", Some("0")));
/// assert_eq!(message.created_at().as_deref(), Some("1795176000000"));
/// assert_eq!(message.thread().unwrap().source().unwrap().application_name(), Some("Garage"));
/// assert_eq!(message.json["colour"], "new");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct StoredMessage {
    /// The whole JSON object, without the flow token.
    pub json: Map<String, Value>,
}

/// The thread of a stored message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StoredThread<'a> {
    /// The whole JSON object.
    pub json: &'a Map<String, Value>,
}

/// The source of a thread. Both formats are read: the flat `{id, icon, application}` (docs) and the nested `{id, name,
/// url, application: {…}}` (seen).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StoredSource<'a> {
    /// The whole JSON object.
    pub json: &'a Map<String, Value>,
}

impl StoredMessage {
    /// Reads a message from JSON text. Returns `None` if the text is no JSON object.
    #[must_use]
    pub fn read(body: &str) -> Option<Self> {
        let Ok(Value::Object(mut json)) = serde_json::from_str(body) else { return None };
        // The flow token is removed, in case a server returns it.
        json.shift_remove("flow_token");
        Some(Self { json })
    }

    /// Returns the message's number in digits. Numbers rise within the flow.
    #[must_use]
    pub fn id(&self) -> Option<String> {
        scalar(&self.json, "id")
    }

    /// Returns the event: `activity`, `discussion`, `message` or an unknown word. A message without an event has an empty one.
    #[must_use]
    pub fn event(&self) -> &str {
        text(&self.json, "event").unwrap_or_default()
    }

    /// Returns the user's id as text; in JSON it is a number or a text. The id of an integration is `0`.
    #[must_use]
    pub fn user(&self) -> Option<String> {
        scalar(&self.json, "user")
    }

    /// Returns when the message was stored, as the server wrote it: ISO 8601, or milliseconds since 1970 in digits.
    #[must_use]
    pub fn created_at(&self) -> Option<String> {
        scalar(&self.json, "created_at")
    }

    /// Returns the thread, if the message contains it.
    #[must_use]
    pub fn thread(&self) -> Option<StoredThread<'_>> {
        object(&self.json, "thread").map(|json| StoredThread { json })
    }
}

impl<'a> StoredThread<'a> {
    /// Returns Flowdock's own id of the thread.
    #[must_use]
    pub fn id(self) -> Option<String> {
        scalar(self.json, "id")
    }

    /// Returns the source of the thread.
    #[must_use]
    pub fn source(self) -> Option<StoredSource<'a>> {
        object(self.json, "source").map(|json| StoredSource { json })
    }
}

impl<'a> StoredSource<'a> {
    /// Returns the id of the source.
    #[must_use]
    pub fn id(self) -> Option<String> {
        scalar(self.json, "id")
    }

    /// Returns the name of the source's application: the value of `application`, or the `name` in it.
    #[must_use]
    pub fn application_name(self) -> Option<&'a str> {
        text(self.json, "application").or_else(|| text(object(self.json, "application")?, "name"))
    }
}

fn object<'a>(of: &'a Map<String, Value>, key: &str) -> Option<&'a Map<String, Value>> {
    of.get(key)?.as_object()
}

fn text<'a>(of: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    of.get(key)?.as_str()
}

/// Returns the value of a key as text, if it is a text or a number.
fn scalar(of: &Map<String, Value>, key: &str) -> Option<String> {
    match of.get(key)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::StoredMessage;

    #[test]
    fn a_stored_message_with_odd_or_missing_values_is_no_error() {
        for body in ["", "{", "[]", "7", "null"] {
            assert_eq!(StoredMessage::read(body), None, "{body}");
        }
        for body in [
            "{}",
            r#"{ "id": null, "event": 7, "user": [], "created_at": {}, "thread": "x" }"#,
            r#"{ "thread": { "id": {}, "source": [] } }"#,
            r#"{ "thread": { "source": { "id": false, "application": 7 } } }"#,
        ] {
            let message = StoredMessage::read(body).unwrap();
            let source = message.thread().and_then(|thread| thread.source());
            assert_eq!((message.id(), message.event(), message.user(), message.created_at()), (None, "", None, None));
            assert_eq!(source.and_then(|source| source.id()), None);
            assert_eq!(source.and_then(|source| source.application_name()), None);
        }
    }

    #[test]
    fn both_shapes_of_a_source_are_read_and_unknown_keys_are_kept() {
        for application in [r#""Garage""#, r#"{ "id": 2, "name": "Garage" }"#] {
            let body = format!(
                r#"{{ "id": "7", "event": "hologram", "user": 3, "created_at": "2026-11-20T12:00:00Z", "flow_token": "29991",
                "thread": {{ "id": "t", "source": {{ "id": 5, "application": {application} }} }}, "new": [1] }}"#
            );
            let message = StoredMessage::read(&body).unwrap();
            let source = message.thread().and_then(|thread| thread.source()).unwrap();
            assert_eq!((message.event(), message.user().as_deref()), ("hologram", Some("3")));
            assert_eq!(message.created_at().as_deref(), Some("2026-11-20T12:00:00Z"));
            assert_eq!((source.id().as_deref(), source.application_name()), (Some("5"), Some("Garage")));
            assert_eq!(message.json["new"][0], 1);
            assert!(!format!("{message:?}").contains("29991"));
        }
    }
}
