//! What the calls of both modules have in common: what they answer with, and how they read what JavaScript kept for them.

use super::options::Invalid;
use crate::encode::Json;
use crate::error::ErrorCode;
use crate::http::{Attempt, Secret};
use crate::text::decimal;
use crate::value::{FrameValue, Node, Value};

/// Text, or a failure as JSON.
pub type Answer = Result<String, String>;

/// What did not come over as it should.
pub fn unreadable() -> Answer {
    Err(Invalid("the arguments could not be read".to_owned()).into())
}

/// What a `FlowdockError` is made of, but for its end.
pub fn failure(json: &mut Json, key: Option<&str>, code: ErrorCode, message: &str, retryable: bool) {
    json.object(key);
    json.string(Some("code"), code.as_str());
    json.string(Some("message"), message);
    json.bool(Some("retryable"), retryable);
}

impl From<Invalid> for String {
    fn from(Invalid(message): Invalid) -> Self {
        let mut json = Json::default();
        failure(&mut json, None, ErrorCode::InvalidOption, &message, false);
        json.end_object();
        json.text()
    }
}

pub fn optional(json: &mut Json, key: &str, number: Option<usize>) {
    if let Some(number) = number {
        json.number(Some(key), number);
    }
}

pub fn field_errors(json: &mut Json, errors: &[(String, Vec<String>)]) {
    if !errors.is_empty() {
        json.object(Some("fieldErrors"));
        errors.iter().for_each(|(field, texts)| json.strings(Some(field), texts));
        json.end_object();
    }
}

/// How a request ended: with a status, or without an answer.
pub fn ended(attempt: FrameValue<'_>) -> Result<u16, Attempt<'_>> {
    if let Some(status) = attempt.part("status").and_then(number) {
        // What fits into no status is none.
        return Ok(u16::try_from(status).unwrap_or_default());
    }
    Err(match part_text(attempt, "code") {
        "aborted" => Attempt::Aborted { in_flight: part_bool(attempt, "inFlight") },
        "source_removed" => Attempt::SourceRemoved,
        "timeout" => Attempt::Timeout(part_number(attempt, "timeoutMs")),
        "redirect_refused" => Attempt::Redirected,
        "bad_response" => Attempt::NoResponse,
        _ => Attempt::Network(part_text(attempt, "causeName")),
    })
}

/// The tokens of a request, from where they were kept.
pub fn restored(kept: FrameValue<'_>) -> impl Iterator<Item = Secret> {
    let tokens = kept.part("tokens").unwrap_or(kept).items();
    tokens.filter_map(Value::text).map(|token| Secret::new(token.to_owned()))
}

/// The text of a key; the empty one where there is none.
pub fn part_text<'a>(object: FrameValue<'a>, key: &str) -> &'a str {
    object.part(key).and_then(Value::text).unwrap_or_default()
}

/// The number of a key; 0 where there is none.
pub fn part_number(object: FrameValue<'_>, key: &str) -> u32 {
    object.part(key).and_then(number).unwrap_or_default()
}

/// Whether the value of a key is `true`.
pub fn part_bool(object: FrameValue<'_>, key: &str) -> bool {
    matches!(object.part(key).map(Value::node), Some(Node::Bool(true)))
}

pub fn number(value: FrameValue<'_>) -> Option<u32> {
    if let Node::Number(number) = value.node() { decimal(&number) } else { None }
}
