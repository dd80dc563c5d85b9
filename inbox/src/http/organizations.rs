//! Shows the organisations. The owner renames them here.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;

use super::answer::{Refusal, json_value};
use super::auth::Caller;
use super::params::Params;
use super::path::{self, InOrganization, SEES_FLOWS, missing};
use super::views;
use crate::app::App;

/// `GET /organizations`
pub async fn list(caller: Caller, State(app): State<App>) -> Result<Response, Refusal> {
    caller.require(&SEES_FLOWS)?;
    let found = app.store.organizations().await?;
    Ok(json_value(StatusCode::OK, found.iter().map(|one| views::organization(one, &app.url)).collect()))
}

/// `GET /organizations/find?id=`
pub async fn find(caller: Caller, State(app): State<App>, uri: Uri) -> Result<Response, Refusal> {
    caller.require(&SEES_FLOWS)?;
    let params = Params::of(&uri)?;
    let id = params.get("id").and_then(|id| id.parse().ok());
    let found = app.store.organizations().await?.into_iter().find(|one| Some(one.id) == id);
    let organization = found.ok_or_else(missing::<path::Organization>)?;
    Ok(json_value(StatusCode::OK, views::organization(&organization, &app.url)))
}

/// `GET /organizations/:organization`
pub async fn get(State(app): State<App>, request: InOrganization) -> Response {
    json_value(StatusCode::OK, views::organization(&request.organization, &app.url))
}

/// `PUT /organizations/:organization`: gives the organisation another name. Its name in paths stays.
pub async fn update(
    State(app): State<App>,
    InOrganization { caller, organization }: InOrganization,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    caller.require_owner()?;
    let fields = caller.fields(&app, &headers, body).await?;
    let renamed = if fields.has("name") {
        app.store.rename_organization(organization.id, fields.name()?).await?
    } else {
        Some(organization)
    };
    Ok(json_value(StatusCode::OK, views::organization(&renamed.ok_or_else(missing::<path::Organization>)?, &app.url)))
}
