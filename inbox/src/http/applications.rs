//! Applications: the owner registers and changes them here, as developers did on Flowdock's own pages.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::answer::{Refusal, json_value};
use super::auth::{Owner, OwnerWithPassword};
use super::body::{Fields, MAX_TEXT_BYTES};
use super::path::{self, Id, missing};
use super::views;
use crate::app::App;
use crate::domain::{Application, FieldErrors, Profile};
use crate::oauth::OUT_OF_BAND;
use crate::web_url::is_web_url;

/// How many redirect URIs an application may have.
const MAX_REDIRECT_URIS: usize = 100;

/// `GET /oauth/applications`
pub async fn list(_: Owner, State(app): State<App>) -> Result<Response, Refusal> {
    let found = app.store.applications().await?;
    Ok(json_value(StatusCode::OK, found.iter().map(|one| views::application(one, &app.url)).collect()))
}

/// `POST /oauth/applications`. The fields may be those of an object `application`.
pub async fn create(
    OwnerWithPassword(owner): OwnerWithPassword,
    State(app): State<App>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let fields = owner.fields(&app, &headers, body).await?.unwrapped("application");
    let profile = profile(&fields, None)?;
    let created = app.store.create_application(profile).await?;
    owner.check_again(&app).await?;
    Ok(json_value(StatusCode::CREATED, with_secret(&app, &created)))
}

/// `GET /oauth/applications/:id`, with the client secret, so that a developer who lost the secret gets it again.
pub async fn get(
    Owner(owner): Owner,
    State(app): State<App>,
    Id(id): Id<path::Application>,
) -> Result<Response, Refusal> {
    let application = find(&app, id).await?;
    owner.check_again(&app).await?;
    Ok(json_value(StatusCode::OK, with_secret(&app, &application)))
}

/// `PUT /oauth/applications/:id`: fields that the body leaves out stay unchanged.
pub async fn update(
    Owner(owner): Owner,
    State(app): State<App>,
    Id(id): Id<path::Application>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Refusal> {
    let old = find(&app, id).await?.profile;
    let profile = profile(&owner.fields(&app, &headers, body).await?, Some(old))?;
    let changed = app.store.update_application(id, profile).await?.ok_or_else(missing::<path::Application>)?;
    Ok(json_value(StatusCode::OK, views::application(&changed, &app.url)))
}

/// `POST /oauth/applications/:id/secret`: makes a new client secret. The old one is good for one more day, and until
/// then it signs the actions: the application may not have the new one yet.
pub async fn renew_secret(
    Owner(owner): Owner,
    State(app): State<App>,
    Id(id): Id<path::Application>,
) -> Result<Response, Refusal> {
    find(&app, id).await?;
    let renewed = app.store.renew_secret(id).await?.ok_or_else(missing::<path::Application>)?;
    owner.check_again(&app).await?;
    Ok(json_value(StatusCode::CREATED, with_secret(&app, &renewed)))
}

/// `DELETE /oauth/applications/:id`: removes the application with its sources and its grants. Its messages stay.
pub async fn remove(_: Owner, State(app): State<App>, Id(id): Id<path::Application>) -> Result<Response, Refusal> {
    find(&app, id).await?;
    app.store.remove_application(id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

async fn find(app: &App, id: i64) -> Result<Application, Refusal> {
    app.store.application(id).await?.ok_or_else(missing::<path::Application>)
}

fn with_secret(app: &App, application: &Application) -> Value {
    let mut shape = views::application(application, &app.url);
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
    // Flowdock's own script has one URI, under another name.
    let given = ["redirect_uris", "redirect_uri"].into_iter().find_map(|name| Some((name, fields.value(name)?)));
    let redirect_uris = match given {
        None => old.redirect_uris,
        Some((name, value)) => redirect_uris(value).unwrap_or_else(|problem| {
            errors.add(name, &problem);
            Vec::new()
        }),
    };
    if !errors.is_empty() {
        return Err(Refusal::invalid(errors));
    }
    Ok(Profile { name, icon_url, redirect_uris, setup_uri, configuration_uri })
}

/// Reads redirect URIs from a list, or from one string with white space between them, as a form has it.
fn redirect_uris(value: &Value) -> Result<Vec<String>, String> {
    let texts: Option<Vec<&str>> = match value {
        Value::String(text) => Some(text.split_whitespace().collect()),
        Value::Array(list) => list.iter().map(Value::as_str).collect(),
        _ => None,
    };
    let texts = texts.ok_or("must be a list of URLs")?;
    // The code is added to the query of this URI, so the URI must have no fragment (RFC 6749, 3.1.2).
    let is_legal = |uri: &str| uri == OUT_OF_BAND || (is_web_url(uri) && !uri.contains('#'));
    if texts.len() > MAX_REDIRECT_URIS || texts.iter().any(|uri| uri.len() > MAX_TEXT_BYTES) {
        return Err(format!("must be at most {MAX_REDIRECT_URIS} URLs of at most {MAX_TEXT_BYTES} bytes"));
    }
    if texts.is_empty() || !texts.iter().all(|uri| is_legal(uri)) {
        return Err(format!("must be absolute http or https URLs without a fragment, or {OUT_OF_BAND}"));
    }
    Ok(texts.into_iter().map(str::to_owned).collect())
}
