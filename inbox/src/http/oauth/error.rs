//! Why a request for tokens, or for their revocation, was refused.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use crate::http::answer::Refusal;
use crate::store::StoreError;

/// Why a request for tokens was refused (RFC 6749, 5.2).
#[derive(Debug)]
pub struct TokenError {
    status: StatusCode,
    code: &'static str,
    description: String,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl TokenError {
    /// 400 with this code.
    pub fn bad(code: &'static str, description: impl Into<String>) -> TokenError {
        TokenError { status: StatusCode::BAD_REQUEST, code, description: description.into(), headers: Vec::new() }
    }

    /// A part of the request is missing or cannot be read.
    pub fn invalid_request(description: impl Into<String>) -> TokenError {
        TokenError::bad("invalid_request", description)
    }

    /// The client is unknown, or its secret is wrong. `challenge` is true if the client tried HTTP Basic.
    pub fn invalid_client(challenge: bool) -> TokenError {
        let basic = HeaderValue::from_static("Basic realm=\"Flowdock inbox\"");
        TokenError {
            status: StatusCode::UNAUTHORIZED,
            headers: challenge.then_some((header::WWW_AUTHENTICATE, basic)).into_iter().collect(),
            ..TokenError::bad("invalid_client", "client_id and client_secret are missing or wrong")
        }
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers that the status needs.
    pub fn headers(&self) -> Vec<(HeaderName, HeaderValue)> {
        self.headers.clone()
    }

    /// The body of the answer.
    pub fn json(&self) -> Value {
        json!({ "error": self.code, "error_description": self.description })
    }
}

impl From<Refusal> for TokenError {
    fn from(refusal: Refusal) -> TokenError {
        let status = refusal.status();
        let code = match status {
            _ if status.is_server_error() => "server_error",
            StatusCode::TOO_MANY_REQUESTS => "temporarily_unavailable",
            _ => "invalid_request",
        };
        let headers = refusal.headers().collect();
        // A request that cannot be read is a 400 here, whatever is wrong with it (RFC 6749, 5.2).
        let is_own = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
        let status = if is_own { status } else { StatusCode::BAD_REQUEST };
        TokenError { status, headers, ..TokenError::bad(code, refusal.message()) }
    }
}

impl From<StoreError> for TokenError {
    fn from(error: StoreError) -> TokenError {
        Refusal::from(error).into()
    }
}
