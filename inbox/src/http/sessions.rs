//! Sessions: the owner's page signs in here, and the owner sees and ends the sessions of all pages.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use serde_json::json;

use super::answer::{Refusal, json_value};
use super::auth::Owner;
use super::path::{self, Id, missing};
use super::views;
use crate::app::App;

/// The longest name of a browser that is kept.
const MAX_BROWSER_CHARS: usize = 200;

/// `POST /session`: begins a session and answers with its token, which only this answer shows. With the token of a
/// session, lets that session last longer.
pub async fn begin(owner: Owner, State(app): State<App>, headers: HeaderMap) -> Result<Response, Refusal> {
    if let Some(session) = owner.session() {
        let renewed = app.store.renew_session(session.id).await?.ok_or_else(missing::<path::Session>)?;
        return Ok(json_value(StatusCode::OK, views::session(&renewed, Some(renewed.id))));
    }
    let browser = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let browser = browser.chars().take(MAX_BROWSER_CHARS).collect();
    let (session, token) = app.store.begin_session(browser).await?;
    owner.0.check_again(&app).await?;
    let mut shape = views::session(&session, Some(session.id));
    shape["token"] = json!(token);
    Ok(json_value(StatusCode::CREATED, shape))
}

/// `GET /sessions`
pub async fn list(owner: Owner, State(app): State<App>) -> Result<Response, Refusal> {
    let current = owner.session().map(|session| session.id);
    let found = app.store.sessions().await?;
    Ok(json_value(StatusCode::OK, found.iter().map(|one| views::session(one, current)).collect()))
}

/// `DELETE /sessions/:id`: ends the session. Streams that it opened end at once.
pub async fn end(_: Owner, State(app): State<App>, Id(id): Id<path::Session>) -> Result<Response, Refusal> {
    path::removed::<path::Session>(app.store.end_session(id).await?)
}
