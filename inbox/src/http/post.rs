//! Receives messages.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::answer::{Refusal, json_text};
use super::auth::{ClientNetwork, FlowTokens};
use super::body;
use super::form::{self, Form, Plain};
use super::params::Params;
use super::path::FlowNames;
use crate::app::App;
use crate::domain::posting::Post;
use crate::domain::{NewFile, Source, rules};
use crate::metrics::Metrics;

/// If a request has this header, with any value, the answer contains the stored message.
const WAIT_HEADER: &str = "x-flowdock-wait-for-message";

/// The header that tells a client by what posts are recognised that come again.
pub const DEDUPLICATES: HeaderName = HeaderName::from_static("flowdock-deduplicates");

/// `POST /messages`: only the flow token identifies the flow.
pub async fn by_token(
    State(app): State<App>,
    network: ClientNetwork,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    answered(&app.metrics.clone(), take(app, network, None, &uri, &headers, body).await)
}

/// `POST /flows/:organization/:flow/messages`: the path and the flow token must name the same flow.
pub async fn to_flow(
    State(app): State<App>,
    network: ClientNetwork,
    FlowNames(flow): FlowNames,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    answered(&app.metrics.clone(), take(app, network, Some(flow), &uri, &headers, body).await)
}

/// Counts every refusal, and says in it that a post which comes again with the same uuid is stored once.
fn answered(metrics: &Metrics, result: Result<Response, Refusal>) -> Response {
    result.unwrap_or_else(|refusal| {
        metrics.post_not_stored(refusal.status().is_server_error());
        deduplicated(refusal.into_response())
    })
}

fn deduplicated(mut response: Response) -> Response {
    response.headers_mut().insert(DEDUPLICATES, HeaderValue::from_static("uuid"));
    response
}

async fn take(
    app: App,
    ClientNetwork(network): ClientNetwork,
    flow: Option<(String, String)>,
    uri: &Uri,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let params = Params::of(uri)?;
    let tokens = FlowTokens { app: &app, network, flow };
    let in_query = params.get("flow_token");
    let (form, large) = match form::boundary(headers) {
        Some(boundary) => {
            let source = match in_query {
                Some(token) => Some(tokens.source(token).await?),
                None => None,
            };
            (form::read(boundary?, body, &tokens, source).await?, None)
        }
        None => {
            let plain = form::plain(headers, body).await?;
            let (in_message, bytes) = match &plain {
                Plain::Json(_, scan) if !scan.is_object => return Err(not_an_object()),
                Plain::Json(body, scan) => (scan.flow_token.as_deref(), body.len()),
                Plain::Form(message, bytes) => (message.get("flow_token").and_then(Value::as_str), *bytes),
            };
            let token = in_message.or(in_query).ok_or_else(Refusal::flow_token_missing)?;
            let source = tokens.source(token).await?;
            // A large message takes much memory until it is stored, so only a few are built at once.
            let is_large = bytes > body::MAX_BYTES_IN_PLACE;
            let large = if is_large { Arc::clone(&app.large).acquire_owned().await.ok() } else { None };
            let message = match plain {
                Plain::Json(body, _) => body::run_aside(bytes, move || body::parse(&body)).await?,
                Plain::Form(message, _) => message,
            };
            (Form { message, text_bytes: bytes, files: Vec::new(), source }, large)
        }
    };
    let Form { message, text_bytes, files, source } = form;
    let bytes = files.iter().map(|file| file.size).sum::<usize>() + text_bytes;
    let post = body::run_aside(bytes, move || checked(message, files, source)).await?;
    // A post without a usual uuid is stored as often as it comes.
    let is_deduplicated = post.uuid().is_some();
    let stored = app.store.post(post).await?;
    drop(large);
    // A message that was removed since an earlier post of it was taken all the same.
    let response = match stored.filter(|_| headers.contains_key(WAIT_HEADER)) {
        Some(stored) => json_text(StatusCode::OK, stored.json),
        None => json_text(StatusCode::ACCEPTED, "{}"),
    };
    Ok(if is_deduplicated { deduplicated(response) } else { response })
}

/// Checks a message against the rules.
fn checked(message: Value, files: Vec<NewFile>, source: Source) -> Result<Post, Refusal> {
    let mut errors = rules::check(&message);
    if !files.is_empty() && message.get("event").is_some_and(|event| event == "message") {
        errors.add("attachments", "are for an activity or a discussion");
    }
    if !errors.is_empty() {
        return Err(Refusal::invalid(errors));
    }
    let Value::Object(message) = message else { return Err(not_an_object()) };
    Ok(Post::new(source, message, files))
}

fn not_an_object() -> Refusal {
    Refusal::unreadable("The body is not a JSON object")
}
