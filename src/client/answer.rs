//! Reads the answer to a post.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::error::ErrorCode;
use crate::http::Failure;
use crate::json::{Node, Value};

/// The result of a post that succeeded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PostResult {
    /// Whether the server has stored the message or will store it.
    pub kind: PostKind,
    /// The message's uuid: its own, or the one that the client gave it.
    pub uuid: String,
    /// The number of requests that were made.
    pub attempts: u32,
    /// Whether the message may be stored twice, because the answer to an earlier request was lost.
    pub maybe_duplicate: bool,
}

impl PostResult {
    /// The result of a post whose answer had the header `Flowdock-Deduplicates: uuid`. That server stores a message once,
    /// however often it comes with the same uuid (ours).
    #[must_use]
    pub fn deduplicated(self) -> Self {
        Self { maybe_duplicate: false, ..self }
    }
}

/// How far the server has come with storing a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PostKind {
    /// The server took the message and will store it (200, 201, 202, 204). There is no id yet.
    Accepted,
    /// The server stored the message and returned it (200, 201).
    Created,
}

impl PostKind {
    /// Returns the name of the kind in JavaScript.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Created => "created",
        }
    }

    /// Reads a success. Returns `None` if the status is no success, or if the body arrived completely and is neither
    /// blank nor a JSON object: then another program answered, for example the sign-in page of a proxy. A body with an
    /// `id` is the stored message.
    pub(crate) fn read(status: u16, body: Value<'_>) -> Option<Self> {
        let is_foreign = match body.node() {
            Node::Null | Node::Object(_) => false,
            Node::String(text) => !text.chars().all(char::is_whitespace),
            _ => true,
        };
        let has_id = || body.part("id").is_some_and(|id| !id.is_null());
        match status {
            _ if is_foreign => None,
            200 | 201 if has_id() => Some(Self::Created),
            200..=202 | 204 => Some(Self::Accepted),
            _ => None,
        }
    }
}

/// The error of a post that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PostError {
    /// The reason as a code.
    pub code: ErrorCode,
    /// The status of the answer, if one came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Whether the same request may succeed later.
    pub retryable: bool,
    /// The number of requests that were made.
    pub attempts: u32,
    /// Whether the message may have been stored although the post failed: the failure came after the request was sent.
    /// If you post the message again, it may appear twice.
    pub maybe_duplicate: bool,
    /// How long the server asked to wait (`Retry-After`), in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u32>,
    /// What the server says about each field, in the order of the answer (docs): `content: ["can't be blank"]`.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "as_map")]
    pub field_errors: Vec<(String, Vec<String>)>,
    pub(super) message: String,
}

impl PostError {
    pub(super) fn new(failure: Failure) -> Self {
        let retryable = failure.is_retryable();
        let Failure { code, status, field_errors, message, .. } = failure;
        let maybe_duplicate = match code {
            // With 408 and 425 the server says that it did not process the request.
            ErrorCode::Server => !matches!(status, Some(408 | 425)),
            ErrorCode::Network | ErrorCode::Timeout | ErrorCode::BadResponse => true,
            _ => false,
        };
        Self { code, status, retryable, attempts: 1, maybe_duplicate, retry_after_ms: None, field_errors, message }
    }

    /// Returns the whole error as a sentence.
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
