//! Turns the shorthand that the JavaScript builders take into Flowdock's format.
//!
//! A value that is not understood here is copied unchanged. The check that follows then reports it with its path.

use super::normalize_tags;
use crate::encode::body;
use crate::json::{Items, Node, Value, Writer, read_from_javascript};
use crate::text::pieces;
use crate::validate::{InvalidMessage, Options, Report, check, check_thread, not_read};

/// The events that an integration posts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Something happened to the item.
    Activity,
    /// Somebody commented on the item, outside Flowdock.
    Discussion,
    /// A chat message in the item's thread, or in the flow itself.
    Message,
}

impl Event {
    const fn as_str(self) -> &'static str {
        match self {
            Event::Activity => "activity",
            Event::Discussion => "discussion",
            Event::Message => "message",
        }
    }
}

/// Builds a message of an event from shorthand and checks it. Returns the message as JSON text.
///
/// `author` may be a name, and `tags` may be a string with commas. Each tag is written as [`normalize_tags`] writes it.
/// `thread` may have the shorthand that [`thread_from_parts`] takes. An `event` that is null counts as missing.
///
/// # Errors
/// When the message breaks a rule whose severity is an error.
pub(crate) fn message_from_parts(parts: Value<'_>, event: Event, options: Options) -> Result<String, InvalidMessage> {
    let mut built = Writer::default();
    message(&mut built, parts, event);
    checked(&built.text(), |message| check(message, options.event(event.as_str())))
}

/// Builds a thread from shorthand and checks it. Returns the thread as JSON text.
///
/// - `status` may be the status alone, or an array of status and colour.
/// - `fields` may be an object of labels and values, or an array of pairs of label and value. Numbers and booleans
///   become strings.
/// - An action with `name` and `url` becomes a ViewAction. With a `method` as well it becomes an UpdateAction.
///
/// # Errors
/// When the thread breaks a rule whose severity is an error.
pub(crate) fn thread_from_parts(parts: Value<'_>) -> Result<String, InvalidMessage> {
    let mut built = Writer::default();
    thread(&mut built, None, parts);
    checked(&built.text(), check_thread)
}

fn checked(built: &str, check: impl FnOnce(Value<'_>) -> Report) -> Result<String, InvalidMessage> {
    let document = read_from_javascript(built).map_err(not_read)?;
    let report = check(document.root());
    if report.is_valid() { Ok(body(&document, &[]).into_text(&document)) } else { Err(InvalidMessage { report }) }
}

fn message(out: &mut Writer, parts: Value<'_>, event: Event) {
    let Node::Object(entries) = parts.node() else { return out.value(None, parts) };
    out.object(None);
    if parts.part("event").is_none_or(Value::is_null) {
        out.string(Some("event"), event.as_str());
    }
    for (key, value) in entries {
        match (key, value.node()) {
            ("event", Node::Null) => {}
            ("author", Node::String(name)) => object_of(out, key, "name", name),
            ("tags", Node::String(tags)) => out.strings(Some(key), &normalize_tags(pieces(tags, b','))),
            ("tags", Node::Array(tags)) if tags.clone().all(|tag| tag.text().is_some()) => {
                out.strings(Some(key), &normalize_tags(tags.filter_map(Value::text)));
            }
            ("thread", _) => thread(out, Some(key), value),
            _ => out.value(Some(key), value),
        }
    }
    out.end_object();
}

fn thread(out: &mut Writer, key: Option<&str>, parts: Value<'_>) {
    convert(out, key, parts, &|out, key, value| match (key, value.node()) {
        ("status", Node::String(status)) => object_of(out, key, "value", status),
        ("status", Node::Array(items)) => match two(items) {
            Some((status, color)) => {
                out.object(Some(key));
                out.value(Some("value"), status);
                if !color.is_null() {
                    out.value(Some("color"), color);
                }
                out.end_object();
            }
            None => out.value(Some(key), value),
        },
        ("fields", Node::Object(fields)) => {
            out.array(Some(key));
            for (label, value) in fields {
                out.object(None);
                out.string(Some("label"), label);
                field_value(out, "value", value);
                out.end_object();
            }
            out.end_array();
        }
        ("fields", Node::Array(items)) => {
            out.array(Some(key));
            items.for_each(|item| field(out, item));
            out.end_array();
        }
        ("actions", Node::Array(items)) => {
            out.array(Some(key));
            items.for_each(|item| action(out, item));
            out.end_array();
        }
        _ => out.value(Some(key), value),
    });
}

/// Writes an object with one string.
fn object_of(out: &mut Writer, key: &str, inner: &str, text: &str) {
    out.object(Some(key));
    out.string(Some(inner), text);
    out.end_object();
}

/// Writes a field from `{ label, value }` or `[label, value]`.
fn field(out: &mut Writer, parts: Value<'_>) {
    match parts.node() {
        Node::Array(items) => match two(items) {
            Some((label, value)) => {
                out.object(None);
                out.value(Some("label"), label);
                field_value(out, "value", value);
                out.end_object();
            }
            None => out.value(None, parts),
        },
        _ => convert(out, None, parts, &|out, key, value| match key {
            "value" => field_value(out, key, value),
            _ => out.value(Some(key), value),
        }),
    }
}

/// Writes the value of a field. Numbers and booleans are written as strings, and null as an empty string.
fn field_value(out: &mut Writer, key: &str, value: Value<'_>) {
    match value.node() {
        Node::Number(_) | Node::Bool(_) => out.string(Some(key), value.json()),
        Node::Null => out.string(Some(key), ""),
        _ => out.value(Some(key), value),
    }
}

/// Writes an action from `{ name, url, method? }`. An action with an `@type` is copied unchanged.
fn action(out: &mut Writer, parts: Value<'_>) {
    let Node::Object(entries) = parts.node() else { return out.value(None, parts) };
    let part = |wanted: &str| parts.part(wanted).filter(|value| !value.is_null());
    if part("@type").is_some() || part("target").is_some() {
        return out.value(None, parts);
    }
    let method = part("method");
    out.object(None);
    out.string(Some("@type"), if method.is_some() { "UpdateAction" } else { "ViewAction" });
    for (key, value) in entries {
        // The type and the target are written below. The URL of an UpdateAction is part of its target.
        let written = matches!(key, "@type" | "target" | "method") || key == "url" && method.is_some();
        if !written {
            out.value(Some(key), value);
        }
    }
    if let Some(method) = method {
        out.object(Some("target"));
        out.string(Some("@type"), "EntryPoint");
        if let Some(url) = part("url") {
            out.value(Some("urlTemplate"), url);
        }
        out.value(Some("httpMethod"), method);
        out.end_object();
    }
    out.end_object();
}

/// Copies an object, and writes each of its values with `each`. Any other value is copied unchanged.
fn convert(out: &mut Writer, key: Option<&str>, parts: Value<'_>, each: &dyn Fn(&mut Writer, &str, Value<'_>)) {
    let Node::Object(entries) = parts.node() else { return out.value(key, parts) };
    out.object(key);
    entries.for_each(|(key, value)| each(out, key, value));
    out.end_object();
}

/// Returns the items of an array that has exactly two.
fn two(mut items: Items<'_>) -> Option<(Value<'_>, Value<'_>)> {
    let pair = (items.next()?, items.next()?);
    items.next().is_none().then_some(pair)
}
