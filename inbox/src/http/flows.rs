//! Lists flows and finds a flow by its id.

use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;

use super::answer::{Refusal, json_value};
use super::auth::Caller;
use super::params::Params;
use super::path::SEES_FLOWS;
use super::views;
use crate::app::App;

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
    let flow = found.ok_or_else(|| Refusal::not_found("Flow"))?;
    Ok(json_value(StatusCode::OK, views::flow(&flow, &app.url)))
}
