//! Lists flows and finds a flow by its id.

use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use serde_json::Value;

use crate::answer::{Refusal, json_value};
use crate::auth::Caller;
use crate::params::Params;
use crate::server::App;
use crate::shape;
use crate::store::flows;

/// `GET /flows`
pub async fn list(_: Caller, State(app): State<App>) -> Result<Response, Refusal> {
    let found = app.store.call(|database| flows::list(database)).await?;
    let flows: Value = found.iter().map(|flow| shape::flow(flow, &app.url)).collect();
    Ok(json_value(StatusCode::OK, flows))
}

/// `GET /flows/find?id=`
pub async fn find(_: Caller, State(app): State<App>, uri: Uri) -> Result<Response, Refusal> {
    let id = Params::of(&uri)?.get("id").unwrap_or_default().to_owned();
    let found = app.store.call(move |database| flows::by_id(database, &id)).await?;
    let flow = found.ok_or_else(|| Refusal::not_found("Flow"))?;
    Ok(json_value(StatusCode::OK, shape::flow(&flow, &app.url)))
}
