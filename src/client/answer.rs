//! What an answer to a post means.

use std::fmt;

use serde::{Serialize, Serializer};

use super::Sent;
use crate::error::ErrorCode;
use crate::text::{digits, fill, join};
use crate::value::{Node, Value};

/// A message was posted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PostResult {
    /// Whether the server has stored the message, or will.
    pub kind: PostKind,
    /// The message's uuid: its own, or the one it was given.
    pub uuid: String,
    /// How many requests it took.
    pub attempts: u32,
    /// Whether an earlier request may have been stored as well, because its answer was lost.
    pub maybe_duplicate: bool,
}

/// How far the server has come with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PostKind {
    /// It took the message and will store it (202); there is no id yet.
    Accepted,
    /// It stored the message and answered with it (200, 201).
    Created,
}

/// A post failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PostError {
    /// How.
    pub code: ErrorCode,
    /// The status of the answer, if one came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Whether the same request may succeed later.
    pub retryable: bool,
    /// How many requests were made.
    pub attempts: u32,
    /// Whether the message may have been stored all the same: the failure came after the bytes had left. To post it again
    /// may then show it twice.
    pub maybe_duplicate: bool,
    /// How long the server asked to wait (`Retry-After`), in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u32>,
    /// What the server says of each field, in its order (docs): `content: ["can't be blank"]`.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "as_map")]
    pub field_errors: Vec<(String, Vec<String>)>,
    pub(super) message: String,
}

impl PostError {
    pub(super) fn new(code: ErrorCode, status: Option<u16>, message: String) -> Self {
        let retryable = match code {
            // These two say that the request itself asks too much of the server (ours).
            ErrorCode::Server => !matches!(status, Some(501 | 505)),
            ErrorCode::Network | ErrorCode::Timeout | ErrorCode::RateLimited => true,
            _ => false,
        };
        let maybe_duplicate = match code {
            // These two say that the request was not looked at.
            ErrorCode::Server => !matches!(status, Some(408 | 425)),
            ErrorCode::Network | ErrorCode::Timeout | ErrorCode::BadResponse => true,
            _ => false,
        };
        let field_errors = Vec::new();
        Self { code, status, retryable, attempts: 1, maybe_duplicate, retry_after_ms: None, field_errors, message }
    }
}

impl PostError {
    /// All of it in a sentence.
    pub(crate) fn sentence(&self) -> &str {
        &self.message
    }
}

fn as_map<S: Serializer>(entries: &[(String, Vec<String>)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(entries.iter().map(|(key, value)| (key, value)))
}

impl fmt::Display for PostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

impl std::error::Error for PostError {}

/// What is read of an answer's body, with no token in it; everything may be missing.
#[derive(Debug, Default)]
struct Body {
    has_id: bool,
    message: String,
    errors: Vec<(String, Vec<String>)>,
}

impl Body {
    fn read<'a, V: Value<'a>>(value: V, sent: &Sent) -> Self {
        let mut body = Self::default();
        let Node::Object(entries) = value.node() else { return body };
        for (key, value) in entries {
            match (key, value.node()) {
                ("id", node) => body.has_id = !matches!(node, Node::Null),
                ("message", Node::String(text)) => body.message = sent.redact(text),
                ("errors", Node::Object(fields)) => {
                    for (field, value) in fields {
                        let mut texts = Vec::new();
                        match value.node() {
                            Node::Array(items) => items.for_each(|item| add_text(item, sent, &mut texts)),
                            _ => add_text(value, sent, &mut texts),
                        }
                        body.errors.push((sent.redact(field), texts));
                    }
                }
                _ => {}
            }
        }
        body
    }
}

/// A string; anything else counts for nothing.
fn add_text<'a>(value: impl Value<'a>, sent: &Sent, texts: &mut Vec<String>) {
    if let Node::String(text) = value.node() {
        texts.push(sent.redact(text));
    }
}

/// Also said of a redirect of which a page sees nothing but that there was one.
pub(super) const REDIRECTED: &str = "the server sends the request elsewhere, which would take the token there";

pub(super) const SOURCE_REMOVED: &str = "a user removed the source: stop posting and delete what is stored for it";

pub(super) fn read<'a>(sent: &Sent, status: u16, body: impl Value<'a>) -> Result<PostResult, PostError> {
    let body = Body::read(body, sent);
    if let 200..=202 = status {
        let kind = if status != 202 && body.has_id { PostKind::Created } else { PostKind::Accepted };
        return Ok(PostResult { kind, uuid: sent.uuid.clone(), attempts: 1, maybe_duplicate: false });
    }
    let not_found = fill("the server does not know %, or not this flow token", &[&sent.url]);
    let (code, meaning) = match status {
        300..=399 => (ErrorCode::RedirectRefused, REDIRECTED),
        401 => (ErrorCode::Unauthorized, "the server asks who this is"),
        403 => (ErrorCode::Forbidden, "the server does not allow this"),
        404 => (ErrorCode::NotFound, not_found.as_str()),
        410 => (ErrorCode::SourceRemoved, SOURCE_REMOVED),
        413 => (ErrorCode::TooLarge, "the message is too large for the server"),
        429 => (ErrorCode::RateLimited, "the server has had too many requests"),
        408 | 425 | 500..=599 => (ErrorCode::Server, "the server failed"),
        400..=499 => (ErrorCode::Rejected, "the server refused the message"),
        _ => (ErrorCode::BadResponse, "this is no answer of the message API"),
    };
    let mut message = fill("% (%)", &[meaning, &digits(status.into())]);
    if !body.message.is_empty() {
        message.push_str(": ");
        message.push_str(&body.message);
    }
    for (field, texts) in &body.errors {
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        message.push_str(&fill("; % %", &[field, &join(&texts, ", ")]));
    }
    Err(PostError { field_errors: body.errors, ..PostError::new(code, Some(status), message) })
}
