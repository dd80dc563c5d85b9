//! Builds answers: JSON bodies, and the one shape that every refusal has.
//!
//! A refusal is `{"message": "…"}`. If fields are wrong, it also has `"errors": {"field": ["…"]}`.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::store::StoreError;

/// The problems of a request, by field. A field's name is its path joined by dots; `base` stands for the message as a
/// whole.
#[derive(Debug, Default)]
pub struct FieldErrors(Map<String, Value>);

impl FieldErrors {
    /// A list with one problem of one field.
    pub fn of(field: &str, problem: &str) -> FieldErrors {
        let mut errors = FieldErrors::default();
        errors.add(field, problem);
        errors
    }

    /// Adds a problem to the list of its field.
    pub fn add(&mut self, field: &str, problem: &str) {
        let problems = self.0.entry(field).or_insert_with(|| json!([]));
        if let Value::Array(problems) = problems {
            problems.push(problem.into());
        }
    }

    /// Whether there are no problems.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The answer to a request that was refused, with its reason.
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    message: String,
    errors: FieldErrors,
    challenge: Option<Box<str>>,
}

impl Refusal {
    fn new(status: StatusCode, message: impl Into<String>) -> Refusal {
        Refusal { status, message: message.into(), errors: FieldErrors::default(), challenge: None }
    }

    /// 400: the request as a whole cannot be read.
    pub fn unreadable(message: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::BAD_REQUEST, message)
    }

    /// 400, with the problems by field.
    pub fn invalid(errors: FieldErrors) -> Refusal {
        Refusal { errors, ..Refusal::new(StatusCode::BAD_REQUEST, "Validation error") }
    }

    /// 401 for a post without a flow token. The answer has no `WWW-Authenticate` header: it would make a browser ask
    /// its user for a name and a password, and a flow token is neither.
    pub fn flow_token_missing() -> Refusal {
        Refusal::new(StatusCode::UNAUTHORIZED, "No flow_token was given")
    }

    /// 401 for a request without a token, or with a token that is no API token.
    pub fn api_token_refused() -> Refusal {
        Refusal::new(StatusCode::UNAUTHORIZED, "The API token is missing or unknown")
            .challenged("Basic realm=\"Flowdock inbox\"")
    }

    /// 401 for an invalid bearer token (RFC 6750). `why` continues the sentence that begins with "The access token".
    pub fn access_token_refused(why: &str) -> Refusal {
        Refusal::new(StatusCode::UNAUTHORIZED, format!("The access token {why}"))
            .challenged("Bearer realm=\"Flowdock inbox\", error=\"invalid_token\"")
    }

    /// 403: the access token lacks this scope.
    pub fn scope_missing(scope: &str) -> Refusal {
        Refusal::new(StatusCode::FORBIDDEN, format!("The access token lacks the scope `{scope}`"))
            .challenged(format!("Bearer realm=\"Flowdock inbox\", error=\"insufficient_scope\", scope=\"{scope}\""))
    }

    /// 403 for a reason that no scope would change.
    pub fn forbidden(message: &str) -> Refusal {
        Refusal::new(StatusCode::FORBIDDEN, message)
    }

    fn challenged(self, challenge: impl Into<Box<str>>) -> Refusal {
        Refusal { challenge: Some(challenge.into()), ..self }
    }

    /// 404. `what` names the kind of the item that was not found, such as `Flow`.
    pub fn not_found(what: &str) -> Refusal {
        Refusal::new(StatusCode::NOT_FOUND, format!("{what} not found"))
    }

    /// 410: a user removed the source. No message with its flow token will be accepted again.
    pub fn source_removed() -> Refusal {
        Refusal::new(StatusCode::GONE, "This source was removed")
    }

    /// 413: `what` is larger than `limit` bytes.
    pub fn too_large(what: &str, limit: usize) -> Refusal {
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, format!("{what} is larger than {limit} bytes"))
    }
}

impl Refusal {
    /// The text that explains the refusal.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl From<StoreError> for Refusal {
    /// 500. The cause is printed on stderr for the person who runs the inbox. It names tables and files, never a token.
    fn from(error: StoreError) -> Refusal {
        eprintln!("flowdock-inbox: {error}");
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "The inbox could not reach its database")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut body = json!({ "message": self.message });
        if !self.errors.is_empty() {
            body["errors"] = Value::Object(self.errors.0);
        }
        let mut response = json_text(self.status, body.to_string());
        if let Some(challenge) = self.challenge.and_then(|challenge| HeaderValue::from_str(&challenge).ok()) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// An answer whose body is JSON text.
pub fn json_text(status: StatusCode, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response
}

/// An answer whose body is a JSON value.
pub fn json_value(status: StatusCode, value: Value) -> Response {
    json_text(status, value.to_string())
}

/// The answer to a request for an unknown path.
pub async fn unknown_path() -> Refusal {
    Refusal::not_found("Path")
}

/// The answer to a request for a known path with a method that the path does not support.
pub async fn unknown_method() -> Refusal {
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed")
}
