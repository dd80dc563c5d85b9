//! The messages of Flowdock's Push API, which its tools sent before there were threads.

use flowdock_integration::html::{BODY, escape, sanitize};
use serde_json::{Map, Value, json};

use super::{FieldErrors, message, rules};

/// A message that was made of what was pushed.
#[derive(Debug)]
pub struct Pushed {
    /// The message.
    pub message: Map<String, Value>,
    /// The id of the message on which it comments.
    pub comments_on: Option<i64>,
}

/// A chat message of somebody who is no user.
pub fn chat(posted: &Map<String, Value>) -> Result<Pushed, FieldErrors> {
    let mut message = Map::new();
    message.insert("event".to_owned(), "message".into());
    for key in ["content", "external_user_name", "tags", "thread_id", "uuid"] {
        if let Some(value) = posted.get(key) {
            message.insert(key.to_owned(), value.clone());
        }
    }
    let mut errors = rules::check(&Value::Object(message.clone()));
    if is_blank(posted.get("external_user_name")) {
        errors.add("external_user_name", "can't be blank");
    }
    let comments_on = match posted.get("message_id").filter(|id| !is_blank(Some(id))) {
        None => None,
        Some(id) => {
            let id = message::parse_id(id);
            if id.is_none() {
                errors.add("message_id", "must be the id of a message");
            }
            id
        }
    };
    if errors.is_empty() { Ok(Pushed { message, comments_on }) } else { Err(errors) }
}

/// A message to the team inbox, which becomes an activity in a thread of its own. `thread_id` is the external thread id of that
/// thread. The subject is text. The content is HTML, of which only what a body allows is kept.
pub fn team_inbox(posted: &Map<String, Value>, thread_id: &str) -> Result<Pushed, FieldErrors> {
    let mut errors = FieldErrors::default();
    let mut required = |key: &str| {
        if is_blank(posted.get(key)) {
            errors.add(key, "can't be blank");
        }
        text(posted, key).unwrap_or_default()
    };
    let (source, address) = (required("source"), required("from_address"));
    let (subject, content) = (required("subject"), required("content"));
    for key in ["source", "from_address", "from_name", "reply_to", "subject", "content", "project", "link", "format"] {
        if posted.get(key).is_some_and(|value| !value.is_null() && !value.is_string()) {
            errors.add(key, "must be a string");
        }
    }
    if text(posted, "format").is_some_and(|format| format != "html") {
        errors.add("format", "must be `html`");
    }
    let title = escape(subject);
    let field = |label: &str, value: &str| json!({ "label": label, "value": escape(value) });
    let mut message = json!({
        "event": "activity",
        "external_thread_id": thread_id,
        "title": title,
        "author": { "name": text(posted, "from_name").unwrap_or(address), "email": address },
        "tags": posted.get("tags"),
        "thread": {
            "title": title,
            "body": sanitize(content, &BODY),
            "external_url": text(posted, "link"),
            "fields": [field("Source", source)],
        },
    });
    if let (Some(project), Value::Array(fields)) = (text(posted, "project"), &mut message["thread"]["fields"]) {
        fields.push(field("Project", project));
    }
    for key in ["reply_to", "uuid"] {
        if let Some(value) = posted.get(key) {
            message[key] = value.clone();
        }
    }
    // What is missing is reported above already, by its name in the Push API.
    if errors.is_empty() {
        errors = rules::check(&message).renamed(&[("author.email", "from_address"), ("thread.external_url", "link")]);
    }
    match message {
        Value::Object(message) if errors.is_empty() => Ok(Pushed { message, comments_on: None }),
        _ => Err(errors),
    }
}

/// A text that is not blank.
fn text<'a>(posted: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    posted.get(key)?.as_str().filter(|text| !text.trim().is_empty())
}

fn is_blank(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        let Value::Object(object) = value else { panic!("an object") };
        object
    }

    #[test]
    fn a_mail_becomes_an_activity_in_a_thread_of_its_own() {
        let posted = object(json!({
            "source": "R&D", "from_address": "marty@example.org", "subject": "1 < 2", "link": "https://example.org/",
            "content": "<p onclick=\"x()\">safe<script>alert(1)</script></p>", "project": "DeLorean", "format": "html",
            "tags": "a,#b", "reply_to": "doc@example.org", "other": "left out",
        }));
        let message = team_inbox(&posted, "own").expect("it is good").message;
        assert_eq!(
            Value::Object(message),
            json!({
                "event": "activity", "external_thread_id": "own", "title": "1 &lt; 2",
                "author": { "name": "marty@example.org", "email": "marty@example.org" }, "tags": "a,#b",
                "thread": {
                    "title": "1 &lt; 2", "body": "<p>safe</p>", "external_url": "https://example.org/",
                    "fields": [
                        { "label": "Source", "value": "R&amp;D" },
                        { "label": "Project", "value": "DeLorean" },
                    ],
                },
                "reply_to": "doc@example.org",
            })
        );
    }

    #[test]
    fn the_errors_have_the_names_of_the_push_api() {
        let errors = |change: Value| {
            let mut posted = object(json!({
                "source": "CI", "from_address": "ci@example.org", "subject": "s", "content": "c",
            }));
            posted.extend(object(change));
            let errors = team_inbox(&posted, "own").expect_err("it is refused").into_json();
            errors.as_object().expect("errors").keys().cloned().collect::<Vec<_>>()
        };
        for (change, keys) in [
            (json!({ "source": "", "from_address": null, "subject": " " }), &["source", "from_address", "subject"][..]),
            (json!({ "content": 5 }), &["content"]),
            (json!({ "from_address": "nobody" }), &["from_address"]),
            (json!({ "link": "javascript:alert(1)" }), &["link"]),
            (json!({ "format": "text" }), &["format"]),
            (json!({ "tags": 7 }), &["tags"]),
        ] {
            assert_eq!(errors(change.clone()), keys, "{change}");
        }
        let chat_errors = |posted: Value| chat(&object(posted)).expect_err("it is refused").into_json();
        assert_eq!(
            chat_errors(json!({ "content": "", "message_id": "x" })),
            json!({
                "content": ["can't be blank"],
                "external_user_name": ["can't be blank"],
                "message_id": ["must be the id of a message"],
            })
        );
    }
}
