//! `POST /oauth/token`: exchanges a code or a refresh token for tokens.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{Scope, Scopes, client};
use crate::answer::Refusal;
use crate::body::Fields;
use crate::server::App;
use crate::store::grants::{self, Grant, GrantError, Issued, Kind};
use crate::store::{Application, StoreError, tokens};

/// Why a request for tokens was refused (RFC 6749, 5.2).
pub struct TokenError {
    status: StatusCode,
    code: &'static str,
    description: String,
    /// Whether the answer has a `WWW-Authenticate` header, because the client tried HTTP Basic.
    challenge: bool,
}

impl TokenError {
    fn bad(code: &'static str, description: impl Into<String>) -> TokenError {
        TokenError { status: StatusCode::BAD_REQUEST, code, description: description.into(), challenge: false }
    }

    /// A part of the request is missing or cannot be read.
    pub fn invalid_request(description: impl Into<String>) -> TokenError {
        TokenError::bad("invalid_request", description)
    }

    /// The client is unknown, or its secret is wrong. `challenge` is true if the client tried HTTP Basic.
    pub fn invalid_client(challenge: bool) -> TokenError {
        let description = "client_id and client_secret are missing or wrong".to_owned();
        TokenError { status: StatusCode::UNAUTHORIZED, code: "invalid_client", description, challenge }
    }
}

impl From<StoreError> for TokenError {
    fn from(error: StoreError) -> TokenError {
        let description = Refusal::from(error).message().to_owned();
        TokenError { status: StatusCode::INTERNAL_SERVER_ERROR, ..TokenError::bad("server_error", description) }
    }
}

/// Answers a request for tokens. The answer is a form or JSON, as the client prefers; both have the same fields.
pub async fn token(State(app): State<App>, headers: HeaderMap, body: Body) -> Response {
    match grant(&app, &headers, body).await {
        Ok(answer) => answered(StatusCode::OK, &headers, answer),
        Err(error) => {
            let answer = json!({ "error": error.code, "error_description": error.description });
            let mut response = answered(error.status, &headers, answer);
            if error.challenge {
                let challenge = HeaderValue::from_static("Basic realm=\"Flowdock inbox\"");
                response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
            }
            response
        }
    }
}

async fn grant(app: &App, headers: &HeaderMap, body: Body) -> Result<Value, TokenError> {
    let fields = Fields::read(headers, body).await;
    let fields = fields.map_err(|refusal| TokenError::invalid_request(refusal.message()))?;
    let application = client::authenticate(app, headers, &fields).await?;
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
        _ => {
            let description = "`grant_type` must be `authorization_code` or `refresh_token`";
            return Err(TokenError::bad("unsupported_grant_type", description));
        }
    };
    let issued = issued.map_err(|error| match error {
        GrantError::Store(error) => error.into(),
        error => TokenError::bad("invalid_grant", error.to_string()),
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

async fn redeem(
    app: &App,
    application: &Application,
    kind: Kind,
    token: &str,
    fits: impl FnOnce(&Grant) -> Result<(), GrantError> + Send + 'static,
) -> Result<Issued, GrantError> {
    let (hash, application) = (tokens::hash(token), application.id);
    let lifetime_ms = i64::try_from(app.settings.token_lifetime.as_millis()).unwrap_or(i64::MAX);
    let is_lasting = |scopes: &str| Scopes::parse(scopes).is_some_and(|scopes| scopes.contains(Scope::OfflineAccess));
    app.store
        .call(move |database| grants::redeem(database, kind, hash, application, lifetime_ms, fits, is_lasting))
        .await
}

/// The other fields of a request that exchanges a code.
struct CodeRequest {
    redirect_uri: Option<String>,
    verifier: Option<String>,
    registered: Vec<String>,
}

impl CodeRequest {
    fn fits(&self, grant: &Grant) -> Result<(), GrantError> {
        let is_same_uri = match (&grant.redirect_uri, &self.redirect_uri) {
            (Some(granted), given) => Some(granted) == given.as_ref(),
            // The authorisation named no redirect URI, so it used the application's only one.
            (None, Some(given)) => self.registered.contains(given),
            (None, None) => true,
        };
        if !is_same_uri {
            return Err(GrantError::Mismatch("the redirect_uri is not that of the authorisation"));
        }
        let is_verified = match (&grant.code_challenge, &self.verifier) {
            (Some(challenge), Some(verifier)) => *challenge == BASE64_URL_SAFE_NO_PAD.encode(tokens::hash(verifier)),
            // A verifier without a challenge is refused: somebody may have removed the challenge from the authorisation
            // (RFC 9700, 4.8.2).
            (None, None) => true,
            _ => false,
        };
        if is_verified {
            Ok(())
        } else {
            Err(GrantError::Mismatch("the code_verifier is not that of the code_challenge"))
        }
    }
}

/// Checks the scopes that a refresh asks for. Fewer scopes than granted are accepted; the new tokens keep all granted
/// scopes, and the answer names them. More scopes than granted are refused.
fn fits_scopes(wanted: Option<Option<Scopes>>, grant: &Grant) -> Result<(), GrantError> {
    let granted = Scopes::parse(&grant.scopes);
    match (wanted, granted) {
        (None, _) => Ok(()),
        (Some(Some(wanted)), Some(granted)) if granted.include(&wanted) => Ok(()),
        _ => Err(GrantError::Mismatch("the scope is more than was granted")),
    }
}

/// Builds an answer that no cache stores. It is form-encoded, as Flowdock does by default, or JSON if the client asks
/// for it.
fn answered(status: StatusCode, headers: &HeaderMap, answer: Value) -> Response {
    let (content_type, text) = if wants_json(headers) {
        ("application/json; charset=utf-8", answer.to_string())
    } else {
        ("application/x-www-form-urlencoded", as_form(&answer))
    };
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let more = response.headers_mut();
    more.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    more.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
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

fn wants_json(headers: &HeaderMap) -> bool {
    let accepts = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let mut ranges = accepts.flat_map(|accept| accept.split(',')).filter_map(|range| range.split(';').next());
    ranges.any(|range| range.trim().eq_ignore_ascii_case("application/json"))
}
