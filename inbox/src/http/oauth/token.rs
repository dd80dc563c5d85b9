//! `POST /oauth/token`: exchanges a code, a refresh token or the owner's password for tokens.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

use super::client;
use super::error::TokenError;
use crate::app::App;
use crate::domain::grant::{Grant, Issued, Kind, Refused};
use crate::domain::{Application, Holder};
use crate::http::auth::{self, ClientNetwork, IsLocal};
use crate::http::body::Fields;
use crate::http::media;
use crate::oauth::{CodeRequest, Scope, Scopes, fits_scopes};
use crate::secret;
use crate::store::GrantError;

/// Answers a request for tokens. The answer is a form or JSON, as the client prefers; both have the same fields.
pub async fn token(
    State(app): State<App>,
    network: ClientNetwork,
    IsLocal(is_local): IsLocal,
    headers: HeaderMap,
    body: Body,
) -> Response {
    match grant(&app, network, is_local, &headers, body).await {
        Ok(answer) => answered(StatusCode::OK, &headers, answer),
        Err(error) => {
            let mut response = answered(error.status(), &headers, error.json());
            response.headers_mut().extend(error.headers());
            response
        }
    }
}

async fn grant(
    app: &App,
    network: ClientNetwork,
    is_local: bool,
    headers: &HeaderMap,
    body: Body,
) -> Result<Value, TokenError> {
    let fields = Fields::read(headers, body).await?;
    let application = client::authenticate(app, network, headers, &fields).await?;
    let required = |name: &str| {
        let field = fields.get(name).map(str::to_owned);
        field.ok_or_else(|| TokenError::invalid_request(format!("`{name}` is missing")))
    };
    let issued = match required("grant_type")?.as_str() {
        "authorization_code" => {
            let code = required("code")?;
            let request = CodeRequest {
                redirect_uri: fields.get("redirect_uri").map(str::to_owned),
                verifier: fields.get("code_verifier").map(str::to_owned),
                registered: application.profile.redirect_uris.clone(),
            };
            redeem(app, &application, Kind::Code, &code, move |grant| request.fits(grant)).await
        }
        "refresh_token" => {
            let refresh_token = required("refresh_token")?;
            let wanted = fields.get("scope").map(Scopes::parse);
            redeem(app, &application, Kind::Refresh, &refresh_token, move |grant| fits_scopes(wanted, grant)).await
        }
        // An application should never see what opens everything. On the owner's own machine it could see it anyway.
        "password" if !is_local => {
            let description = "`password` is only for an inbox that no other machine reaches";
            return Err(TokenError::bad("unauthorized_client", description));
        }
        "password" => {
            let code = consent(app, network, &application, &fields).await?;
            redeem(app, &application, Kind::Code, &code, |_| Ok(())).await
        }
        _ => {
            let description = "`grant_type` must be `authorization_code`, `refresh_token` or `password`";
            return Err(TokenError::bad("unsupported_grant_type", description));
        }
    };
    let issued = issued.map_err(|error| match error {
        GrantError::Store(error) => error.into(),
        GrantError::Refused(error) => TokenError::bad("invalid_grant", error.to_string()),
    })?;
    let scopes = Scopes::parse(&issued.scopes).map(|scopes| scopes.with_commas());
    let mut answer = json!({
        "access_token": issued.access_token,
        "token_type": "bearer",
        "expires_in": app.settings.token_lifetime.as_secs(),
        "scope": scopes,
    });
    if let Some(refresh_token) = issued.refresh_token {
        answer["refresh_token"] = refresh_token.into();
    }
    Ok(answer)
}

/// Takes the API token, which the owner gave as the password, for the owner's consent. Returns the code of the grant.
async fn consent(
    app: &App,
    ClientNetwork(network): ClientNetwork,
    application: &Application,
    fields: &Fields,
) -> Result<String, TokenError> {
    let scopes = Scopes::parse(fields.get("scope").unwrap_or_default())
        .ok_or_else(|| TokenError::bad("invalid_scope", "scope names an unknown scope"))?;
    let password = fields.get("password").ok_or_else(|| TokenError::invalid_request("`password` is missing"))?;
    let hash = secret::hash(password);
    let refused = || TokenError::bad("invalid_grant", "the password is not the API token");
    let Holder::Owner = auth::holder(app, network, hash).await? else { return Err(refused()) };
    let scopes = scopes.to_string();
    let grant = Grant { application: application.id, scopes, redirect_uri: None, code_challenge: None };
    let code = app.store.create_grant(grant).await?;
    // See `Caller::check_again`.
    let Holder::Owner = app.store.holder(hash).await? else { return Err(refused()) };
    Ok(code)
}

async fn redeem(
    app: &App,
    application: &Application,
    kind: Kind,
    token: &str,
    fits: impl FnOnce(&Grant) -> Result<(), Refused> + Send + 'static,
) -> Result<Issued, GrantError> {
    let lifetime_ms = i64::try_from(app.settings.token_lifetime.as_millis()).unwrap_or(i64::MAX);
    let is_lasting = |scopes: &str| Scopes::parse(scopes).is_some_and(|scopes| scopes.contains(Scope::OfflineAccess));
    app.store.redeem(kind, secret::hash(token), application.id, lifetime_ms, fits, is_lasting).await
}

/// Builds an answer. It is form-encoded, as Flowdock does by default, or JSON if the client asks
/// for it.
fn answered(status: StatusCode, headers: &HeaderMap, answer: Value) -> Response {
    let (content_type, text) = if media::accepts(headers, media::JSON) {
        ("application/json; charset=utf-8", answer.to_string())
    } else {
        ("application/x-www-form-urlencoded", as_form(&answer))
    };
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let more = response.headers_mut();
    more.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    more.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

fn as_form(answer: &Value) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for (name, value) in answer.as_object().into_iter().flatten() {
        match value.as_str() {
            Some(text) => form.append_pair(name, text),
            None => form.append_pair(name, &value.to_string()),
        };
    }
    form.finish()
}
