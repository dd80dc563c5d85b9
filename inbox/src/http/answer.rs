//! Builds answers: JSON bodies, and the one shape that every refusal has.
//!
//! A refusal is `{"message": "…"}`. If fields are wrong, it also has `"errors": {"field": ["…"]}`.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::domain::FieldErrors;
use crate::domain::flow::{self, MAX_FLOWS};
use crate::domain::posting::Refused;
use crate::store::{FlowError, PostError, StoreError};

/// The answer to a request that was refused, with its reason.
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    message: String,
    /// Boxed, because most refusals have none.
    errors: Option<Box<FieldErrors>>,
    challenge: Option<Box<str>>,
    /// After how many seconds the client may try again.
    retry_after: Option<u64>,
}

impl Refusal {
    fn new(status: StatusCode, message: impl Into<String>) -> Refusal {
        Refusal { status, message: message.into(), errors: None, challenge: None, retry_after: None }
    }

    /// 400: the request as a whole cannot be read.
    pub fn unreadable(message: impl Into<String>) -> Refusal {
        Refusal::new(StatusCode::BAD_REQUEST, message)
    }

    /// 400, with the problems by field.
    pub fn invalid(errors: FieldErrors) -> Refusal {
        Refusal { errors: Some(errors.into()), ..Refusal::new(StatusCode::BAD_REQUEST, "Validation error") }
    }

    /// 401 for a post without a flow token. The answer has no `WWW-Authenticate` header: it would make a browser ask
    /// its user for a name and a password, and a flow token is neither.
    pub fn flow_token_missing() -> Refusal {
        Refusal::new(StatusCode::UNAUTHORIZED, "No flow_token was given")
    }

    /// 401 for a form whose files, or more than `limit` bytes of other fields, come before its flow token.
    pub fn flow_token_late(limit: usize) -> Refusal {
        Refusal::new(
            StatusCode::UNAUTHORIZED,
            format!("flow_token must come before the files of a form and in its first {limit} bytes, or in the query"),
        )
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

    /// 403: the access token lacks each of these scopes, any of which would do.
    pub fn scope_missing(scopes: &[&str]) -> Refusal {
        let named = scopes.iter().map(|scope| format!("`{scope}`")).collect::<Vec<_>>().join(" or ");
        Refusal::new(StatusCode::FORBIDDEN, format!("The access token lacks the scope {named}")).challenged(format!(
            "Bearer realm=\"Flowdock inbox\", error=\"insufficient_scope\", scope=\"{}\"",
            scopes.join(" ")
        ))
    }

    /// 403 for a reason that no scope would change.
    pub fn forbidden(message: &str) -> Refusal {
        Refusal::new(StatusCode::FORBIDDEN, message)
    }

    /// 403 for a request that only the owner may make.
    pub fn owner_only() -> Refusal {
        Refusal::forbidden("Only the owner may do this, with the API token or on the inbox's page")
    }

    fn challenged(self, challenge: impl Into<Box<str>>) -> Refusal {
        Refusal { challenge: Some(challenge.into()), ..self }
    }

    fn after(self, seconds: u64) -> Refusal {
        Refusal { retry_after: Some(seconds), ..self }
    }

    /// 404. `what` names the kind of the item that was not found, such as `Flow`.
    pub fn not_found(what: &str) -> Refusal {
        Refusal::new(StatusCode::NOT_FOUND, format!("{what} not found"))
    }

    /// 408: the body came too slowly.
    pub fn too_slow() -> Refusal {
        Refusal::new(StatusCode::REQUEST_TIMEOUT, "The body came too slowly")
    }

    /// 409: the state of the item does not allow the request.
    pub fn conflict(message: &str) -> Refusal {
        Refusal::new(StatusCode::CONFLICT, message)
    }

    /// 410: a user removed the source. No message with its flow token will be accepted again.
    pub fn source_removed() -> Refusal {
        Refusal::new(StatusCode::GONE, "This source was removed")
    }

    /// 413: `what` is larger than `limit` bytes.
    pub fn too_large(what: &str, limit: usize) -> Refusal {
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, format!("{what} is larger than {limit} bytes"))
    }

    /// 415: the body has none of these media types.
    pub fn unsupported(media_types: &[&str]) -> Refusal {
        let named = media_types.join(" or ");
        Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, format!("The Content-Type must be {named}"))
    }

    /// 421: the request names a host that is not this inbox.
    pub fn misdirected(host: &str) -> Refusal {
        let shown: String = host.chars().take(100).collect();
        let message = format!("This inbox does not answer for the host `{shown}`; --allow-host would make it do so");
        Refusal::new(StatusCode::MISDIRECTED_REQUEST, message)
    }

    /// 429: too many wrong tokens came from the client's network.
    pub fn too_many_wrong_tokens(seconds: u64) -> Refusal {
        Refusal::new(StatusCode::TOO_MANY_REQUESTS, "Too many wrong tokens came from this address").after(seconds)
    }

    /// 503: the inbox holds as much of unfinished requests as it may.
    pub fn busy() -> Refusal {
        Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "The inbox is busy").after(1)
    }
}

impl Refusal {
    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The text that explains the refusal.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The headers that the status needs.
    pub fn headers(&self) -> impl Iterator<Item = (header::HeaderName, HeaderValue)> {
        let challenge = self.challenge.as_ref().and_then(|challenge| HeaderValue::from_str(challenge).ok());
        let retry_after = self.retry_after.map(HeaderValue::from);
        let challenge = challenge.map(|value| (header::WWW_AUTHENTICATE, value));
        challenge.into_iter().chain(retry_after.map(|value| (header::RETRY_AFTER, value)))
    }
}

impl From<StoreError> for Refusal {
    /// 400 for the lookup of a text that PostgreSQL cannot have, 503 for a query that took too long or a database that is unreachable,
    /// 507 if the disk is full, and 500 otherwise. The log has the cause for the person who runs the inbox. It names tables and files,
    /// never a token.
    fn from(error: StoreError) -> Refusal {
        if error.is_nul() {
            return Refusal::unreadable("The request contains U+0000, which nothing here contains");
        }
        tracing::error!("{error}");
        match error {
            _ if error.is_query_timeout() => {
                Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "The query took too long; ask for less").after(1)
            }
            _ if error.is_disk_full() => {
                Refusal::new(StatusCode::INSUFFICIENT_STORAGE, "The disk of the inbox is full").after(60)
            }
            _ if error.is_temporary() => {
                Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "The database of the inbox is unreachable").after(1)
            }
            _ => Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "The database of the inbox failed"),
        }
    }
}

impl From<PostError> for Refusal {
    fn from(error: PostError) -> Refusal {
        let (field, problem) = match error {
            PostError::Refused(Refused::MessageNotFound) => ("message", "not found"),
            PostError::Refused(Refused::ThreadNotFound) => ("thread_id", "not found"),
            PostError::Refused(Refused::ThreadMissing) => ("thread", "can't be blank"),
            PostError::Refused(Refused::UuidReused) => ("uuid", "was used for another message"),
            PostError::Refused(Refused::ForeignThread) => {
                ("thread", "belongs to another application; leave out `thread` to add a message to it")
            }
            PostError::SourceRemoved => return Refusal::source_removed(),
            PostError::TokenReplaced => return Refusal::not_found("Flow token"),
            PostError::FlowRemoved => return Refusal::not_found("Flow"),
            PostError::Store(error) => return error.into(),
        };
        Refusal::invalid(FieldErrors::of(field, problem))
    }
}

impl From<FlowError> for Refusal {
    fn from(error: FlowError) -> Refusal {
        match error {
            FlowError::Refused(flow::Refused::NameTaken) => {
                Refusal::invalid(FieldErrors::of("name", "has already been taken"))
            }
            FlowError::Refused(flow::Refused::TooMany) => {
                Refusal::invalid(FieldErrors::of("base", &format!("there are {MAX_FLOWS} flows already")))
            }
            FlowError::Refused(flow::Refused::OnlyFlow) => {
                Refusal::conflict("It is the only flow of this inbox; create another one first")
            }
            FlowError::Store(error) => error.into(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let headers: Vec<_> = self.headers().collect();
        let mut body = json!({ "message": self.message });
        if let Some(errors) = self.errors {
            body["errors"] = errors.into_json();
        }
        let mut response = json_text(self.status, body.to_string());
        response.headers_mut().extend(headers);
        response
    }
}

/// An answer whose body is JSON text.
pub fn json_text(status: StatusCode, text: impl Into<Body>) -> Response {
    let mut response = Response::new(text.into());
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
