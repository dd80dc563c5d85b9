//! What an answer to a post means.

use std::fmt;

use serde::{Serialize, Serializer};

use super::Request;
use crate::error::ErrorCode;
use crate::validate::{Node, Value};

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
    /// What the server says of each field, in its order (docs): `content: ["can't be blank"]`.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "as_map")]
    pub field_errors: Vec<(String, Vec<String>)>,
    message: String,
}

impl PostError {
    pub(super) fn new(code: ErrorCode, status: Option<u16>, message: String) -> Self {
        let retryable = match code {
            // These two say that the request itself asks too much of the server (ours).
            ErrorCode::Server => !matches!(status, Some(501 | 505)),
            ErrorCode::Network | ErrorCode::Timeout | ErrorCode::RateLimited => true,
            _ => false,
        };
        Self { code, status, retryable, field_errors: Vec::new(), message }
    }
}

fn as_map<S: Serializer>(entries: &[(String, Vec<String>)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(entries.iter().map(|(key, value)| (key, value)))
}

impl fmt::Display for PostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for PostError {}

/// What is read of an answer's body; everything may be missing.
#[derive(Debug, Default)]
struct Body<'a> {
    has_id: bool,
    message: &'a str,
    errors: Vec<(&'a str, Vec<&'a str>)>,
}

impl<'a> Body<'a> {
    fn read<V: Value<'a>>(value: V) -> Self {
        let mut body = Self::default();
        let Node::Object(entries) = value.node() else { return body };
        for (key, value) in entries {
            match (key, value.node()) {
                ("id", node) => body.has_id = !matches!(node, Node::Null),
                ("message", Node::String(text)) => body.message = text,
                ("errors", Node::Object(fields)) => {
                    body.errors = fields.map(|(field, value)| (field, texts(value))).collect();
                }
                _ => {}
            }
        }
        body
    }
}

/// A list of strings; a string alone counts as a list of one, anything else as none.
fn texts<'a, V: Value<'a>>(value: V) -> Vec<&'a str> {
    let text = |value: V| if let Node::String(text) = value.node() { Some(text) } else { None };
    match value.node() {
        Node::Array(items) => items.filter_map(text).collect(),
        _ => text(value).into_iter().collect(),
    }
}

/// Also said of a redirect of which a page sees nothing but that there was one.
pub(crate) const REDIRECTED: &str = "the server sends the request elsewhere, which would take the token there";

pub(super) fn read<'a>(request: &Request, status: u16, body: impl Value<'a>) -> Result<PostResult, PostError> {
    let body = Body::read(body);
    if let 200..=202 = status {
        let kind = if status != 202 && body.has_id { PostKind::Created } else { PostKind::Accepted };
        return Ok(PostResult { kind, uuid: request.uuid.clone(), attempts: 1, maybe_duplicate: false });
    }
    let not_found = format!("the server does not know {}, or not this flow token", request.url);
    let (code, meaning) = match status {
        300..=399 => (ErrorCode::RedirectRefused, REDIRECTED),
        401 => (ErrorCode::Unauthorized, "the server asks who this is"),
        403 => (ErrorCode::Forbidden, "the server does not allow this"),
        404 => (ErrorCode::NotFound, not_found.as_str()),
        410 => (ErrorCode::SourceRemoved, "a user removed the source: stop posting and delete what is stored for it"),
        413 => (ErrorCode::TooLarge, "the message is too large for the server"),
        429 => (ErrorCode::RateLimited, "the server has had too many requests"),
        408 | 425 | 500..=599 => (ErrorCode::Server, "the server failed"),
        400..=499 => (ErrorCode::Rejected, "the server refused the message"),
        _ => (ErrorCode::BadResponse, "this is no answer of the message API"),
    };
    let redact = |text: &str| request.redact(text);
    let field_errors: Vec<(String, Vec<String>)> = body
        .errors
        .iter()
        .map(|(field, texts)| (redact(field), texts.iter().map(|text| redact(text)).collect()))
        .collect();
    let mut message = format!("{meaning} ({status})");
    if !body.message.is_empty() {
        message = format!("{message}: {}", redact(body.message));
    }
    for (field, texts) in &field_errors {
        message = format!("{message}; {field} {}", texts.join(", "));
    }
    Err(PostError { field_errors, ..PostError::new(code, Some(status), message) })
}
