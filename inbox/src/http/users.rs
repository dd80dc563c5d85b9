//! Answers who the users are: the owner is the only one.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use super::answer::{Refusal, json_value};
use super::auth::Caller;
use super::path::{InFlow, SEES_FLOWS};
use crate::app::App;
use crate::domain::owner;
use crate::oauth::Scope;

/// `GET /user`: whose token it is. Every application that may do anything for the owner may know the owner.
pub async fn current(caller: Caller, State(app): State<App>) -> Result<Response, Refusal> {
    caller.require(&[&SEES_FLOWS[..], &[Scope::Profile, Scope::Private]].concat())?;
    Ok(json_value(StatusCode::OK, owner::user(&app.url)))
}

/// `GET /users`
pub async fn list(caller: Caller, State(app): State<App>) -> Result<Response, Refusal> {
    caller.require(&SEES_FLOWS)?;
    Ok(json_value(StatusCode::OK, json!([owner::user(&app.url)])))
}

/// `GET …/users`
pub async fn of_flow(State(app): State<App>, _: InFlow) -> Response {
    json_value(StatusCode::OK, json!([owner::user(&app.url)]))
}
