//! A request that sets something up, and its answer.

use std::fmt;
use std::marker::PhantomData;

use crate::error::ErrorCode;
use crate::http::{Asked, Attempt, Failure, Secret, with_body};
use crate::json::{Node, Value};
use crate::text::concat;

/// A request, to be sent without following redirects. It holds tokens, so its `Debug` shows only where it goes.
pub struct ApiRequest<T> {
    /// `GET`, `POST`, `PUT` or `DELETE`.
    pub method: &'static str,
    /// Where it goes.
    pub url: String,
    /// The body; none where it is empty.
    pub body: String,
    pub(super) content_type: &'static str,
    /// What no sentence may show.
    pub(super) secrets: Vec<Secret>,
    /// The one of them that goes into a header.
    pub(crate) access_token: Option<Secret>,
    /// What the answer is read as.
    pub(super) answer: PhantomData<fn() -> T>,
}

impl Default for ApiRequest<()> {
    /// A request of nothing to nowhere.
    fn default() -> Self {
        let (url, body, secrets) = (String::new(), String::new(), Vec::new());
        Self { method: "GET", url, body, content_type: "", secrets, access_token: None, answer: PhantomData }
    }
}

/// What an answer can be read as.
pub trait Answer: Sized {
    /// Reads the body of a success; none where it is not what was asked for.
    fn read(body: &str) -> Option<Self>;
}

impl Answer for () {
    fn read(_: &str) -> Option<Self> {
        Some(())
    }
}

impl<T> ApiRequest<T> {
    /// The headers to send.
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

    /// What an answer means.
    ///
    /// # Errors
    /// When the answer is no success, or not what was asked for; [`SetupError::code`] says how.
    pub fn read(&self, status: u16, body: &str) -> Result<T, SetupError>
    where
        T: Answer,
    {
        with_body(body, |body| check(self.asked(), self.method, status, body))?;
        T::read(body).ok_or_else(|| unreadable(Some(status)))
    }

    /// That no answer came.
    #[must_use]
    pub fn failed(&self, attempt: Attempt<'_>) -> SetupError {
        SetupError::unanswered(self.asked(), self.method, attempt)
    }

    fn asked(&self) -> Asked<'_> {
        asked(&self.url, &self.secrets)
    }

    /// The same request, whose answer is read as something else.
    pub(super) fn answered_by<U>(self) -> ApiRequest<U> {
        let Self { method, url, body, content_type, secrets, access_token, answer: _ } = self;
        ApiRequest { method, url, body, content_type, secrets, access_token, answer: PhantomData }
    }

    /// The tokens themselves, for those who keep them elsewhere between the request and its answer.
    pub(crate) fn tokens(&self) -> Vec<&str> {
        self.secrets.iter().map(Secret::expose).collect()
    }
}

/// What was asked by a request that sets something up.
pub(crate) fn asked<'a>(url: &'a str, secrets: &'a [Secret]) -> Asked<'a> {
    Asked { url, what: "what it names", secrets }
}

/// Whether an answer is a success.
pub(crate) fn check(asked: Asked<'_>, method: &str, status: u16, body: Value<'_>) -> Result<(), SetupError> {
    if let 200..=299 = status {
        return Ok(());
    }
    // The token endpoint may answer with a form (docs), its refusals included.
    let part = |name: &str| match body.node() {
        Node::String(form) => super::form::value(form, name),
        _ => body.part(name).and_then(Value::text).map(str::to_owned),
    };
    let error = part("error").unwrap_or_default();
    let said = part("error_description").unwrap_or_else(|| error.clone());
    let mut failure = asked.refused(status, body, &said);
    // The codes of RFC 6749 and RFC 6750 say more than the status.
    if let Some(code) = of_oauth(&error) {
        failure.code = code;
    }
    Err(SetupError::of(failure, method))
}

/// What an error of OAuth 2.0 is called here.
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

/// That an answer is not what was asked for.
pub(crate) fn unreadable(status: Option<u16>) -> SetupError {
    let message = "the answer is not what was asked for".to_owned();
    SetupError::new(Failure { status, ..Failure::new(ErrorCode::BadResponse, message) })
}

impl<T> fmt::Debug for ApiRequest<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiRequest").field("method", &self.method).field("url", &self.url).finish_non_exhaustive()
    }
}

/// Something could not be set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupError {
    /// How.
    pub code: ErrorCode,
    /// The status of the answer, if one came.
    pub status: Option<u16>,
    /// Whether the same request may succeed later.
    pub retryable: bool,
    /// What the server says of each field, in its order (docs): `name: ["can't be blank"]`.
    pub field_errors: Vec<(String, Vec<String>)>,
    message: String,
}

impl SetupError {
    /// What is made by POST may be there although no answer came: only where the server says so, it may be asked again.
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

    /// That no answer came.
    pub(crate) fn unanswered(asked: Asked<'_>, method: &str, attempt: Attempt<'_>) -> Self {
        Self::of(asked.unanswered(attempt), method)
    }

    /// All of it in a sentence.
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
