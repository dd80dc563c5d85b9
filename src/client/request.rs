//! The request that posts one message.

use super::answer::{PostError, PostKind, PostResult};
use crate::encode::Fields;
use crate::http::{Asked, Attempt, Secret, with_body};
use crate::json::Value;

/// The options of one post.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PostOptions {
    pub(super) wait_for_message: bool,
}

impl PostOptions {
    /// Asks the server to return the stored message (docs). A page cannot use this: the documented CORS preflight does
    /// not allow the header.
    #[must_use]
    pub const fn wait_for_message(self) -> Self {
        Self { wait_for_message: true }
    }
}

/// A request that posts one message: a `POST` that must not follow redirects. Its body contains the flow token, so its
/// `Debug` does not show the body.
///
/// The body is JSON text, or the [`Fields`] of a form.
#[derive(Clone)]
pub struct Request<B = String> {
    /// The body, including the flow token and the uuid.
    pub body: B,
    /// What is needed to read the answer.
    pub sent: Sent,
    /// The lanes of the message, one for each id of its thread. Messages that share a lane are posted one after
    /// another, in order. Each of them contains the whole thread, so an older one must not arrive after a newer one.
    pub lanes: Vec<String>,
    pub(super) options: PostOptions,
}

/// What must be known about a request to read its answer.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The URL of the request.
    pub url: String,
    /// The message's uuid: its own, or the one that the client gave it.
    pub uuid: String,
    /// The tokens that are in the body, or could be in it. No error may show them.
    pub(super) secrets: Vec<Secret>,
}

/// All headers of a request. The first is left out for a form, and the last if the stored message is not asked for.
const HEADERS: &[Header] =
    &[("Content-Type", "application/json"), ("Accept", "application/json"), ("X-flowdock-wait-for-message", "true")];

/// The name and the value of a header.
type Header = (&'static str, &'static str);

impl PostOptions {
    pub(crate) fn headers(self) -> &'static [Header] {
        match (HEADERS, self.wait_for_message) {
            ([plain @ .., _], false) => plain,
            _ => HEADERS,
        }
    }

    /// Returns the headers of a form, without the `Content-Type`: the program that writes the form sets it, because it
    /// contains the boundary.
    pub(crate) fn form_headers(self) -> &'static [Header] {
        self.headers().get(1..).unwrap_or_default()
    }
}

impl Request {
    /// Returns the headers to send.
    #[must_use]
    pub fn headers(&self) -> &'static [Header] {
        self.options.headers()
    }
}

impl Request<Fields> {
    /// Returns the headers to send, without the `Content-Type`. The program that writes the form sets it, because it
    /// contains the boundary.
    #[must_use]
    pub fn headers(&self) -> &'static [Header] {
        self.options.form_headers()
    }
}

impl<B> Request<B> {
    /// Reads the answer to the request. Pass an empty body if the body did not arrive completely; then only the status
    /// counts.
    ///
    /// # Errors
    /// When the answer is no success; [`PostError::code`] is the reason. A successful status with a body that is no
    /// JSON object is an error too (`bad_response`), because another program than this API answered. With any other
    /// status, the status decides whatever the body is (seen).
    pub fn read(&self, status: u16, body: &str) -> Result<PostResult, PostError> {
        self.sent.read(status, body)
    }
}

impl Sent {
    /// Returns the tokens themselves, for a caller that stores this value until the answer comes.
    pub(crate) fn tokens(&self) -> Vec<&str> {
        self.secrets.iter().map(Secret::expose).collect()
    }

    /// Makes the value from its stored parts.
    pub(crate) fn restore(url: &str, uuid: &str, secrets: Vec<Secret>) -> Self {
        Self { url: url.to_owned(), uuid: uuid.to_owned(), secrets }
    }

    /// Reads the answer to the request, as [`Request::read`] does.
    ///
    /// # Errors
    /// When the answer is no success; [`PostError::code`] is the reason.
    pub fn read(&self, status: u16, body: &str) -> Result<PostResult, PostError> {
        with_body(body, |body| self.read_value(status, body))
    }

    /// Reads an answer whose body was read before. The body is a string if it is no JSON object or array, and null if
    /// it did not arrive completely.
    pub(crate) fn read_value(&self, status: u16, body: Value<'_>) -> Result<PostResult, PostError> {
        match PostKind::read(status, body) {
            Some(kind) => Ok(PostResult { kind, uuid: self.uuid.clone(), attempts: 1, maybe_duplicate: false }),
            None => Err(self.refused(status, body)),
        }
    }

    /// Returns the error for an answer whose status is no success.
    pub(crate) fn refused(&self, status: u16, body: Value<'_>) -> PostError {
        PostError::new(self.asked().refused(status, body, ""))
    }

    /// Returns the error for a request without an answer.
    #[must_use]
    pub fn failed(&self, attempt: Attempt<'_>) -> PostError {
        let failed = PostError::new(self.asked().unanswered(attempt));
        match attempt {
            Attempt::Aborted { in_flight } => PostError { maybe_duplicate: in_flight, ..failed },
            _ => match attempt.not_sent() {
                Some(may_pass) => PostError { maybe_duplicate: false, retryable: may_pass, ..failed },
                None => failed,
            },
        }
    }

    fn asked(&self) -> Asked<'_> {
        Asked { url: &self.url, what: "this flow token", secrets: &self.secrets }
    }
}

impl<B> std::fmt::Debug for Request<B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request").field("sent", &self.sent).finish_non_exhaustive()
    }
}
