//! Actions: the owner clicks on an UpdateAction of a thread, and the inbox sends the action to the service that offered
//! it.
//!
//! `sign` creates the FLOWDOCK-TOKEN and `call` sends the request. The page gets the outcome as JSON with a message for
//! people.

mod call;
mod challenge;
mod sign;

use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::answer::{FieldErrors, Refusal, json_value};
use crate::auth::{Caller, InFlow};
use crate::server::App;
use crate::store::{StoreError, applications, sources, threads, tokens};
use crate::{body, owner};

pub use call::Client;
use call::{Answer, CallError, Request};

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
pub async fn perform(
    State(app): State<App>,
    InFlow { caller, flow, rest, .. }: InFlow,
    body: Body,
) -> Result<Response, Refusal> {
    if !matches!(caller, Caller::Owner) {
        return Err(Refusal::forbidden("Only the owner's API token may do this"));
    }
    let wanted = body::json(body).await?;
    let (thread_id, flow) = (rest.into_iter().next().unwrap_or_default(), flow.key);
    let (thread, source, secret) = app
        .store
        .call(move |database| -> Result<_, StoreError> {
            let thread = threads::by_id(database, flow, &thread_id)?;
            let source = sources::of_thread(database, flow, &thread_id)?;
            let application = source.as_ref().map(|source| source.application.id).unwrap_or_default();
            Ok((thread, source, applications::secret(database, application)?))
        })
        .await?;
    let (Some(thread), Some(source), Some(secret)) = (thread, source, secret) else {
        return Err(Refusal::not_found("Thread"));
    };
    if source.removed {
        return Err(Refusal::source_removed());
    }
    let offered = thread["actions"].as_array().is_some_and(|actions| actions.contains(&wanted));
    if !offered || wanted["@type"] != "UpdateAction" {
        return Err(Refusal::invalid(FieldErrors::of("base", "is no UpdateAction of the thread as it is now")));
    }

    let outcome = match signed(&app, wanted, &secret, &tokens::random_hex()?) {
        Ok(request) => match app.client.send(request, app.settings.action_timeout).await {
            Ok(answer) => Outcome::of(answer),
            Err(error) => Outcome::Failed(error),
        },
        Err(error) => Outcome::Failed(error),
    };
    Ok(json_value(StatusCode::OK, outcome.shape()))
}

/// Builds the signed request of an action.
fn signed(app: &App, mut action: Value, secret: &str, click: &str) -> Result<Request, CallError> {
    let target = &action["target"];
    let url = expanded(target["urlTemplate"].as_str().unwrap_or_default());
    let method = target["httpMethod"].as_str().unwrap_or_default().to_owned();
    action["agent"] = owner::agent(&app.url);
    let body = action.to_string();
    let token = sign::flowdock_token(secret, owner::ID, body.as_bytes(), app.clock.now_ms(), click);
    Request::new(&method, &url, &token, body)
}

/// Expands a URL template (RFC 6570) without values for its variables: Flowdock documents no variables.
fn expanded(template: &str) -> String {
    let mut url = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, expression)) = rest.split_once('{') {
        url.push_str(before);
        rest = expression.split_once('}').map_or("", |(_, after)| after);
    }
    url + rest
}

impl Outcome {
    fn of(answer: Answer) -> Outcome {
        match (answer.status, answer.challenge) {
            (status, _) if status.is_success() => Outcome::Done(status),
            (StatusCode::UNAUTHORIZED, Some(url)) => Outcome::Login(url),
            (status, _) => Outcome::Refused(status),
        }
    }

    fn shape(&self) -> Value {
        match self {
            Outcome::Done(status) => json!({
                "outcome": "done",
                "status": status.as_u16(),
                "message": "The service took the action",
            }),
            Outcome::Login(url) => json!({
                "outcome": "login",
                "status": 401,
                "message": "The service wants you to log in first",
                "url": url,
            }),
            Outcome::Refused(status) => json!({
                "outcome": "refused",
                "status": status.as_u16(),
                "message": if status.is_redirection() {
                    "The service answered with a redirect, which is not followed"
                } else {
                    "The service refused the action"
                },
            }),
            Outcome::Failed(error) => json!({ "outcome": "failed", "status": null, "message": error.to_string() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::expanded;

    #[test]
    fn variables_of_a_url_template_are_replaced_by_nothing() {
        for (template, url) in
            [("http://a/b?c", "http://a/b?c"), ("http://a/{id}/b{?x,y}", "http://a//b"), ("http://a/{", "http://a/")]
        {
            assert_eq!(expanded(template), url);
        }
    }
}
