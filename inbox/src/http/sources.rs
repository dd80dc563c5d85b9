//! Lists, creates, changes and removes sources.

use std::net::IpAddr;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::answer::{Refusal, json_value};
use super::auth::{Caller, ClientNetwork, FlowTokens, Who};
use super::body::Fields;
use super::params::Params;
use super::path::{self, Id, InFlow, missing};
use super::views;
use crate::app::App;
use crate::domain::{FieldErrors, FlowKey, Source, SourceChange};
use crate::oauth::Scope;

/// `GET /sources`: all sources. With a flow token in the query: only the source that has this token.
pub async fn list_all(
    State(app): State<App>,
    ClientNetwork(network): ClientNetwork,
    uri: Uri,
    caller: Result<Caller, Refusal>,
) -> Result<Response, Refusal> {
    let params = Params::of(&uri)?;
    if let Some(token) = params.get("flow_token") {
        let source = by_token(&app, network, token).await?;
        return Ok(json_value(StatusCode::OK, [views::source(&source, &app.url)].into_iter().collect()));
    }
    let caller = caller?;
    caller.require(&[Scope::Integration])?;
    let found = app.store.sources(None).await?;
    Ok(list_of(&app, &caller, &found))
}

/// `GET …/sources`
pub async fn list(State(app): State<App>, InFlow { caller, flow }: InFlow) -> Result<Response, Refusal> {
    caller.require(&[Scope::Integration])?;
    let found = app.store.sources(Some(flow.key)).await?;
    Ok(list_of(&app, &caller, &found))
}

fn list_of(app: &App, caller: &Caller, found: &[Source]) -> Response {
    json_value(StatusCode::OK, found.iter().map(|source| shape(app, caller, source)).collect())
}

/// The JSON of a source, as this caller may see it.
fn shape(app: &App, caller: &Caller, source: &Source) -> Value {
    match caller.who {
        Who::Owner | Who::Session(_) => views::source_for_owner(source, &app.url),
        Who::Application { .. } => views::source(source, &app.url),
    }
}

/// `POST …/sources`: creates a source. Only this answer ever shows the source's flow token.
///
/// If an application asks, the source belongs to it. If the owner asks, `application` names the application to which
/// the source shall belong, so that an integration can also be set up by hand.
pub async fn create(
    State(app): State<App>,
    InFlow { caller, flow }: InFlow,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    caller.require(&[Scope::Integration])?;
    let fields = caller.fields(&app, &headers, body).await?;
    let mut errors = FieldErrors::default();
    let name = fields.required("name", &mut errors);
    let external_url = fields.optional_url("external_url", &mut errors);
    if !errors.is_empty() {
        return Err(Refusal::invalid(errors));
    }
    let application = match caller.who {
        Who::Application { id, .. } => id,
        Who::Owner | Who::Session(_) => fields.id("application").unwrap_or_default(),
    };
    let created = app.store.create_source(flow.key, application, name, external_url).await?;
    if created.is_none() && app.store.flow_by_id(&flow.id).await?.is_none() {
        // Somebody removed it while the body came in.
        return Err(missing::<path::Flow>());
    }
    let no_application = || {
        Refusal::invalid(FieldErrors::of(
            "application",
            "must be the id of an application with fewer than 1000 sources",
        ))
    };
    let (source, flow_token) = created.ok_or_else(no_application)?;
    caller.check_again(&app).await?;
    let mut shape = views::source(&source, &app.url);
    shape["flow_token"] = flow_token.into();
    Ok(json_value(StatusCode::CREATED, shape))
}

/// `GET …/sources/:id`
pub async fn get(
    State(app): State<App>,
    InFlow { caller, flow }: InFlow,
    Id(id): Id<path::Source>,
) -> Result<Response, Refusal> {
    caller.require(&[Scope::Integration])?;
    let source = find(&app, flow.key, id).await?;
    Ok(json_value(StatusCode::OK, shape(&app, &caller, &source)))
}

/// `PUT …/sources/:id`
pub async fn update(
    State(app): State<App>,
    InFlow { caller, flow }: InFlow,
    Id(id): Id<path::Source>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let source = find(&app, flow.key, id).await?;
    caller.require_source(&source)?;
    let fields = caller.fields(&app, &headers, body).await?;
    change(&app, source, &fields).await
}

/// `PUT /sources`: changes the source whose flow token is in the body or in the query. The caller need not know the
/// source's id.
pub async fn update_by_token(
    State(app): State<App>,
    ClientNetwork(network): ClientNetwork,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let fields = Fields::read(&headers, body).await?;
    let params = Params::of(&uri)?;
    let token = fields.get("flow_token").or(params.get("flow_token")).ok_or_else(Refusal::flow_token_missing)?;
    let source = by_token(&app, network, token).await?;
    change(&app, source, &fields).await
}

async fn change(app: &App, source: Source, fields: &Fields) -> Result<Response, Refusal> {
    let mut errors = FieldErrors::default();
    let error_message = fields.optional("error_message", &mut errors);
    let configuration_url = fields.optional_url("configuration_url", &mut errors);
    if !errors.is_empty() {
        return Err(Refusal::invalid(errors));
    }
    let change = SourceChange {
        error_message: fields.has("error_message").then_some(error_message),
        configuration_url: fields.has("configuration_url").then_some(configuration_url),
    };
    let changed = app.store.update_source(source.id, change).await?;
    let source = changed.ok_or_else(missing::<path::Source>)?;
    Ok(json_value(StatusCode::OK, views::source(&source, &app.url)))
}

/// `DELETE …/sources/:id`: removes the source. From then on a post with its flow token gets a 410.
pub async fn remove(
    State(app): State<App>,
    InFlow { caller, flow }: InFlow,
    Id(id): Id<path::Source>,
) -> Result<Response, Refusal> {
    let source = find(&app, flow.key, id).await?;
    caller.require_source(&source)?;
    app.store.remove_source(source.id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn by_token(app: &App, network: IpAddr, token: &str) -> Result<Source, Refusal> {
    FlowTokens { app, network, flow: None }.source(token).await
}

async fn find(app: &App, flow: FlowKey, id: i64) -> Result<Source, Refusal> {
    app.store.source(flow, id).await?.ok_or_else(missing::<path::Source>)
}
