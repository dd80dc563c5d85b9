//! Reads what JavaScript hands over.

use crate::http::{Attempt, Secret};
use crate::json::{Document, InvalidJson, Node, Value, read_from_javascript};
use crate::text::{decimal, pieces};

/// Reads an argument; an empty text is null.
pub fn argument(text: &str) -> Result<Document<'_>, InvalidJson> {
    read_from_javascript(if text.is_empty() { "null" } else { text })
}

/// The value of a key. Where there is none it is null, as all parts of null are.
pub fn part<'a>(object: Value<'a>, key: &str) -> Value<'a> {
    object.part(key).unwrap_or(Value::NULL)
}

/// The text of a key; the empty one where there is none.
pub fn text<'a>(object: Value<'a>, key: &str) -> &'a str {
    part(object, key).text().unwrap_or_default()
}

/// The number of a key; 0 where there is none.
pub fn number(object: Value<'_>, key: &str) -> u32 {
    whole_number(part(object, key)).unwrap_or_default()
}

/// Whether a key is true.
pub fn is_true(object: Value<'_>, key: &str) -> bool {
    matches!(part(object, key).node(), Node::Bool(true))
}

/// A whole number from 0 to 2^32 - 1.
pub fn whole_number(value: Value<'_>) -> Option<u32> {
    if let Node::Number(number) = value.node() { decimal(number) } else { None }
}

/// The tokens of a request that was sent, with line feeds between them. Lists come joined: a page may have given arrays a `toJSON`, and
/// no token may be lost by it.
pub fn tokens(sent: Value<'_>) -> Vec<Secret> {
    let tokens = pieces(text(sent, "tokens"), b'\n').filter(|token| !token.is_empty());
    tokens.map(|token| Secret::new(token.to_owned())).collect()
}

/// How a request ended: with a status and a body, or without an answer. An answer without a body is no answer of this API.
pub fn ended(answer: Value<'_>) -> Result<(u16, Value<'_>), Attempt<'_>> {
    if let Some(status) = whole_number(part(answer, "status")) {
        let body = answer.part("body").ok_or(Attempt::NoResponse)?;
        // A number beyond those of statuses counts as 0.
        return Ok((u16::try_from(status).unwrap_or_default(), body));
    }
    Err(match text(answer, "code") {
        "aborted" => Attempt::Aborted { in_flight: is_true(answer, "inFlight") },
        "source_removed" => Attempt::SourceRemoved,
        "timeout" => Attempt::Timeout(number(answer, "timeoutMs")),
        "redirect_refused" => Attempt::Redirected,
        "bad_response" => Attempt::NoResponse,
        _ => Attempt::Network(text(answer, "causeName")),
    })
}
