//! Messages and threads as a server gives them back, read tolerantly: whatever is missing, of another shape or unknown is never
//! an error, and nothing that came is lost.

use serde_json::{Map, Value};

/// A message that came back: from a post that waited for it, a list or a stream.
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
    /// All of it, but for a token.
    pub json: Map<String, Value>,
}

/// A message's thread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StoredThread<'a> {
    /// All of it.
    pub json: &'a Map<String, Value>,
}

/// Where a thread comes from. Both shapes are read: flat `{id, icon, application}` (docs), and nested
/// `{id, name, url, application: {…}}` (seen).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StoredSource<'a> {
    /// All of it.
    pub json: &'a Map<String, Value>,
}

impl StoredMessage {
    /// Reads a message from JSON; none where that is no object.
    #[must_use]
    pub fn read(body: &str) -> Option<Self> {
        let Ok(Value::Object(mut json)) = serde_json::from_str(body) else { return None };
        // Should a server send it back, it is not handed on.
        json.shift_remove("flow_token");
        Some(Self { json })
    }

    /// The message's number, rising within the flow, in digits.
    #[must_use]
    pub fn id(&self) -> Option<String> {
        scalar(&self.json, "id")
    }

    /// What happened: `activity`, `discussion`, `message`, or a word that is not known here; empty where none is.
    #[must_use]
    pub fn event(&self) -> &str {
        text(&self.json, "event").unwrap_or_default()
    }

    /// The user's id, a number or a text on the wire; `0` for an integration.
    #[must_use]
    pub fn user(&self) -> Option<String> {
        scalar(&self.json, "user")
    }

    /// When it was stored: ISO 8601, or milliseconds since 1970 in digits, as the server wrote it.
    #[must_use]
    pub fn created_at(&self) -> Option<String> {
        scalar(&self.json, "created_at")
    }

    /// Its thread, where the message holds it.
    #[must_use]
    pub fn thread(&self) -> Option<StoredThread<'_>> {
        object(&self.json, "thread").map(|json| StoredThread { json })
    }
}

impl<'a> StoredThread<'a> {
    /// The thread's own id.
    #[must_use]
    pub fn id(self) -> Option<String> {
        scalar(self.json, "id")
    }

    /// Where it comes from.
    #[must_use]
    pub fn source(self) -> Option<StoredSource<'a>> {
        object(self.json, "source").map(|json| StoredSource { json })
    }
}

impl<'a> StoredSource<'a> {
    /// The source's id.
    #[must_use]
    pub fn id(self) -> Option<String> {
        scalar(self.json, "id")
    }

    /// The name of its application, which stands there itself or in an object.
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

/// A text or a number, as text.
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
    fn nothing_that_comes_back_is_an_error() {
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
