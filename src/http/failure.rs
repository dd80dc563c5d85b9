//! Why a request failed, and what the server says about it.

use super::Secret;
use crate::error::ErrorCode;
use crate::json::{Node, Value, Writer, read};
use crate::text::{digits, fill, first_chars, pieces};

/// How a request ended without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt<'a> {
    /// The caller gave up, before the request was sent or while it was in flight.
    Aborted {
        /// Whether the request was in flight.
        in_flight: bool,
    },
    /// The request was not sent, because an earlier answer said that a user removed the source.
    SourceRemoved,
    /// No answer came within this number of milliseconds.
    Timeout(u32),
    /// The server redirected the request. Nothing more is known about the redirect.
    Redirected,
    /// What came back is no HTTP answer.
    NoResponse,
    /// The request or its answer did not get through. The text is the name of the cause, such as `ECONNREFUSED`, or
    /// empty. A cause that is permanent, such as an expired certificate, is not tried again.
    Network(&'a str),
}

/// The causes that show that nothing of the request was sent. For the first ones no server was reached. For the others
/// the runtime did not permit the request (Deno, Node, a page), or no trusted authority signed the server's
/// certificate.
const NOT_SENT: &str = "ECONNREFUSED ENOTFOUND EAI_AGAIN NotCapable ERR_ACCESS_DENIED ContentSecurityPolicy UNABLE_TO_VERIFY_LEAF_SIGNATURE";
/// The number of the first causes in [`NOT_SENT`], for which a retry may succeed.
const MAY_PASS: usize = 3;

impl Attempt<'_> {
    /// Whether nothing of the request was sent. If so, returns whether a retry may succeed.
    pub(crate) fn not_sent(self) -> Option<bool> {
        let Attempt::Network(cause) = self else { return None };
        // OpenSSL has many more names for a certificate that is refused. All others contain this word.
        if cause.as_bytes().windows(4).any(|part| part == b"CERT") {
            return Some(false);
        }
        pieces(NOT_SENT, b' ').position(|known| known == cause).map(|index| index < MAY_PASS)
    }
}

/// The request that was made, as far as the error of a failure needs it.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// The URL of the request.
    pub url: &'a str,
    /// What the server may not know, as an error message calls it: `this flow token`.
    pub what: &'static str,
    /// The tokens that no error may show.
    pub secrets: &'a [Secret],
}

/// Why a request failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub code: ErrorCode,
    /// The status of the answer, if one came.
    pub status: Option<u16>,
    /// What the server says about each field, in the order of the answer (docs).
    pub field_errors: Vec<(String, Vec<String>)>,
    /// The whole failure as a sentence.
    pub message: String,
}

/// The sentence for a redirect. It fits as well when a page sees only that there was a redirect.
const REDIRECTED: &str = "the server sends the request elsewhere, which would take the token there";

/// The largest number of characters of a sentence with texts of a server. The server may have sent a whole page.
const LONGEST_SENTENCE: usize = 1000;

/// The largest number of characters that are shown of a plain text.
const LONGEST_TEXT: usize = 200;

/// The sentence for a network failure without a name, as browsers report it.
const UNKNOWN: &str = "no reason given";

const NO_ANSWER: &str = "this is no answer of Flowdock's API";

const SOURCE_REMOVED: &str = "a user removed the source: stop posting and delete what is stored for it";

impl Failure {
    pub fn new(code: ErrorCode, message: String) -> Self {
        Self { code, status: None, field_errors: Vec::new(), message }
    }

    /// Whether the same request may succeed later.
    pub fn is_retryable(&self) -> bool {
        match self.code {
            // With 501 and 505 the server says that it can never do what the request asks for (ours).
            ErrorCode::Server => !matches!(self.status, Some(501 | 505)),
            ErrorCode::Network | ErrorCode::Timeout | ErrorCode::RateLimited => true,
            _ => false,
        }
    }
}

impl Asked<'_> {
    /// Returns the failure for an answer that is no success. `body` is as [`with_body`] gives it, or null if it did not
    /// arrive completely. `said` is the server's reason if the caller has found it in a text, and otherwise empty.
    pub fn refused(&self, status: u16, body: Value<'_>, said: &str) -> Failure {
        let not_found = fill("the server does not know %, or not %", &[self.url, self.what]);
        let (code, meaning) = match status {
            // This is not a redirect, and it is no answer to a request of ours.
            304 => (ErrorCode::BadResponse, NO_ANSWER),
            300..=399 => (ErrorCode::RedirectRefused, REDIRECTED),
            401 => (ErrorCode::Unauthorized, "the server asks who this is"),
            403 => (ErrorCode::Forbidden, "the server does not allow this"),
            404 => (ErrorCode::NotFound, not_found.as_str()),
            410 => (ErrorCode::SourceRemoved, SOURCE_REMOVED),
            413 => (ErrorCode::TooLarge, "it is too large for the server"),
            429 => (ErrorCode::RateLimited, "the server has had too many requests"),
            408 | 425 | 500..=599 => (ErrorCode::Server, "the server failed"),
            400..=499 => (ErrorCode::Rejected, "the server refused it"),
            _ => (ErrorCode::BadResponse, NO_ANSWER),
        };
        let mut message = fill("% (%)", &[meaning, &digits(status.into())]);
        let mut most = LONGEST_SENTENCE;
        let mut field_errors = Vec::new();
        if let Node::String(text) = body.node() {
            let text = if said.is_empty() { text.trim_ascii() } else { said };
            // The reason in a page stands somewhere among its tags, so a page is not shown.
            if !text.is_empty() && !text.starts_with('<') {
                message.push_str(": ");
                most = message.len() + LONGEST_TEXT;
                message.push_str(&self.redact(text));
            }
        } else {
            for key in pieces(REASONS, b' ') {
                let texts = self.add(": ", body.part(key), &mut message);
                if key == "message" && !texts.is_empty() {
                    break;
                }
            }
            self.add(": ", Some(body), &mut message);
            if let Some(Node::Object(fields)) = body.part("errors").map(Value::node) {
                for (field, value) in fields {
                    let field = self.redact(field);
                    let texts = self.add(&fill("; % ", &[&field]), Some(value), &mut message);
                    field_errors.push((field, texts));
                }
            }
        }
        let message = first_chars(&message, most);
        Failure { status: Some(status), field_errors, ..Failure::new(code, message) }
    }

    /// Returns the failure for a request without an answer.
    pub fn unanswered(&self, attempt: Attempt<'_>) -> Failure {
        let fail = |code, message: &str| Failure::new(code, self.redact(message));
        match attempt {
            Attempt::Aborted { .. } => fail(ErrorCode::Aborted, "the caller gave up"),
            Attempt::SourceRemoved => fail(ErrorCode::SourceRemoved, SOURCE_REMOVED),
            Attempt::Timeout(ms) => fail(ErrorCode::Timeout, &fill("no answer within % ms", &[&digits(ms as usize)])),
            Attempt::Redirected => fail(ErrorCode::RedirectRefused, REDIRECTED),
            Attempt::NoResponse => fail(ErrorCode::BadResponse, "fetch answered with something that is no Response"),
            Attempt::Network(cause) => {
                let cause = if cause.is_empty() { UNKNOWN } else { cause };
                let message = fill("the request to % or its answer did not get through (%)", &[self.url, cause]);
                fail(ErrorCode::Network, &message)
            }
        }
    }

    /// Appends a text or an array of texts to a sentence, and returns them. Any other value is ignored.
    fn add(&self, before: &str, value: Option<Value<'_>>, sentence: &mut String) -> Vec<String> {
        let mut texts = Vec::new();
        let mut add = |value: Value<'_>| {
            if let Some(text) = value.text().filter(|text| !text.trim_ascii().is_empty()) {
                let text = self.redact(text);
                sentence.push_str(if texts.is_empty() { before } else { ", " });
                sentence.push_str(&text);
                texts.push(text);
            }
        };
        match value.map(|value| (value.node(), value)) {
            Some((Node::Array(items), _)) => items.for_each(add),
            Some((_, value)) => add(value),
            None => {}
        }
        texts
    }

    /// Removes the tokens from a text that came from a server.
    fn redact(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| secret.redact(&text))
    }
}

/// Calls a function with the content of a body: its JSON if that is an object or an array, and otherwise the body as a
/// string.
pub(crate) fn with_body<T>(body: &str, call: impl FnOnce(Value<'_>) -> T) -> T {
    if let Ok(json) = read(body)
        && let Node::Object(_) | Node::Array(_) = json.root().node()
    {
        return call(json.root());
    }
    let mut text = Writer::default();
    text.string(None, body);
    call(read(&text.text()).unwrap_or_default().root())
}

/// The keys that can hold a server's reason. Flowdock uses `message` (docs). Without it, the keys of other APIs count
/// (RFC 6749, RFC 9457). An `errors` object, which has texts for each field, is read in any case.
const REASONS: &str = "message error error_description title detail errors";
