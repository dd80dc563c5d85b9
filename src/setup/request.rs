//! A request that sets up a source, and its answer.

use std::fmt;
use std::marker::PhantomData;

use crate::error::ErrorCode;
use crate::http::{Asked, Attempt, Failure, Secret, with_body};
use crate::json::{Node, Value};
use crate::text::concat;

/// A request that must not follow redirects. It contains tokens, so its `Debug` shows only its method and its URL.
pub struct ApiRequest<T> {
    /// The HTTP method: `GET`, `POST`, `PUT` or `DELETE`.
    pub method: &'static str,
    /// The URL of the request.
    pub url: String,
    /// The body. An empty text means that there is none.
    pub body: String,
    pub(super) content_type: &'static str,
    /// The tokens and secrets that no error may show.
    pub(super) secrets: Vec<Secret>,
    /// The access token for the header `Authorization`.
    pub(crate) access_token: Option<Secret>,
    /// The type of the answer.
    pub(super) answer: PhantomData<fn() -> T>,
}

impl Default for ApiRequest<()> {
    /// Makes an empty request, which is never sent.
    fn default() -> Self {
        let (url, body, secrets) = (String::new(), String::new(), Vec::new());
        Self { method: "GET", url, body, content_type: "", secrets, access_token: None, answer: PhantomData }
    }
}

/// A type that an answer is read as.
pub trait Answer: Sized {
    /// Reads the body of a successful answer. Returns `None` if it is not what was asked for.
    fn read(body: &str) -> Option<Self>;
}

impl Answer for () {
    fn read(_: &str) -> Option<Self> {
        Some(())
    }
}

impl<T> ApiRequest<T> {
    /// Returns the headers to send.
    #[must_use]
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = vec![("Accept", "application/json".to_owned())];
        if !self.body.is_empty() {
            headers.push(("Content-Type", self.content_type.to_owned()));
        }
        if let Some(token) = &self.access_token {
            headers.push(("Authorization", concat(&["Bearer ", token.expose()])));
        }
        headers
    }

    /// Reads the answer to the request.
    ///
    /// # Errors
    /// When the answer is no success, or is not what was asked for; [`SetupError::code`] is the reason.
    pub fn read(&self, status: u16, body: &str) -> Result<T, SetupError>
    where
        T: Answer,
    {
        with_body(body, |body| check(self.asked(), self.method, status, body))?;
        T::read(body).ok_or_else(|| unreadable(Some(status)))
    }

    /// Returns the error for a request without an answer.
    #[must_use]
    pub fn failed(&self, attempt: Attempt<'_>) -> SetupError {
        SetupError::unanswered(self.asked(), self.method, attempt)
    }

    fn asked(&self) -> Asked<'_> {
        asked(&self.url, &self.secrets)
    }

    /// Returns the request with another type of answer.
    pub(super) fn answered_by<U>(self) -> ApiRequest<U> {
        let Self { method, url, body, content_type, secrets, access_token, answer: _ } = self;
        ApiRequest { method, url, body, content_type, secrets, access_token, answer: PhantomData }
    }

    /// Returns the tokens themselves, for a caller that stores them until the answer comes.
    pub(crate) fn tokens(&self) -> Vec<&str> {
        self.secrets.iter().map(Secret::expose).collect()
    }
}

/// Returns what the error of a failed request needs to know about the request.
pub(crate) fn asked<'a>(url: &'a str, secrets: &'a [Secret]) -> Asked<'a> {
    Asked { url, what: "what it names", secrets }
}

/// Checks whether an answer is a success.
pub(crate) fn check(asked: Asked<'_>, method: &str, status: u16, body: Value<'_>) -> Result<(), SetupError> {
    if let 200..=299 = status {
        return Ok(());
    }
    // The token endpoint may answer with a form, even when it refuses (docs).
    let part = |name: &str| match body.node() {
        Node::String(form) => super::form::value(form, name),
        _ => body.part(name).and_then(Value::text).map(str::to_owned),
    };
    let error = part("error").unwrap_or_default();
    let said = part("error_description").unwrap_or_else(|| error.clone());
    let mut failure = asked.refused(status, body, &said);
    // The error codes of RFC 6749 and RFC 6750 say more than the status.
    if let Some(code) = of_oauth(&error) {
        failure.code = code;
    }
    Err(SetupError::of(failure, method))
}

/// Returns the code for an error of OAuth 2.0.
pub(super) fn of_oauth(error: &str) -> Option<ErrorCode> {
    Some(match error {
        "invalid_grant" => ErrorCode::InvalidGrant,
        "invalid_client" | "unauthorized_client" => ErrorCode::Unauthorized,
        "access_denied" => ErrorCode::AccessDenied,
        "invalid_scope" | "insufficient_scope" => ErrorCode::ScopeMissing,
        "server_error" | "temporarily_unavailable" => ErrorCode::Server,
        _ => return None,
    })
}

/// Returns the error for an answer that is not what was asked for.
pub(crate) fn unreadable(status: Option<u16>) -> SetupError {
    let message = "the answer is not what was asked for".to_owned();
    SetupError::new(Failure { status, ..Failure::new(ErrorCode::BadResponse, message) })
}

impl<T> fmt::Debug for ApiRequest<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiRequest").field("method", &self.method).field("url", &self.url).finish_non_exhaustive()
    }
}

/// The error of a request that did not succeed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupError {
    /// The reason as a code.
    pub code: ErrorCode,
    /// The status of the answer, if one came.
    pub status: Option<u16>,
    /// Whether the same request may succeed later.
    pub retryable: bool,
    /// What the server says about each field, in the order of the answer (docs): `name: ["can't be blank"]`.
    pub field_errors: Vec<(String, Vec<String>)>,
    message: String,
}

impl SetupError {
    /// Makes the error of a failed request. After a POST the server may have made the source although no answer came.
    /// So a POST may be retried only if the status says that the server did not process it.
    fn of(failure: Failure, method: &str) -> Self {
        let mut error = Self::new(failure);
        error.retryable &= method != "POST" || matches!(error.status, Some(429 | 503));
        error
    }

    pub(super) fn new(failure: Failure) -> Self {
        let retryable = failure.is_retryable();
        let Failure { code, status, field_errors, message, .. } = failure;
        Self { code, status, retryable, field_errors, message }
    }

    /// Returns the error for a request without an answer.
    pub(crate) fn unanswered(asked: Asked<'_>, method: &str, attempt: Attempt<'_>) -> Self {
        Self::of(asked.unanswered(attempt), method)
    }

    /// Returns the whole error as a sentence.
    pub(crate) fn sentence(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for SetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

impl std::error::Error for SetupError {}
