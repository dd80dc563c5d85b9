//! Taking messages.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use futures_util::StreamExt;
use serde_json::Value;

use crate::answer::{FieldErrors, Refusal, json_text};
use crate::params::Params;
use crate::server::App;
use crate::store::messages::{self, PostError};
use crate::{auth, rules};

/// A longer body is refused.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// How much of a body that is too long is read and thrown away.
///
/// Most clients look for the answer only when they have sent everything; one whose connection is closed before that
/// sees a broken connection instead of the 413. Beyond this it is their loss.
const MAX_DISCARDED_BYTES: usize = 16 * MAX_BODY_BYTES;

/// With this header, whatever its value, the answer brings the stored message.
const WAIT_HEADER: &str = "x-flowdock-wait-for-message";

/// `POST /messages`: the flow token alone says which flow.
pub async fn by_token(state: State<App>, uri: Uri, headers: HeaderMap, body: Body) -> Result<Response, Refusal> {
    take(state.0, None, &uri, &headers, body).await
}

/// `POST /flows/:organization/:flow/messages`.
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
    let body: Value = serde_json::from_slice(&read(body).await?)
        .map_err(|error| Refusal::unreadable(format!("The body is not JSON: {error}")))?;
    let not_an_object = || Refusal::unreadable("The body is not a JSON object");
    let message = body.as_object().ok_or_else(not_an_object)?;
    let source = auth::source(&app, message, &Params::of(uri)?, path).await?;
    let errors = rules::check(&body);
    if !errors.is_empty() {
        return Err(Refusal::invalid(errors));
    }
    let Value::Object(message) = body else { return Err(not_an_object()) };
    let stored = app.store.call(move |database| messages::add(database, &source, message)).await?;
    Ok(if headers.contains_key(WAIT_HEADER) {
        json_text(StatusCode::OK, stored)
    } else {
        json_text(StatusCode::ACCEPTED, "{}".to_owned())
    })
}

/// The body, up to its limit. axum's own limit would close the connection in the middle of a longer one.
async fn read(body: Body) -> Result<Vec<u8>, Refusal> {
    let mut chunks = body.into_data_stream();
    let (mut kept, mut seen) = (Vec::new(), 0);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Refusal::unreadable("The body broke off"))?;
        seen += chunk.len();
        if seen <= MAX_BODY_BYTES {
            kept.extend_from_slice(&chunk);
        } else if seen > MAX_DISCARDED_BYTES {
            break;
        }
    }
    if seen > MAX_BODY_BYTES { Err(Refusal::too_large(MAX_BODY_BYTES)) } else { Ok(kept) }
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
