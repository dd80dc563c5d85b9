//! Answers: JSON, and the one shape that every refusal has.
//!
//! A refusal is `{"message": "…"}`, and where a field is to blame, `"errors": {"field": ["…"]}` beside it.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::store::StoreError;

/// What is wrong, by field: the path joined by dots, `base` for the message as a whole.
#[derive(Debug, Default)]
pub struct FieldErrors(Map<String, Value>);

impl FieldErrors {
    /// One problem of one field.
    pub fn of(field: &str, problem: &str) -> FieldErrors {
        let mut errors = FieldErrors::default();
        errors.add(field, problem);
        errors
    }

    /// Adds a problem; those of one field collect in its list.
    pub fn add(&mut self, field: &str, problem: &str) {
        let problems = self.0.entry(field).or_insert_with(|| json!([]));
        if let Value::Array(problems) = problems {
            problems.push(problem.into());
        }
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A request that was not carried out, and why.
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

    /// 400, the request as a whole cannot be read.
    pub fn unreadable(message: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::BAD_REQUEST, message)
    }

    /// 400, with the fields that are to blame.
    pub fn invalid(errors: FieldErrors) -> Refusal {
        Refusal { errors, ..Refusal::new(StatusCode::BAD_REQUEST, "Validation error") }
    }

    /// 401 for a post. It carries no challenge: a flow token is no user name and password, and a browser would ask
    /// its user for those.
    pub fn flow_token_missing() -> Refusal {
        Refusal::new(StatusCode::UNAUTHORIZED, "No flow_token was given")
    }

    /// 401 for whoever names no token, or one that is no API token.
    pub fn api_token_refused() -> Refusal {
        Refusal::new(StatusCode::UNAUTHORIZED, "The API token is missing or unknown")
            .challenged("Basic realm=\"Flowdock inbox\"")
    }

    /// 401 for a bearer token that opens nothing (RFC 6750). `why` goes on after "The access token".
    pub fn access_token_refused(why: &str) -> Refusal {
        Refusal::new(StatusCode::UNAUTHORIZED, format!("The access token {why}"))
            .challenged("Bearer realm=\"Flowdock inbox\", error=\"invalid_token\"")
    }

    /// 403: the application was not allowed this.
    pub fn scope_missing(scope: &str) -> Refusal {
        Refusal::new(StatusCode::FORBIDDEN, format!("The access token lacks the scope `{scope}`"))
            .challenged(format!("Bearer realm=\"Flowdock inbox\", error=\"insufficient_scope\", scope=\"{scope}\""))
    }

    /// 403, whatever the scopes.
    pub fn forbidden(message: &str) -> Refusal {
        Refusal::new(StatusCode::FORBIDDEN, message)
    }

    fn challenged(self, challenge: impl Into<Box<str>>) -> Refusal {
        Refusal { challenge: Some(challenge.into()), ..self }
    }

    /// 404. `what` is the kind of thing that was not found.
    pub fn not_found(what: &str) -> Refusal {
        Refusal::new(StatusCode::NOT_FOUND, format!("{what} not found"))
    }

    /// 410: the user removed the source, nothing posted with its token will ever be taken again.
    pub fn source_removed() -> Refusal {
        Refusal::new(StatusCode::GONE, "This source was removed")
    }

    /// 413. `what` is larger than so many bytes.
    pub fn too_large(what: &str, limit: usize) -> Refusal {
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, format!("{what} is larger than {limit} bytes"))
    }
}

impl Refusal {
    /// What it says.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl From<StoreError> for Refusal {
    /// 500. The cause goes to stderr, for whoever runs the inbox; it names tables and files, never a token.
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

/// An answer whose body is JSON already.
pub fn json_text(status: StatusCode, text: String) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response
}

/// An answer with a JSON value.
pub fn json_value(status: StatusCode, value: Value) -> Response {
    json_text(status, value.to_string())
}

/// The answer at a path that does not exist.
pub async fn unknown_path() -> Refusal {
    Refusal::not_found("Path")
}

/// The answer at a path that exists, to a method that it does not know.
pub async fn unknown_method() -> Refusal {
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed")
}
