//! Receives messages by Flowdock's Push API. The flow token is in the path, where nothing that is logged or answered may
//! show it.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value};

use super::answer::{Refusal, json_text};
use super::auth::FlowTokens;
use super::form::{self, not_an_object};
use super::peer;
use super::post::counted;
use crate::app::App;
use crate::domain::posting::{Post, Refused, Sender};
use crate::domain::push::{self, Pushed};
use crate::domain::{FieldErrors, Source};
use crate::secret;
use crate::store::{PostError, StoreError};

/// The largest number of flow tokens in a path.
const MAX_TOKENS: usize = 20;

/// The flow tokens in the path.
type Tokens = Result<Path<String>, PathRejection>;

/// `POST /messages/chat/:flow_token`: a chat message of somebody who is no user.
pub async fn chat(State(app): State<App>, tokens: Tokens, request: Request) -> Result<Response, Refusal> {
    counted(&app, take(&app, tokens, request, |posted| push::chat(posted).map_err(Refusal::invalid)).await)
}

/// `POST /messages/team_inbox/:flow_token`: a message that becomes an activity in a thread of its own.
pub async fn team_inbox(State(app): State<App>, tokens: Tokens, request: Request) -> Result<Response, Refusal> {
    let message = |posted: &Map<String, Value>| {
        // With a uuid, a repeated post must get the same thread id: otherwise its content differs and it is refused.
        let thread_id = match posted.get("uuid").and_then(Value::as_str) {
            Some(uuid) => format!("mail:{uuid}"),
            None => format!("mail:{}", secret::random_hex().map_err(StoreError::from)?),
        };
        push::team_inbox(posted, &thread_id).map_err(Refusal::invalid)
    };
    counted(&app, take(&app, tokens, request, message).await)
}

/// Posts the message that `build` makes of the body to the flow of each token.
async fn take(
    app: &App,
    tokens: Tokens,
    request: Request,
    build: impl FnOnce(&Map<String, Value>) -> Result<Pushed, Refusal>,
) -> Result<Response, Refusal> {
    let (parts, body) = request.into_parts();
    let network = peer::client_network(&parts, &app.settings.trusted_proxies);
    let sources = sources(FlowTokens { app, network, flow: None }, tokens).await?;
    let (posted, permit) = form::plain(&parts.headers, body, "flow_token").await?.build(app).await?;
    let Value::Object(posted) = posted else { return Err(not_an_object()) };
    let Pushed { message, comments_on } = build(&posted)?;
    if sources.len() > 1 {
        // Only one of the flows has that message or thread, and the others would refuse what the first has stored.
        let named = [("message_id", comments_on.is_some()), ("thread_id", message.contains_key("thread_id"))];
        if let Some((key, _)) = named.into_iter().find(|(_, is_there)| *is_there) {
            return Err(Refusal::invalid(FieldErrors::of(key, "needs a path with one flow token")));
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
    Ok(json_text(StatusCode::OK, "{}"))
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
