//! The forgiving forms that the JavaScript builders take, turned into the wire format.
//!
//! What is not understood here is left as it stands, so that the check that follows reports it by its place.

use super::{Json, normalize_tags};
use crate::schema::{ACTION, AUTHOR, FIELD, MESSAGE, Object, STATUS, THREAD};
use crate::validate::{InvalidMessage, Node, Options, Report, Value, validate, validate_thread};

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
/// format has none counts as missing.
///
/// ```
/// use flowdock_integration::{Options, message::{Event, message_from_parts}, encode::write_json};
/// let parts = serde_json::json!({ "content": "Great Scott!", "tags": "#Time, travel", "external_thread_id": "42" });
/// let (message, _) = message_from_parts(&parts, Event::Message, Options::default())?;
/// let mut json = String::new();
/// write_json(&message, &mut json);
/// assert_eq!(
///     json,
///     r#"{"event":"message","content":"Great Scott!","tags":["time","travel"],"external_thread_id":"42"}"#
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
) -> Result<(Json, Report), InvalidMessage> {
    let message = message(parts, event);
    let report = validate(&message, options.event(event.as_str()));
    if report.is_valid() { Ok((message, report)) } else { Err(InvalidMessage { report }) }
}

/// Builds a thread from what is handy, and checks it.
///
/// `status` may be its value, or value and colour in an array; `fields` an object of labels and values, or an array of
/// such pairs, where numbers and booleans become strings; an action of `name` and `url` is a ViewAction, with a `method`
/// as well an UpdateAction.
///
/// # Errors
/// When the thread breaks a rule whose severity is an error.
pub fn thread_from_parts<'a>(parts: impl Value<'a>) -> Result<(Json, Report), InvalidMessage> {
    let thread = thread(parts);
    let report = validate_thread(&thread);
    if report.is_valid() { Ok((thread, report)) } else { Err(InvalidMessage { report }) }
}

fn message<'a>(parts: impl Value<'a>, event: Event) -> Json {
    let mut message = convert(parts, &MESSAGE, |key, value| match (key, value.node()) {
        ("author", Node::String(name)) => object([("name", name.into())]),
        ("author", _) => convert(value, &AUTHOR, |_, value| Json::copy(value)),
        ("tags", Node::String(tags)) => tag_array(tags.split(',')),
        ("tags", Node::Array(items)) => {
            let texts: Option<Vec<&str>> = items.map(text).collect();
            texts.map_or_else(|| Json::copy(value), tag_array)
        }
        ("thread", _) => thread(value),
        _ => Json::copy(value),
    });
    if let Json::Object(entries) = &mut message
        && !entries.iter().any(|(key, _)| key == "event")
    {
        entries.insert(0, ("event".to_owned(), event.as_str().into()));
    }
    message
}

fn thread<'a>(parts: impl Value<'a>) -> Json {
    convert(parts, &THREAD, |key, value| match (key, value.node()) {
        ("status", Node::String(status)) => object([("value", status.into())]),
        ("status", Node::Array(items)) => match two(items) {
            Some((status, color)) if is_null(color) => object([("value", Json::copy(status))]),
            Some((status, color)) => object([("value", Json::copy(status)), ("color", Json::copy(color))]),
            None => Json::copy(value),
        },
        ("status", Node::Object(_)) => convert(value, &STATUS, |_, value| Json::copy(value)),
        ("fields", Node::Object(fields)) => {
            let field = |(label, value): (&str, _)| object([("label", label.into()), ("value", field_value(value))]);
            Json::Array(fields.map(field).collect())
        }
        ("fields", Node::Array(items)) => Json::Array(items.map(field).collect()),
        ("actions", Node::Array(items)) => Json::Array(items.map(action).collect()),
        _ => Json::copy(value),
    })
}

/// `{ label, value }` or `[label, value]`.
fn field<'a>(parts: impl Value<'a>) -> Json {
    match parts.node() {
        Node::Array(items) => match two(items) {
            Some((label, value)) => object([("label", Json::copy(label)), ("value", field_value(value))]),
            None => Json::copy(parts),
        },
        _ => convert(parts, &FIELD, |key, value| if key == "value" { field_value(value) } else { Json::copy(value) }),
    }
}

/// Numbers and booleans are written as strings, a null as the empty one.
fn field_value<'a>(value: impl Value<'a>) -> Json {
    match value.node() {
        Node::Number(number) => Json::String(number.into_owned()),
        Node::Bool(value) => value.to_string().as_str().into(),
        Node::Null => "".into(),
        _ => Json::copy(value),
    }
}

/// `{ name, url, method? }`, or an action in full, which its `@type` shows.
fn action<'a>(parts: impl Value<'a>) -> Json {
    let Node::Object(entries) = parts.node() else { return Json::copy(parts) };
    let part = |wanted: &str| {
        let found = entries.clone().find(|(key, _)| *key == wanted).map(|(_, value)| value);
        found.filter(|value| !is_null(*value))
    };
    let Json::Object(mut action) = convert(parts, &ACTION, |_, value| Json::copy(value)) else { return Json::Null };
    if part("@type").is_some() || part("target").is_some() {
        return Json::Object(action);
    }
    action.retain(|(key, _)| key != "method");
    let mut kind = "ViewAction";
    if let Some(method) = part("method") {
        kind = "UpdateAction";
        // An UpdateAction keeps its URL in its target.
        action.retain(|(key, _)| key != "url");
        let mut target = vec![("@type".to_owned(), "EntryPoint".into())];
        target.extend(part("url").map(|url| ("urlTemplate".to_owned(), Json::copy(url))));
        target.push(("httpMethod".to_owned(), Json::copy(method)));
        action.push(("target".to_owned(), Json::Object(target)));
    }
    action.insert(0, ("@type".to_owned(), kind.into()));
    Json::Object(action)
}

/// Copies an object, each value by way of `each`, without the nulls that its rules do not know; anything else as it stands.
fn convert<'a, V: Value<'a>>(parts: V, rules: &'static Object, each: impl Fn(&str, V) -> Json) -> Json {
    let Node::Object(entries) = parts.node() else { return Json::copy(parts) };
    let needless =
        |key: &str, value: V| matches!(value.node(), Node::Null) && rules.rule(key).is_some_and(|rule| !rule.nullable);
    let kept = entries.filter(|(key, value)| !needless(key, *value));
    Json::Object(kept.map(|(key, value)| (key.to_owned(), each(key, value))).collect())
}

fn object<const N: usize>(entries: [(&str, Json); N]) -> Json {
    Json::Object(entries.map(|(key, value)| (key.to_owned(), value)).into())
}

fn tag_array<'a>(tags: impl IntoIterator<Item = &'a str>) -> Json {
    Json::Array(normalize_tags(tags).into_iter().map(Json::String).collect())
}

fn is_null<'a>(value: impl Value<'a>) -> bool {
    matches!(value.node(), Node::Null)
}

fn text<'a>(value: impl Value<'a>) -> Option<&'a str> {
    if let Node::String(text) = value.node() { Some(text) } else { None }
}

/// The items of an array that holds exactly two.
fn two<V>(mut items: impl Iterator<Item = V>) -> Option<(V, V)> {
    let pair = (items.next()?, items.next()?);
    items.next().is_none().then_some(pair)
}
