//! Applications: the owner registers and changes them here, as developers did on Flowdock's own pages.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::Value;

use crate::answer::{FieldErrors, Refusal, json_value};
use crate::auth::Owner;
use crate::body::Fields;
use crate::oauth::OUT_OF_BAND;
use crate::server::App;
use crate::shape;
use crate::store::Application;
use crate::store::applications::{self, Profile};
use crate::web_url::is_web_url;

/// `GET /oauth/applications`
pub async fn list(_: Owner, State(app): State<App>) -> Result<Response, Refusal> {
    let found = app.store.call(|database| applications::list(database)).await?;
    Ok(json_value(StatusCode::OK, found.iter().map(|one| shape::application(one, &app.url)).collect()))
}

/// `POST /oauth/applications`
pub async fn create(_: Owner, State(app): State<App>, headers: HeaderMap, body: Body) -> Result<Response, Refusal> {
    let profile = profile(&Fields::read(&headers, body).await?, None)?;
    let created = app.store.call(move |database| applications::create(database, profile)).await?;
    Ok(json_value(StatusCode::CREATED, with_secret(&app, &created)))
}

/// `GET /oauth/applications/:id`, with the client secret, so that a developer who lost the secret gets it again.
pub async fn get(
    _: Owner,
    State(app): State<App>,
    path: Result<Path<i64>, PathRejection>,
) -> Result<Response, Refusal> {
    let application = find(&app, path).await?;
    Ok(json_value(StatusCode::OK, with_secret(&app, &application)))
}

/// `PUT /oauth/applications/:id`: fields that the body leaves out stay unchanged.
pub async fn update(
    _: Owner,
    State(app): State<App>,
    path: Result<Path<i64>, PathRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let Application { id, credentials, profile: old } = find(&app, path).await?;
    let profile = profile(&Fields::read(&headers, body).await?, Some(old))?;
    let changed = Application { id, credentials, profile };
    let changed = app.store.call(move |database| applications::update(database, &changed).map(|()| changed)).await?;
    Ok(json_value(StatusCode::OK, shape::application(&changed, &app.url)))
}

async fn find(app: &App, path: Result<Path<i64>, PathRejection>) -> Result<Application, Refusal> {
    let no_application = || Refusal::not_found("Application");
    let Path(id) = path.map_err(|_| no_application())?;
    app.store.call(move |database| applications::by_id(database, id)).await?.ok_or_else(no_application)
}

fn with_secret(app: &App, application: &Application) -> Value {
    let mut shape = shape::application(application, &app.url);
    shape["client_secret"] = application.credentials.client_secret.as_str().into();
    shape
}

/// Reads a profile from the fields. A field that is missing keeps its value in `old`.
fn profile(fields: &Fields, old: Option<Profile>) -> Result<Profile, Refusal> {
    let mut errors = FieldErrors::default();
    let is_new = old.is_none();
    let old = old.unwrap_or_else(|| Profile {
        name: String::new(),
        icon_url: None,
        redirect_uris: vec![OUT_OF_BAND.to_owned()],
        setup_uri: None,
        configuration_uri: None,
    });
    let mut url = |name: &str, old: Option<String>| {
        if fields.has(name) { fields.optional_url(name, &mut errors) } else { old }
    };
    let icon_url = url("icon_url", old.icon_url);
    let setup_uri = url("setup_uri", old.setup_uri);
    let configuration_uri = url("configuration_uri", old.configuration_uri);
    let name = if is_new || fields.has("name") { fields.required("name", &mut errors) } else { old.name };
    let redirect_uris = match fields.value("redirect_uris") {
        None => old.redirect_uris,
        Some(value) => redirect_uris(value).unwrap_or_else(|problem| {
            errors.add("redirect_uris", problem);
            Vec::new()
        }),
    };
    if !errors.is_empty() {
        return Err(Refusal::invalid(errors));
    }
    Ok(Profile { name, icon_url, redirect_uris, setup_uri, configuration_uri })
}

/// Reads redirect URIs from a list, or from one string with white space between them, as a form has it.
fn redirect_uris(value: &Value) -> Result<Vec<String>, &'static str> {
    let texts: Option<Vec<&str>> = match value {
        Value::String(text) => Some(text.split_whitespace().collect()),
        Value::Array(list) => list.iter().map(Value::as_str).collect(),
        _ => None,
    };
    let texts = texts.ok_or("must be a list of URLs")?;
    // The code is added to the query of this URI, so the URI must have no fragment (RFC 6749, 3.1.2).
    let is_legal = |uri: &str| uri == OUT_OF_BAND || (is_web_url(uri) && !uri.contains('#'));
    if texts.is_empty() || !texts.iter().all(|uri| is_legal(uri)) {
        return Err("must be absolute http or https URLs without a fragment, or urn:ietf:wg:oauth:2.0:oob");
    }
    Ok(texts.into_iter().map(str::to_owned).collect())
}
