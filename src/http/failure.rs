//! What it means when a request brought nothing, and what the server says of it.

use super::Secret;
use crate::error::ErrorCode;
use crate::json::{Node, Value, Writer, read};
use crate::text::{digits, fill, first_chars, pieces};

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
    /// It, or its answer, did not get through; with a name for the cause, such as `ECONNREFUSED`, or none. A cause that cannot
    /// pass, such as a certificate that has expired, is not tried again.
    Network(&'a str),
}

/// The causes that say that nothing of a request went out. The first ones say that nobody was there, the others that nobody may go
/// there (Deno, Node, a page), or that a certificate does not lead to one that is trusted.
const NOT_SENT: &str = "ECONNREFUSED ENOTFOUND EAI_AGAIN NotCapable ERR_ACCESS_DENIED ContentSecurityPolicy UNABLE_TO_VERIFY_LEAF_SIGNATURE";
/// How many of them may pass.
const MAY_PASS: usize = 3;

impl Attempt<'_> {
    /// Whether nothing of the request went out, and if so, whether that may pass.
    pub(crate) fn not_sent(self) -> Option<bool> {
        let Attempt::Network(cause) = self else { return None };
        // Every other name that OpenSSL has for a certificate that is refused says so.
        if cause.as_bytes().windows(4).any(|part| part == b"CERT") {
            return Some(false);
        }
        pieces(NOT_SENT, b' ').position(|known| known == cause).map(|place| place < MAY_PASS)
    }
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

/// The most characters that are shown of a plain text.
const LONGEST_TEXT: usize = 200;

/// Browsers say no more of a network failure.
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
            // These two say that the request itself asks too much of the server (ours).
            ErrorCode::Server => !matches!(self.status, Some(501 | 505)),
            ErrorCode::Network | ErrorCode::Timeout | ErrorCode::RateLimited => true,
            _ => false,
        }
    }
}

impl Asked<'_> {
    /// What an answer means that is no success. `body` is as [`with_body`] gives it, null where it did not come whole; `said`
    /// the server's reason, where the caller has found it in a text, else empty.
    pub fn refused(&self, status: u16, body: Value<'_>, said: &str) -> Failure {
        let not_found = fill("the server does not know %, or not %", &[self.url, self.what]);
        let (code, meaning) = match status {
            // No redirect, and no answer to a request like ours.
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
            // A page has its reason somewhere among its tags.
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
                let cause = if cause.is_empty() { UNKNOWN } else { cause };
                let message = fill("the request to % or its answer did not get through (%)", &[self.url, cause]);
                fail(ErrorCode::Network, &message)
            }
        }
    }

    /// Adds a text, or those of an array, to a sentence, and gives them; anything else counts for nothing.
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

    /// A text of somebody else's without a token in it.
    fn redact(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| secret.redact(&text))
    }
}

/// Calls a function with what a body holds: the JSON object or array in it, else its text as it came.
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

/// The keys of a server's reason. Flowdock's is `message` (docs); where that is missing, the keys of other APIs count (RFC 6749,
/// RFC 9457). An `errors` object, which has texts for each field, is read in any case.
const REASONS: &str = "message error error_description title detail errors";
