//! Grants: the owner sees here what applications may do, and ends it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::answer::{Refusal, json_value};
use super::auth::Owner;
use super::path::{self, Id};
use super::views;
use crate::app::App;

/// `GET /oauth/grants`
pub async fn list(_: Owner, State(app): State<App>) -> Result<Response, Refusal> {
    let found = app.store.grants().await?;
    Ok(json_value(StatusCode::OK, found.iter().map(views::grant).collect()))
}

/// `DELETE /oauth/grants/:id`: ends the grant with every token that was issued for it. Streams that such a token opened
/// end at once. The sources that the application has made stay; the owner removes them one by one.
pub async fn revoke(_: Owner, State(app): State<App>, Id(id): Id<path::Grant>) -> Result<Response, Refusal> {
    path::removed::<path::Grant>(app.store.revoke_grant(id).await?)
}
