//! Receives messages.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use serde_json::Value;

use crate::answer::{FieldErrors, Refusal, json_text};
use crate::params::Params;
use crate::server::App;
use crate::store::messages::{self, PostError};
use crate::{auth, form, rules};

/// If a request has this header, with any value, the answer contains the stored message.
const WAIT_HEADER: &str = "x-flowdock-wait-for-message";

/// `POST /messages`: only the flow token identifies the flow.
pub async fn by_token(state: State<App>, uri: Uri, headers: HeaderMap, body: Body) -> Result<Response, Refusal> {
    take(state.0, None, &uri, &headers, body).await
}

/// `POST /flows/:organization/:flow/messages`: the path and the flow token must name the same flow.
pub async fn to_flow(
    state: State<App>,
    path: Result<Path<(String, String)>, PathRejection>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let Path(names) = path.map_err(|_| Refusal::not_found("Flow"))?;
    take(state.0, Some(names), &uri, &headers, body).await
}

async fn take(
    app: App,
    path: Option<(String, String)>,
    uri: &Uri,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let (body, files) = match form::boundary(headers) {
        Some(boundary) => form::read(boundary?, body).await?,
        None => (form::json_or_fields(headers, body).await?, Vec::new()),
    };
    let not_an_object = || Refusal::unreadable("The body is not a JSON object");
    let message = body.as_object().ok_or_else(not_an_object)?;
    let params = Params::of(uri)?;
    let in_message = message.get("flow_token").and_then(Value::as_str);
    let source = auth::source(&app, in_message.or(params.get("flow_token")), path).await?;
    let mut errors = rules::check(&body);
    if !files.is_empty() && message.get("event").is_some_and(|event| event == "message") {
        errors.add("attachments", "are for an activity or a discussion");
    }
    if !errors.is_empty() {
        return Err(Refusal::invalid(errors));
    }
    let Value::Object(message) = body else { return Err(not_an_object()) };
    let stored = app.store.call(move |database| messages::add(database, &source, message, files)).await?;
    Ok(if headers.contains_key(WAIT_HEADER) {
        json_text(StatusCode::OK, stored)
    } else {
        json_text(StatusCode::ACCEPTED, "{}".to_owned())
    })
}

impl From<PostError> for Refusal {
    fn from(error: PostError) -> Refusal {
        match error {
            PostError::ThreadNotFound => Refusal::invalid(FieldErrors::of("thread_id", "not found")),
            PostError::ThreadMissing => Refusal::invalid(FieldErrors::of("thread", "can't be blank")),
            PostError::Store(error) => error.into(),
        }
    }
}
