//! The request that posts one message.

use super::answer::{self, PostError, PostResult};
use super::secret::Secret;
use crate::error::ErrorCode;
use crate::validate::Value;

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
#[derive(Clone)]
pub struct Request {
    /// Where it goes.
    pub url: String,
    /// The JSON body, flow token and uuid included.
    pub body: String,
    /// The message's uuid: its own, or the one it was given.
    pub uuid: String,
    pub(super) options: PostOptions,
    /// The tokens that are in the body, or could be.
    pub(super) secrets: Vec<Secret>,
}

impl Request {
    /// The headers to send.
    #[must_use]
    pub fn headers(&self) -> &'static [(&'static str, &'static str)] {
        const HEADERS: &[(&str, &str)] = &[
            ("Content-Type", "application/json"),
            ("Accept", "application/json"),
            ("X-flowdock-wait-for-message", "true"),
        ];
        match (HEADERS, self.options.wait_for_message) {
            ([plain @ .., _], false) => plain,
            _ => HEADERS,
        }
    }

    /// What an answer means. A body that is no JSON never breaks the reading of the status (seen).
    ///
    /// # Errors
    /// When the answer is no success; [`PostError::code`] says how.
    pub fn read(&self, status: u16, body: &str) -> Result<PostResult, PostError> {
        self.read_value(status, &serde_json::from_str(body).unwrap_or(serde_json::Value::Null))
    }

    /// The same for a body that was parsed elsewhere.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn read_value<'a>(&self, status: u16, body: impl Value<'a>) -> Result<PostResult, PostError> {
        answer::read(self, status, body)
    }

    /// A text of somebody else's without a token in it.
    pub(super) fn redact(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| secret.redact(&text))
    }

    /// That no answer came.
    #[must_use]
    pub fn failed(&self, code: ErrorCode, message: &str) -> PostError {
        PostError::new(code, None, self.redact(message))
    }
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request").field("url", &self.url).field("uuid", &self.uuid).finish_non_exhaustive()
    }
}
