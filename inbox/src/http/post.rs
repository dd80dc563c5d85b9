//! Receives messages: from sources, with a flow token, and from the owner, with the API token or an access token.

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};
use tokio::sync::OwnedSemaphorePermit;

use super::answer::{Refusal, json_text};
use super::auth::{Caller, FlowTokens};
use super::body;
use super::form::{self, Form, not_an_object};
use super::params::Params;
use super::path::{self, FlowNames, Id, missing};
use super::peer;
use crate::app::App;
use crate::domain::posting::{Post, Refused, Sender};
use crate::domain::{FieldErrors, Flow, NewFile, message, rules};
use crate::oauth::Scope;
use crate::store::PostError;

/// If a request has this header, with any value, the answer contains the stored message.
const WAIT_HEADER: &str = "x-flowdock-wait-for-message";

/// The header that tells a client how the inbox recognises a repeated post: by `uuid`.
pub const DEDUPLICATES: HeaderName = HeaderName::from_static("flowdock-deduplicates");

/// What the path of a post says: the flow, the thread, and whether the message is a comment.
#[derive(Clone, Default)]
struct Target {
    /// The names of the flow.
    flow: Option<(String, String)>,
    /// The id of the thread.
    thread: Option<String>,
    /// The message that a comment answers.
    comment: Option<CommentOn>,
    /// Whether the message comes as Flowdock's example application posts it, with other names for some keys.
    has_example_keys: bool,
}

/// The message that a comment answers.
#[derive(Clone, Copy)]
enum CommentOn {
    /// The one that the comment's key `message` names.
    Named,
    /// The one with this id, which is in the path.
    Message(i64),
}

/// `POST /messages`: the flow token or the key `flow` names the flow.
pub async fn to_named_flow(State(app): State<App>, request: Request) -> Response {
    answered(&app, take(&app, Target::default(), request).await)
}

/// `POST /flows/:organization/:flow/messages`: the path and the flow token must name the same flow.
pub async fn to_flow(State(app): State<App>, FlowNames(flow): FlowNames, request: Request) -> Response {
    answered(&app, take(&app, Target { flow: Some(flow), ..Target::default() }, request).await)
}

/// `POST …/threads/:id/messages`
pub async fn to_thread(
    State(app): State<App>,
    FlowNames(flow): FlowNames,
    Id(id): Id<path::Thread>,
    request: Request,
) -> Response {
    answered(&app, take(&app, Target { flow: Some(flow), thread: Some(id), ..Target::default() }, request).await)
}

/// `POST /comments`: a comment on the message that its key `message` names.
pub async fn comment(State(app): State<App>, request: Request) -> Response {
    answered(&app, take(&app, Target { comment: Some(CommentOn::Named), ..Target::default() }, request).await)
}

/// `POST …/messages/:id/comments`: a comment on this message.
pub async fn comment_on(
    State(app): State<App>,
    FlowNames(flow): FlowNames,
    Id(id): Id<path::Message>,
    request: Request,
) -> Response {
    let comment = Some(CommentOn::Message(id));
    answered(&app, take(&app, Target { flow: Some(flow), comment, ..Target::default() }, request).await)
}

/// `POST /activities`: an activity or a discussion as Flowdock's example application posts it. The flow token is in `token`,
/// and `thread_id` is the external thread id.
pub async fn activity(State(app): State<App>, request: Request) -> Response {
    answered(&app, take(&app, Target { has_example_keys: true, ..Target::default() }, request).await)
}

/// Counts a refusal, and adds the header `Flowdock-Deduplicates` to it, so that the client knows that a retry is safe.
fn answered(app: &App, result: Result<Response, Refusal>) -> Response {
    counted(app, result).unwrap_or_else(|refusal| with_deduplicates(refusal.into_response()))
}

/// Counts the refusal of a post.
pub fn counted(app: &App, result: Result<Response, Refusal>) -> Result<Response, Refusal> {
    result.inspect_err(|refusal| app.metrics.count_unstored_post(refusal.status().is_server_error()))
}

fn with_deduplicates(mut response: Response) -> Response {
    response.headers_mut().insert(DEDUPLICATES, HeaderValue::from_static("uuid"));
    response
}

async fn take(app: &App, target: Target, request: Request) -> Result<Response, Refusal> {
    let (parts, body) = request.into_parts();
    let (received, permit) = Received::read(app, &target, &parts, body).await?;
    let bytes = received.files.iter().map(|file| file.size).sum::<usize>() + received.text_bytes;
    let path_target = target.clone();
    let post = body::run_aside(bytes, move || received.checked(&path_target)).await?;
    // A post without a usual uuid is stored as often as it comes.
    let is_deduplicated = post.uuid().is_some();
    // A source reads nothing of the flow. A comment would show it the thread of any message whose number it guesses.
    let may_see = post.comments_on.is_none() || matches!(post.sender, Sender::Owner(_));
    let wants_it = may_see && parts.headers.contains_key(WAIT_HEADER);
    let stored = app.store.post(post).await.map_err(|error| target.refusal(error))?;
    drop(permit);
    // A message that was removed since an earlier post of it was taken all the same.
    let response = match stored.filter(|_| wants_it) {
        Some(stored) => json_text(StatusCode::OK, stored.json),
        None => json_text(StatusCode::ACCEPTED, "{}"),
    };
    Ok(if is_deduplicated { with_deduplicates(response) } else { response })
}

/// A message and who sent it.
struct Received {
    sender: Sender,
    message: Value,
    /// The number of bytes of the message.
    text_bytes: usize,
    files: Vec<NewFile>,
}

impl Received {
    /// Reads a message, and finds out who sent it. Keep what comes with it until the message is stored.
    async fn read(
        app: &App,
        target: &Target,
        parts: &Parts,
        body: Body,
    ) -> Result<(Received, Option<OwnedSemaphorePermit>), Refusal> {
        let params = Params::of(&parts.uri)?;
        let network = peer::client_network(parts, &app.settings.trusted_proxies);
        let tokens = FlowTokens { app, network, flow: target.flow.clone() };
        let in_query = params.get("flow_token");
        if let Some(boundary) = form::boundary(&parts.headers) {
            let source = match in_query {
                Some(token) => Some(tokens.source(token).await?),
                None => None,
            };
            let Form { message, text_bytes, files, source } = form::read(boundary?, body, &tokens, source).await?;
            return Ok((Received { sender: Sender::Source(source.into()), message, text_bytes, files }, None));
        }
        let token_key = if target.has_example_keys { "token" } else { "flow_token" };
        let plain = form::plain(&parts.headers, body, token_key).await?;
        let source = match plain.flow_token().or(in_query) {
            Some(token) => Some(tokens.source(token).await?),
            None => {
                require_owner_scope(app, parts).await?;
                None
            }
        };
        let text_bytes = plain.bytes();
        let (message, permit) = plain.build(app).await?;
        let sender = match source {
            Some(source) => Sender::Source(source.into()),
            None => Sender::Owner(flow_of_owner(app, target, &message).await?),
        };
        Ok((Received { sender, message, text_bytes, files: Vec::new() }, permit))
    }

    /// Checks the message against the rules.
    fn checked(self, target: &Target) -> Result<Post, Refusal> {
        let Received { sender, message, files, .. } = self;
        let Value::Object(mut message) = message else { return Err(not_an_object()) };
        let mut problems = FieldErrors::default();
        let comments_on = target.complete(&mut message, &mut problems);
        let message = Value::Object(message);
        let mut errors = match sender {
            Sender::Source(_) => rules::check(&message),
            Sender::Owner(_) => rules::check_of_owner(&message),
        };
        errors.append(problems);
        if !files.is_empty() && message.get("event").is_some_and(|event| event == "message") {
            errors.add("attachments", "are for an activity or a discussion");
        }
        if !errors.is_empty() {
            return Err(Refusal::invalid(errors));
        }
        let Value::Object(message) = message else { return Err(not_an_object()) };
        Ok(match comments_on {
            Some(id) => Post::comment(sender, message, id),
            None => Post::new(sender, message, files),
        })
    }
}

impl Target {
    /// Gives a message the keys that its path means. Returns the id of the message on which it comments.
    fn complete(&self, message: &mut Map<String, Value>, errors: &mut FieldErrors) -> Option<i64> {
        if let Some(thread) = &self.thread {
            message.insert("thread_id".to_owned(), thread.as_str().into());
            // Otherwise the message would go there if the path named no thread of the flow.
            message.shift_remove("external_thread_id");
        }
        if self.has_example_keys {
            // The token is a secret, which is not stored.
            message.remove("token");
            let named = message.get("external_thread_id").or(message.get("thread_id")).cloned();
            message.insert("external_thread_id".to_owned(), named.unwrap_or_default());
        }
        let comment = self.comment?;
        if message.get("event").is_some_and(|event| !event.is_null() && event != "comment" && event != "message") {
            errors.add("event", "must be `comment` or `message`");
        } else {
            message.insert("event".to_owned(), "message".into());
        }
        let named = message.shift_remove("message").filter(|named| !named.is_null() && named != "");
        match (comment, named) {
            (CommentOn::Message(id), _) => Some(id),
            (CommentOn::Named, None) => {
                errors.add("message", "can't be blank");
                None
            }
            (CommentOn::Named, Some(named)) => {
                let id = message::parse_id(&named);
                if id.is_none() {
                    errors.add("message", "must be the id of a message");
                }
                id
            }
        }
    }

    /// The refusal of a message: 404 if the thread or the message that the path names does not exist.
    fn refusal(&self, error: PostError) -> Refusal {
        match (error, &self.thread, self.comment) {
            (PostError::Refused(Refused::ThreadNotFound), Some(_), _) => missing::<path::Thread>(),
            (PostError::Refused(Refused::MessageNotFound), _, Some(CommentOn::Message(_))) => {
                missing::<path::Message>()
            }
            (error, ..) => error.into(),
        }
    }
}

/// Refuses a message without a flow token from everybody but the owner and applications that may write in the owner's name.
async fn require_owner_scope(app: &App, parts: &Parts) -> Result<(), Refusal> {
    if !parts.headers.contains_key(header::AUTHORIZATION) {
        return Err(Refusal::flow_token_missing());
    }
    Caller::of(parts, app, false).await?.require(&[Scope::Flow])
}

/// The flow to which a message of the owner goes: the one in the path, or the one that the message names, by its id or by its names
/// as in `example:main` and `example/main`.
async fn flow_of_owner(app: &App, target: &Target, message: &Value) -> Result<Flow, Refusal> {
    let found = match (&target.flow, message.get("flow").and_then(Value::as_str)) {
        (Some((organization, flow)), _) => app.store.flow(organization, flow).await?,
        (None, None | Some("")) => {
            return Err(Refusal::invalid(FieldErrors::of("flow", "can't be blank without a flow token")));
        }
        (None, Some(named)) => match (app.store.flow_by_id(named).await?, named.split_once([':', '/'])) {
            (None, Some((organization, flow))) => app.store.flow(organization, flow).await?,
            (found, _) => found,
        },
    };
    found.ok_or_else(missing::<path::Flow>)
}
