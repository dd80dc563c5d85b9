//! The request that posts one message.

use super::answer::{PostError, PostKind, PostResult};
use crate::encode::Fields;
use crate::http::{Asked, Attempt, Secret, with_body};
use crate::json::Value;

/// How one message is posted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PostOptions {
    pub(super) wait_for_message: bool,
}

impl PostOptions {
    /// Asks the server to answer with the stored message (docs). In a page the header for this fails the documented CORS
    /// preflight.
    #[must_use]
    pub const fn wait_for_message(self) -> Self {
        Self { wait_for_message: true }
    }
}

/// A request that posts one message: `POST`, to be sent without following redirects. It holds the flow token in its body,
/// so its `Debug` leaves the body out.
///
/// Its body is JSON, or the [`Fields`] of a form.
#[derive(Clone)]
pub struct Request<B = String> {
    /// The body, flow token and uuid included.
    pub body: B,
    /// Where it goes, and by what it is known again.
    pub sent: Sent,
    /// The lanes that it belongs to, one for each name of its thread. Messages that share a lane are posted one after
    /// another, in order: each holds its thread's full state, and an older one must not arrive after a newer.
    pub lanes: Vec<String>,
    pub(super) options: PostOptions,
}

/// What has to be known of a request to read its answer.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Where it went.
    pub url: String,
    /// The message's uuid: its own, or the one it was given.
    pub uuid: String,
    /// The tokens that are in the body, or could be.
    pub(super) secrets: Vec<Secret>,
}

/// The headers of a request: its type, what is wanted, and that the stored message is.
const HEADERS: &[Header] =
    &[("Content-Type", "application/json"), ("Accept", "application/json"), ("X-flowdock-wait-for-message", "true")];

/// The name of a header, and its value.
type Header = (&'static str, &'static str);

impl PostOptions {
    pub(crate) fn headers(self) -> &'static [Header] {
        match (HEADERS, self.wait_for_message) {
            ([plain @ .., _], false) => plain,
            _ => HEADERS,
        }
    }

    /// Those of a form: its type is for whoever writes it to say, since it names the boundary.
    pub(crate) fn form_headers(self) -> &'static [Header] {
        self.headers().get(1..).unwrap_or_default()
    }
}

impl Request {
    /// The headers to send.
    #[must_use]
    pub fn headers(&self) -> &'static [Header] {
        self.options.headers()
    }
}

impl Request<Fields> {
    /// The headers to send beside the `Content-Type`, which is for the writer of the form to say: it names the boundary.
    #[must_use]
    pub fn headers(&self) -> &'static [Header] {
        self.options.form_headers()
    }
}

impl<B> Request<B> {
    /// What an answer means. For a body that did not come whole give an empty one: then the status counts.
    ///
    /// # Errors
    /// When the answer is no success; [`PostError::code`] says how. A status of success with a body that is no JSON object is
    /// none (`bad_response`): whoever answered is not this API. With another status, such a body never hides it (seen).
    pub fn read(&self, status: u16, body: &str) -> Result<PostResult, PostError> {
        self.sent.read(status, body)
    }
}

impl Sent {
    /// The tokens themselves, for those who keep it elsewhere between the request and its answer.
    pub(crate) fn tokens(&self) -> Vec<&str> {
        self.secrets.iter().map(Secret::expose).collect()
    }

    /// From where it was kept.
    pub(crate) fn restore(url: &str, uuid: &str, secrets: Vec<Secret>) -> Self {
        Self { url: url.to_owned(), uuid: uuid.to_owned(), secrets }
    }

    /// What an answer means, as [`Request::read`] says.
    ///
    /// # Errors
    /// As [`Request::read`].
    pub fn read(&self, status: u16, body: &str) -> Result<PostResult, PostError> {
        with_body(body, |body| self.read_value(status, body))
    }

    /// What an answer means whose body was read already: a text where that is no JSON object or array, null where it did not come whole.
    pub(crate) fn read_value(&self, status: u16, body: Value<'_>) -> Result<PostResult, PostError> {
        match PostKind::read(status, body) {
            Some(kind) => Ok(PostResult { kind, uuid: self.uuid.clone(), attempts: 1, maybe_duplicate: false }),
            None => Err(self.refused(status, body)),
        }
    }

    /// What a status that is no success means.
    pub(crate) fn refused(&self, status: u16, body: Value<'_>) -> PostError {
        PostError::new(self.asked().refused(status, body, ""))
    }

    /// That no answer came.
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
