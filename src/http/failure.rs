//! What it means when a request brought nothing.

use super::Secret;
use crate::error::ErrorCode;
use crate::text::{digits, fill, first_chars, join};
use crate::value::{Node, Value};

/// How a request ended without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt<'a> {
    /// The caller gave up, before the request went out or while it was on its way.
    Aborted {
        /// Whether it was on its way.
        in_flight: bool,
    },
    /// It was not made, since an earlier answer said that a user removed the source.
    SourceRemoved,
    /// The time allowed is over; so many milliseconds.
    Timeout(u32),
    /// There was a redirect, of which no more is known.
    Redirected,
    /// What came is no HTTP answer.
    NoResponse,
    /// It, or its answer, did not get through; with a name for the cause, such as `ECONNREFUSED`, or none.
    Network(&'a str),
}

/// What was asked, and whom.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// Where the request went.
    pub url: &'a str,
    /// What the server may not know, in words: `this flow token`.
    pub what: &'static str,
    /// What no sentence may show.
    pub secrets: &'a [Secret],
}

/// Why a request brought nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub code: ErrorCode,
    /// The status of the answer, if one came.
    pub status: Option<u16>,
    /// What the server says of each field, in its order (docs).
    pub field_errors: Vec<(String, Vec<String>)>,
    /// All of it in a sentence.
    pub message: String,
}

/// Also said of a redirect of which a page sees nothing but that there was one.
const REDIRECTED: &str = "the server sends the request elsewhere, which would take the token there";

/// The most characters of a sentence in which a server has its say; it may have sent a whole page.
const LONGEST_SENTENCE: usize = 1000;

const SOURCE_REMOVED: &str = "a user removed the source: stop posting and delete what is stored for it";

impl Failure {
    pub fn new(code: ErrorCode, message: String) -> Self {
        Self { code, status: None, field_errors: Vec::new(), message }
    }

    /// Whether the same request may succeed later.
    pub fn is_retryable(&self) -> bool {
        match self.code {
            // These two say that the request itself asks too much of the server (ours).
            ErrorCode::Server => !matches!(self.status, Some(501 | 505)),
            ErrorCode::Network | ErrorCode::Timeout | ErrorCode::RateLimited => true,
            _ => false,
        }
    }
}

impl Asked<'_> {
    /// What an answer means that is no success. `body` is what was parsed of it, null where it is no JSON; `said` the
    /// sentence in it.
    pub fn refused<'a>(&self, status: u16, body: impl Value<'a>, said: Option<&str>) -> Failure {
        let not_found = fill("the server does not know %, or not %", &[self.url, self.what]);
        let (code, meaning) = match status {
            300..=399 => (ErrorCode::RedirectRefused, REDIRECTED),
            401 => (ErrorCode::Unauthorized, "the server asks who this is"),
            403 => (ErrorCode::Forbidden, "the server does not allow this"),
            404 => (ErrorCode::NotFound, not_found.as_str()),
            410 => (ErrorCode::SourceRemoved, SOURCE_REMOVED),
            413 => (ErrorCode::TooLarge, "it is too large for the server"),
            429 => (ErrorCode::RateLimited, "the server has had too many requests"),
            408 | 425 | 500..=599 => (ErrorCode::Server, "the server failed"),
            400..=499 => (ErrorCode::Rejected, "the server refused it"),
            _ => (ErrorCode::BadResponse, "this is no answer of Flowdock's API"),
        };
        let mut message = fill("% (%)", &[meaning, &digits(status.into())]);
        if let Some(said) = said.filter(|said| !said.is_empty()) {
            message.push_str(": ");
            message.push_str(&self.redact(said));
        }
        let field_errors = self.field_errors(body);
        for (field, texts) in &field_errors {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            message.push_str(&fill("; % %", &[field, &join(&texts, ", ")]));
        }
        let message = first_chars(&message, LONGEST_SENTENCE);
        Failure { status: Some(status), field_errors, ..Failure::new(code, message) }
    }

    /// That no answer came.
    pub fn unanswered(&self, attempt: Attempt<'_>) -> Failure {
        let fail = |code, message: &str| Failure::new(code, self.redact(message));
        match attempt {
            Attempt::Aborted { .. } => fail(ErrorCode::Aborted, "the caller gave up"),
            Attempt::SourceRemoved => fail(ErrorCode::SourceRemoved, SOURCE_REMOVED),
            Attempt::Timeout(ms) => fail(ErrorCode::Timeout, &fill("no answer within % ms", &[&digits(ms as usize)])),
            Attempt::Redirected => fail(ErrorCode::RedirectRefused, REDIRECTED),
            Attempt::NoResponse => fail(ErrorCode::BadResponse, "fetch answered with something that is no Response"),
            Attempt::Network(cause) => {
                let named = if cause.is_empty() { String::new() } else { fill(" (%)", &[cause]) };
                let message = fill("the request to % or its answer did not get through%", &[self.url, &named]);
                fail(ErrorCode::Network, &message)
            }
        }
    }

    fn field_errors<'a, V: Value<'a>>(&self, body: V) -> Vec<(String, Vec<String>)> {
        let mut errors = Vec::new();
        if let Some(Node::Object(fields)) = body.part("errors").map(Value::node) {
            for (field, value) in fields {
                let mut texts = Vec::new();
                // A string; anything else counts for nothing.
                let mut add = |value: V| texts.extend(value.text().map(|text| self.redact(text)));
                match value.node() {
                    Node::Array(items) => items.for_each(add),
                    _ => add(value),
                }
                errors.push((self.redact(field), texts));
            }
        }
        errors
    }

    /// A text of somebody else's without a token in it.
    fn redact(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| secret.redact(&text))
    }
}
