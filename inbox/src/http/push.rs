//! Receives messages by Flowdock's Push API. The flow token is in the path, where nothing that is logged or answered may
//! show it.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Map, Value};
use tokio::sync::OwnedSemaphorePermit;

use super::answer::{Refusal, json_text};
use super::auth::{ClientNetwork, FlowTokens};
use super::form::{self, not_an_object};
use super::post::counted;
use crate::app::App;
use crate::domain::posting::{Post, Refused, Sender};
use crate::domain::{FieldErrors, Source, push};
use crate::secret;
use crate::store::{PostError, StoreError};

/// The largest number of flow tokens in a path.
const MAX_TOKENS: usize = 20;

/// The flow tokens in the path.
type Tokens = Result<Path<String>, PathRejection>;

/// `POST /messages/chat/:flow_token`: a chat message of somebody who is no user.
pub async fn chat(
    State(app): State<App>,
    network: ClientNetwork,
    tokens: Tokens,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    counted(&app, take_chat(&app, network, tokens, &headers, body).await)
}

async fn take_chat(
    app: &App,
    ClientNetwork(network): ClientNetwork,
    tokens: Tokens,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let sources = sources(FlowTokens { app, network, flow: None }, tokens).await?;
    let (posted, permit) = read(app, headers, body).await?;
    let (message, comments_on) = push::chat(&posted).map_err(Refusal::invalid)?;
    if sources.len() > 1 {
        // Only one of the flows has that message or thread, and the others would refuse what the first has stored.
        for (key, is_there) in [("message_id", comments_on.is_some()), ("thread_id", message.contains_key("thread_id"))]
        {
            if is_there {
                return Err(Refusal::invalid(FieldErrors::of(key, "needs a path with one flow token")));
            }
        }
    }
    for source in sources {
        let (sender, message) = (Sender::Source(source.into()), message.clone());
        let post = match comments_on {
            Some(id) => Post::comment(sender, message, id),
            None => Post::new(sender, message, Vec::new()),
        };
        match app.store.post(post).await {
            Err(PostError::Refused(Refused::MessageNotFound)) => {
                return Err(Refusal::invalid(FieldErrors::of("message_id", "not found")));
            }
            stored => stored?,
        };
    }
    drop(permit);
    Ok(accepted())
}

/// `POST /messages/team_inbox/:flow_token`: a message that becomes an activity in a thread of its own.
pub async fn team_inbox(
    State(app): State<App>,
    network: ClientNetwork,
    tokens: Tokens,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    counted(&app, take_team_inbox(&app, network, tokens, &headers, body).await)
}

async fn take_team_inbox(
    app: &App,
    ClientNetwork(network): ClientNetwork,
    tokens: Tokens,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let sources = sources(FlowTokens { app, network, flow: None }, tokens).await?;
    let (posted, permit) = read(app, headers, body).await?;
    // With a uuid, a repeated post must get the same thread id: otherwise its content differs and it is refused.
    let thread_id = match posted.get("uuid").and_then(Value::as_str) {
        Some(uuid) => format!("mail:{uuid}"),
        None => format!("mail:{}", secret::random_hex().map_err(StoreError::from)?),
    };
    let message = push::team_inbox(&posted, &thread_id).map_err(Refusal::invalid)?;
    for source in sources {
        app.store.post(Post::new(Sender::Source(source.into()), message.clone(), Vec::new())).await?;
    }
    drop(permit);
    Ok(accepted())
}

/// Finds the sources of all flow tokens. If one is unknown, nothing is posted.
async fn sources(lookup: FlowTokens<'_>, tokens: Tokens) -> Result<Vec<Source>, Refusal> {
    // A token that is not UTF-8 after decoding belongs to no source.
    let Path(tokens) = tokens.map_err(|_| Refusal::not_found("Flow token"))?;
    let tokens: Vec<&str> = tokens.split(',').collect();
    if tokens.len() > MAX_TOKENS {
        return Err(Refusal::unreadable(format!("The path has more than {MAX_TOKENS} flow tokens")));
    }
    let mut sources = Vec::new();
    for token in tokens {
        let source = lookup.source(token).await?;
        if !sources.iter().any(|known: &Source| known.id == source.id) {
            sources.push(source);
        }
    }
    Ok(sources)
}

/// Reads the fields of a message. Keep the permit until the message is stored.
async fn read(
    app: &App,
    headers: &HeaderMap,
    body: Body,
) -> Result<(Map<String, Value>, Option<OwnedSemaphorePermit>), Refusal> {
    let (message, permit) = form::plain(headers, body, "flow_token").await?.build(app).await?;
    let Value::Object(fields) = message else { return Err(not_an_object()) };
    Ok((fields, permit))
}

fn accepted() -> Response {
    json_text(StatusCode::OK, "{}")
}
