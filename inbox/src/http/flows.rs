//! Lists flows, and finds a flow by its id. The owner creates, renames and removes them here.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;

use super::answer::{Refusal, json_value};
use super::auth::Caller;
use super::body::Fields;
use super::params::Params;
use super::path::{self, InFlow, InOrganization, SEES_FLOWS, missing};
use super::views;
use crate::app::App;
use crate::domain::FieldErrors;

/// `GET /flows`
pub async fn list(caller: Caller, State(app): State<App>) -> Result<Response, Refusal> {
    caller.require(&SEES_FLOWS)?;
    let found = app.store.flows().await?;
    Ok(json_value(StatusCode::OK, found.iter().map(|flow| views::flow(flow, &app.url)).collect()))
}

/// `GET /flows/find?id=`
pub async fn find(caller: Caller, State(app): State<App>, uri: Uri) -> Result<Response, Refusal> {
    caller.require(&SEES_FLOWS)?;
    let params = Params::of(&uri)?;
    let found = app.store.flow_by_id(params.get("id").unwrap_or_default()).await?;
    let flow = found.ok_or_else(missing::<path::Flow>)?;
    Ok(json_value(StatusCode::OK, views::flow(&flow, &app.url)))
}

/// `POST /flows/:organization`: creates a flow. Its name in paths is made from its name.
pub async fn create(
    State(app): State<App>,
    InOrganization { caller, organization }: InOrganization,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    caller.require_owner()?;
    let name = caller.fields(&app, &headers, body).await?.name()?;
    let flow = app.store.create_flow(organization.id, name).await?;
    Ok(json_value(StatusCode::CREATED, views::flow(&flow, &app.url)))
}

/// `PUT /flows/:organization/:flow`: gives the flow another name. Its name in paths stays, as at Flowdock: links and
/// integrations use it.
///
/// Flowdock also had `open` and `access_mode`, which mean nothing to the only user of an inbox, and are ignored. `disabled`
/// archived a flow. It is refused: who sends it expects that the flow takes no message any more.
pub async fn update(
    State(app): State<App>,
    InFlow { caller, flow }: InFlow,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    caller.require_owner()?;
    let fields = caller.fields(&app, &headers, body).await?;
    if is_true(&fields, "disabled") {
        let problem = "is not supported; remove the flow with DELETE, or its sources";
        return Err(Refusal::invalid(FieldErrors::of("disabled", problem)));
    }
    let renamed = if fields.has("name") { app.store.rename_flow(flow, fields.name()?).await? } else { Some(flow) };
    Ok(json_value(StatusCode::OK, views::flow(&renamed.ok_or_else(missing::<path::Flow>)?, &app.url)))
}

fn is_true(fields: &Fields, name: &str) -> bool {
    fields.value(name).is_some_and(|value| value == true || value == "true")
}

/// `DELETE /flows/:organization/:flow`: removes the flow with everything in it, for good. From then on a post with the flow
/// token of one of its sources gets a 410, and its streams end.
pub async fn remove(State(app): State<App>, InFlow { caller, flow }: InFlow) -> Result<Response, Refusal> {
    caller.require_owner()?;
    path::removed::<path::Flow>(app.store.remove_flow(flow.key).await?)
}
