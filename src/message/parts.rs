//! The forgiving forms that the JavaScript builders take, turned into the wire format.
//!
//! What is not understood here is left as it stands, so that the check that follows reports it by its place.

use crate::text::pieces;
use crate::validate::{InvalidMessage, Options, Report, validate, validate_thread};
use crate::value::{Frame, Node, Value};

/// The events that an integration posts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Something happened to the item.
    Activity,
    /// Somebody commented on it.
    Discussion,
    /// A chat message in its thread.
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

/// Builds a message of an event from what is handy, and checks it.
///
/// `author` may be a name, `tags` a string with commas; `thread` as for [`thread_from_parts`]. A null where the wire
/// format has none counts as missing. The tags become an array, and are not normalised: JavaScript does that, which has the
/// tables for it, while here they would be a sixth of the whole module.
///
/// ```
/// use flowdock_integration::{Options, message::{Event, message_from_parts}, encode::write_json};
/// let parts = serde_json::json!({ "content": "Great Scott!", "tags": "Time,travel", "external_thread_id": "42" });
/// let (message, _) = message_from_parts(&parts, Event::Message, Options::default())?;
/// let mut json = String::new();
/// write_json(message.value(0), &mut json);
/// assert_eq!(
///     json,
///     r#"{"event":"message","content":"Great Scott!","tags":["Time","travel"],"external_thread_id":"42"}"#
/// );
/// # Ok::<(), flowdock_integration::InvalidMessage>(())
/// ```
///
/// # Errors
/// When the message breaks a rule whose severity is an error.
pub fn message_from_parts<'a>(
    parts: impl Value<'a>,
    event: Event,
    options: Options,
) -> Result<(Frame, Report), InvalidMessage> {
    let mut built = Frame::default();
    message(&mut built, parts, event);
    let report = validate(built.value(0), options.event(event.as_str()));
    if report.is_valid() { Ok((built, report)) } else { Err(InvalidMessage { report }) }
}

/// Builds a thread from what is handy, and checks it.
///
/// `status` may be its value, or value and colour in an array; `fields` an object of labels and values, or an array of
/// such pairs, where numbers and booleans become strings; an action of `name` and `url` is a ViewAction, with a `method`
/// as well an UpdateAction.
///
/// # Errors
/// When the thread breaks a rule whose severity is an error.
pub fn thread_from_parts<'a>(parts: impl Value<'a>) -> Result<(Frame, Report), InvalidMessage> {
    let mut built = Frame::default();
    thread(&mut built, "", parts);
    let report = validate_thread(built.value(0));
    if report.is_valid() { Ok((built, report)) } else { Err(InvalidMessage { report }) }
}

fn message<'a>(out: &mut Frame, parts: impl Value<'a>, event: Event) {
    let Node::Object(entries) = parts.node() else { return out.copy("", parts) };
    out.object("");
    if parts.part("event").is_none_or(is_null) {
        out.string("event", event.as_str());
    }
    for (key, value) in entries {
        match (key, value.node()) {
            ("event", Node::Null) => {}
            ("author", Node::String(name)) => object_of(out, key, "name", name),
            ("tags", Node::String(tags)) => {
                out.array(key);
                pieces(tags, b',').for_each(|tag| out.string("", tag));
                out.end();
            }
            ("thread", _) => thread(out, key, value),
            _ => out.copy(key, value),
        }
    }
    out.end();
}

fn thread<'a>(out: &mut Frame, key: &str, parts: impl Value<'a>) {
    convert(out, key, parts, &|out, key, value| match (key, value.node()) {
        ("status", Node::String(status)) => object_of(out, key, "value", status),
        ("status", Node::Array(items)) => match two(items) {
            Some((status, color)) => {
                out.object(key);
                out.copy("value", status);
                if !is_null(color) {
                    out.copy("color", color);
                }
                out.end();
            }
            None => out.copy(key, value),
        },
        ("fields", Node::Object(fields)) => {
            out.array(key);
            for (label, value) in fields {
                out.object("");
                out.string("label", label);
                field_value(out, "value", value);
                out.end();
            }
            out.end();
        }
        ("fields", Node::Array(items)) => {
            out.array(key);
            items.for_each(|item| field(out, item));
            out.end();
        }
        ("actions", Node::Array(items)) => {
            out.array(key);
            items.for_each(|item| action(out, item));
            out.end();
        }
        _ => out.copy(key, value),
    });
}

/// An object of one string.
fn object_of(out: &mut Frame, key: &str, inner: &str, text: &str) {
    out.object(key);
    out.string(inner, text);
    out.end();
}

/// `{ label, value }` or `[label, value]`.
fn field<'a>(out: &mut Frame, parts: impl Value<'a>) {
    match parts.node() {
        Node::Array(items) => match two(items) {
            Some((label, value)) => {
                out.object("");
                out.copy("label", label);
                field_value(out, "value", value);
                out.end();
            }
            None => out.copy("", parts),
        },
        _ => convert(out, "", parts, &|out, key, value| match key {
            "value" => field_value(out, key, value),
            _ => out.copy(key, value),
        }),
    }
}

/// Numbers and booleans are written as strings, a null as the empty one.
fn field_value<'a>(out: &mut Frame, key: &str, value: impl Value<'a>) {
    match value.node() {
        Node::Number(number) => out.string(key, &number),
        Node::Bool(value) => out.string(key, if value { "true" } else { "false" }),
        Node::Null => out.string(key, ""),
        _ => out.copy(key, value),
    }
}

/// `{ name, url, method? }`, or an action in full, which its `@type` shows.
fn action<'a>(out: &mut Frame, parts: impl Value<'a>) {
    let Node::Object(entries) = parts.node() else { return out.copy("", parts) };
    let part = |wanted: &str| parts.part(wanted).filter(|value| !is_null(*value));
    if part("@type").is_some() || part("target").is_some() {
        return out.copy("", parts);
    }
    let method = part("method");
    out.object("");
    out.string("@type", if method.is_some() { "UpdateAction" } else { "ViewAction" });
    for (key, value) in entries {
        // The type and the target are written here. An UpdateAction keeps its URL in its target.
        let written = matches!(key, "@type" | "target" | "method") || key == "url" && method.is_some();
        if !written {
            out.copy(key, value);
        }
    }
    if let Some(method) = method {
        out.object("target");
        out.string("@type", "EntryPoint");
        if let Some(url) = part("url") {
            out.copy("urlTemplate", url);
        }
        out.copy("httpMethod", method);
        out.end();
    }
    out.end();
}

/// Copies an object, each of its values by way of `each`; anything else as it stands.
fn convert<'a, V: Value<'a>>(out: &mut Frame, key: &str, parts: V, each: &dyn Fn(&mut Frame, &str, V)) {
    let Node::Object(entries) = parts.node() else { return out.copy(key, parts) };
    out.object(key);
    entries.for_each(|(key, value)| each(out, key, value));
    out.end();
}

fn is_null<'a>(value: impl Value<'a>) -> bool {
    matches!(value.node(), Node::Null)
}

/// The items of an array that holds exactly two.
fn two<V>(mut items: impl Iterator<Item = V>) -> Option<(V, V)> {
    let pair = (items.next()?, items.next()?);
    items.next().is_none().then_some(pair)
}
