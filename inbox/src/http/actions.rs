//! Performs an action on which the owner has clicked. The page gets the outcome as JSON with a message for people.

use std::time::Instant;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::answer::{Refusal, json_value};
use super::path::{self, Id, InFlow, missing};
use crate::actions::{self, Answer, CallError, Request};
use crate::app::App;
use crate::domain::{FieldErrors, owner};
use crate::secret;
use crate::store::StoreError;

/// The outcome of an action.
enum Outcome {
    /// The service accepted the action.
    Done(StatusCode),
    /// The service wants the user to log in first, at this URL.
    Login(String),
    /// The service answered with another status.
    Refused(StatusCode),
    /// The service gave no answer.
    Failed(CallError),
}

/// `POST …/threads/:id/actions`, with the action as the page shows it. This route is not Flowdock's: its page sent
/// clicks in another way.
///
/// The body is the whole action, because the thread may have changed since the page showed it. If the thread no longer
/// offers exactly this action, the request is refused.
///
/// The request is signed with the client secret of the application whose source set the thread's state, and so offered
/// the action. Only the application that began the thread can do that.
pub async fn perform(
    State(app): State<App>,
    InFlow { caller, flow }: InFlow,
    Id(thread_id): Id<path::Thread>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    caller.require_owner()?;
    let wanted = caller.json(&app, &headers, body).await?;
    let offer = app.store.offer(flow.key, &thread_id).await?.ok_or_else(missing::<path::Thread>)?;
    let state: Value = serde_json::from_str(&offer.thread.state).map_err(StoreError::from)?;
    let is_offered = state["actions"].as_array().is_some_and(|actions| actions.contains(&wanted));
    if !is_offered || wanted["@type"] != "UpdateAction" {
        return Err(Refusal::invalid(FieldErrors::of("base", "is no UpdateAction of the thread as it is now")));
    }
    let source = offer.source.ok_or_else(|| {
        Refusal::conflict(
            "It is not known which application offered this action. It works again after the application posts the thread",
        )
    })?;
    let secret = app.store.signing_secret(source).await?.ok_or_else(Refusal::source_removed)?;

    let click = secret::random_hex().map_err(StoreError::from)?;
    let request = Request::of(wanted, owner::agent(&app.url), &secret, app.clock.now_ms(), &click);
    let start = Instant::now();
    let outcome = match request {
        Ok(request) => match actions::send(request, app.settings.action_timeout).await {
            Ok(answer) => Outcome::of(answer),
            Err(error) => Outcome::Failed(error),
        },
        Err(error) => Outcome::Failed(error),
    };
    app.metrics.count_action(outcome.name(), start.elapsed());
    Ok(json_value(StatusCode::OK, outcome.shape()))
}

impl Outcome {
    fn of(answer: Answer) -> Outcome {
        match (answer.status, answer.challenge) {
            (status, _) if status.is_success() => Outcome::Done(status),
            (StatusCode::UNAUTHORIZED, Some(url)) => Outcome::Login(url),
            (status, _) => Outcome::Refused(status),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Outcome::Done(_) => "done",
            Outcome::Login(_) => "login",
            Outcome::Refused(_) => "refused",
            Outcome::Failed(_) => "failed",
        }
    }

    fn shape(&self) -> Value {
        match self {
            Outcome::Done(status) => json!({
                "outcome": self.name(),
                "status": status.as_u16(),
                "message": "The service took the action",
            }),
            Outcome::Login(url) => json!({
                "outcome": self.name(),
                "status": 401,
                "message": "The service wants you to log in first",
                "url": url,
            }),
            Outcome::Refused(status) => json!({
                "outcome": self.name(),
                "status": status.as_u16(),
                "message": if status.is_redirection() {
                    "The service answered with a redirect, which is not followed"
                } else {
                    "The service refused the action"
                },
            }),
            Outcome::Failed(error) => json!({ "outcome": self.name(), "status": null, "message": error.to_string() }),
        }
    }
}
