//! Lists, creates, changes and removes sources.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use crate::answer::{FieldErrors, Refusal, json_value};
use crate::auth::{self, Caller, InFlow};
use crate::body::Fields;
use crate::oauth::Scope;
use crate::params::Params;
use crate::server::App;
use crate::shape;
use crate::store::sources::{self, SourceChange};
use crate::store::{FlowKey, Source, applications};

/// `GET /sources`: all sources. With a flow token in the query: only the source that has this token.
pub async fn list_all(State(app): State<App>, uri: Uri, caller: Result<Caller, Refusal>) -> Result<Response, Refusal> {
    let params = Params::of(&uri)?;
    let found = match params.get("flow_token") {
        Some(token) => vec![auth::source(&app, Some(token), None).await?],
        None => {
            caller?;
            app.store.call(|database| sources::list(database, None)).await?
        }
    };
    Ok(list_of(&app, &found))
}

/// `GET …/sources`
pub async fn list(State(app): State<App>, InFlow { flow, .. }: InFlow) -> Result<Response, Refusal> {
    let found = app.store.call(move |database| sources::list(database, Some(flow.key))).await?;
    Ok(list_of(&app, &found))
}

fn list_of(app: &App, found: &[Source]) -> Response {
    json_value(StatusCode::OK, found.iter().map(|source| shape::source(source, &app.url)).collect())
}

/// `POST …/sources`: creates a source. Only this answer ever shows the source's flow token.
///
/// If an application asks, the source belongs to it. If the owner asks, `application` names the application to which
/// the source shall belong, so that an integration can also be set up by hand.
pub async fn create(
    State(app): State<App>,
    InFlow { caller, flow, .. }: InFlow,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    caller.require(Scope::Integration)?;
    let fields = Fields::read(&headers, body).await?;
    let mut errors = FieldErrors::default();
    let name = fields.required("name", &mut errors);
    let external_url = fields.optional_url("external_url", &mut errors);
    let application = match caller {
        Caller::Application { id, .. } => id,
        Caller::Owner => fields.id("application").unwrap_or_default(),
    };
    let (source, flow_token) = app
        .store
        .call(move |database| {
            if applications::by_id(database, application)?.is_none() {
                errors.add("application", "must be the id of an application");
            }
            if !errors.is_empty() {
                return Err(Refusal::invalid(errors));
            }
            Ok(sources::create(database, flow.key, application, &name, external_url.as_deref())?)
        })
        .await?;
    let mut shape = shape::source(&source, &app.url);
    shape["flow_token"] = flow_token.into();
    Ok(json_value(StatusCode::CREATED, shape))
}

/// `GET …/sources/:id`
pub async fn get(State(app): State<App>, InFlow { flow, rest, .. }: InFlow) -> Result<Response, Refusal> {
    let source = find(&app, flow.key, &rest).await?;
    Ok(json_value(StatusCode::OK, shape::source(&source, &app.url)))
}

/// `PUT …/sources/:id`
pub async fn update(
    State(app): State<App>,
    InFlow { caller, flow, rest, .. }: InFlow,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let source = find(&app, flow.key, &rest).await?;
    caller.require_source(&source)?;
    change(&app, source, &Fields::read(&headers, body).await?).await
}

/// `PUT /sources`: changes the source whose flow token is in the body or in the query. The caller need not know the
/// source's id.
pub async fn update_by_token(
    State(app): State<App>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let fields = Fields::read(&headers, body).await?;
    let params = Params::of(&uri)?;
    let source = auth::source(&app, fields.get("flow_token").or(params.get("flow_token")), None).await?;
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
    let changed = app.store.call(move |database| sources::update(database, source.id, change)).await?;
    let source = changed.ok_or_else(no_source)?;
    Ok(json_value(StatusCode::OK, shape::source(&source, &app.url)))
}

/// `DELETE …/sources/:id`: removes the source. From then on a post with its flow token gets a 410.
pub async fn remove(State(app): State<App>, InFlow { caller, flow, rest, .. }: InFlow) -> Result<Response, Refusal> {
    let source = find(&app, flow.key, &rest).await?;
    caller.require_source(&source)?;
    app.store.call(move |database| sources::remove(database, source.id)).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn find(app: &App, flow: FlowKey, rest: &[String]) -> Result<Source, Refusal> {
    let id = rest.first().and_then(|id| id.parse().ok()).ok_or_else(no_source)?;
    app.store.call(move |database| sources::by_id(database, flow, id)).await?.ok_or_else(no_source)
}

fn no_source() -> Refusal {
    Refusal::not_found("Source")
}
