//! `/oauth/authorize`: asks the owner for consent, and sends the browser back to the application with the answer.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use super::page::{self, Consent};
use super::session::{self, Session};
use super::{OUT_OF_BAND, Scopes};
use crate::answer::Refusal;
use crate::body::Fields;
use crate::server::App;
use crate::store::grants::{self, Grant};
use crate::store::{Application, StoreError, applications, tokens};
use crate::web_url::with_query;

/// The parameters that the consent page's form sends again, so that the form describes the same request.
const PARAMETERS: [&str; 7] =
    ["client_id", "response_type", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method"];

/// A valid request for the owner's consent.
struct Request {
    application: Application,
    redirect_uri: String,
    /// Whether the request named the redirect URI.
    names_redirect_uri: bool,
    scopes: Scopes,
    state: Option<String>,
    code_challenge: Option<String>,
}

/// `GET /oauth/authorize`
pub async fn ask(State(app): State<App>, uri: Uri, headers: HeaderMap) -> Result<Response, Response> {
    let fields = Fields::of_pairs(uri.query().unwrap_or_default().as_bytes()).map_err(unreadable)?;
    let request = Request::read(&app, &fields).await?;
    let session = Session::of(&app, &headers).await.map_err(failed)?;
    Ok(request.consent(&fields, session.as_ref(), None))
}

/// `POST /oauth/authorize`: the owner's decision.
pub async fn decide(State(app): State<App>, headers: HeaderMap, body: Body) -> Result<Response, Response> {
    let fields = Fields::read(&headers, body).await.map_err(unreadable)?;
    let request = Request::read(&app, &fields).await?;
    // Anybody may refuse: a refusal gives nobody access.
    if fields.get("decision") != Some("authorise") {
        return Ok(request.back("access_denied", "The owner refused"));
    }
    let session = Session::of(&app, &headers).await.map_err(failed)?;
    let signed_in = match (&session, fields.get("form_token"), fields.get("api_token")) {
        // Compares hashes, so that the time of the comparison reveals nothing about the token.
        (Some(session), Some(given), _) if tokens::hash(given) == tokens::hash(&session.form_token()) => None,
        (_, _, Some(api_token)) if is_owner(&app, api_token).await.map_err(failed)? => {
            Some(session::create(&app).await.map_err(IntoResponse::into_response)?)
        }
        _ => {
            let problem = if session.is_some() {
                "This page was out of date. Please decide again."
            } else {
                "The API token is missing or is not that of this inbox."
            };
            return Ok(request.consent(&fields, session.as_ref(), Some(problem)));
        }
    };
    let mut response = request.authorise(&app).await.map_err(failed)?;
    if let Some(cookie) = signed_in {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// `GET /oauth/authorize/:code`: shows the code of an out-of-band application. It shows nothing but a code, so that
/// nobody can use the path to put a text on a page of the inbox.
pub async fn show_code(code: Result<Path<String>, PathRejection>) -> Response {
    match code {
        Ok(Path(code)) if code.len() == 32 && code.bytes().all(|byte| byte.is_ascii_hexdigit()) => page::code(&code),
        _ => page::no_code(),
    }
}

async fn is_owner(app: &App, api_token: &str) -> Result<bool, StoreError> {
    let hash = tokens::hash(api_token);
    app.store.call(move |database| tokens::is_api_token(database, hash)).await
}

impl Request {
    /// Reads a request. Until the redirect URI is known to belong to the application, a mistake is shown to the user
    /// and the browser is sent nowhere (RFC 6749, 4.1.2.1).
    async fn read(app: &App, fields: &Fields) -> Result<Request, Response> {
        let stop = |text: &str| page::problem(StatusCode::BAD_REQUEST, text);
        let client_id = fields.get("client_id").unwrap_or_default().to_owned();
        let found = app.store.call(move |database| applications::by_client_id(database, &client_id)).await;
        let application =
            found.map_err(failed)?.ok_or_else(|| stop("The client_id belongs to no application of this inbox."))?;
        let redirect_uri = match (fields.get("redirect_uri"), application.profile.redirect_uris.as_slice()) {
            (Some(given), registered) if registered.iter().any(|uri| uri == given) => given.to_owned(),
            (Some(_), _) => return Err(stop("The redirect_uri is none that the application registered.")),
            (None, [only]) => only.clone(),
            (None, _) => return Err(stop("The redirect_uri is missing; the application has several.")),
        };

        let state = fields.get("state").map(str::to_owned);
        let code_challenge = fields.get("code_challenge").map(str::to_owned);
        let names_redirect_uri = fields.get("redirect_uri").is_some();
        let scopes = Scopes::default();
        let mut request = Request { application, redirect_uri, names_redirect_uri, scopes, state, code_challenge };
        match fields.get("response_type") {
            Some("code") => (),
            None => return Err(request.back("invalid_request", "response_type is missing")),
            Some(_) => return Err(request.back("unsupported_response_type", "response_type must be code")),
        }
        match Scopes::parse(fields.get("scope").unwrap_or_default()) {
            Some(scopes) => request.scopes = scopes,
            None => return Err(request.back("invalid_scope", "scope names an unknown scope")),
        }
        let is_s256 = fields.get("code_challenge_method") == Some("S256");
        if !request.code_challenge.as_deref().is_none_or(|challenge| is_s256 && is_sha256(challenge)) {
            return Err(request.back("invalid_request", "code_challenge must be by the code_challenge_method S256"));
        }
        Ok(request)
    }

    fn consent(&self, fields: &Fields, session: Option<&Session>, problem: Option<&str>) -> Response {
        let parameters: Vec<_> = PARAMETERS.iter().filter_map(|name| Some((*name, fields.get(name)?))).collect();
        Consent {
            application: &self.application.profile.name,
            scopes: &self.scopes,
            redirect_uri: &self.redirect_uri,
            parameters: &parameters,
            form_token: session.map(Session::form_token).as_deref(),
            problem,
        }
        .page()
    }

    async fn authorise(self, app: &App) -> Result<Response, StoreError> {
        let grant = Grant {
            application: self.application.id,
            scopes: self.scopes.to_string(),
            redirect_uri: self.names_redirect_uri.then(|| self.redirect_uri.clone()),
            code_challenge: self.code_challenge.clone(),
        };
        let code = app.store.call(move |database| grants::create(database, &grant)).await?;
        Ok(if self.redirect_uri == OUT_OF_BAND {
            // The location is relative to the form's URL. So it keeps a path that a server in front of the inbox puts
            // before the inbox's own paths.
            see_other(&format!("authorize/{code}"))
        } else {
            self.redirect(&[("code", &code)])
        })
    }

    /// Sends the browser back to the application with an error. An out-of-band application has no URI to go back to, so
    /// the error is shown to the user.
    fn back(&self, error: &str, description: &str) -> Response {
        if self.redirect_uri == OUT_OF_BAND {
            return page::problem(StatusCode::BAD_REQUEST, &format!("{error}: {description}."));
        }
        self.redirect(&[("error", error), ("error_description", description)])
    }

    fn redirect(&self, answer: &[(&str, &str)]) -> Response {
        let state = self.state.as_deref().map(|state| ("state", state));
        let pairs: Vec<_> = answer.iter().copied().chain(state).collect();
        see_other(&with_query(&self.redirect_uri, &pairs))
    }
}

/// Whether a PKCE challenge has the form of a SHA-256 hash in base64url.
fn is_sha256(challenge: &str) -> bool {
    challenge.len() == 43 && challenge.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// A redirect with 303, so that the browser does not send the form's fields to the application (RFC 9700, 4.12).
fn see_other(location: &str) -> Response {
    let headers = [
        (header::LOCATION, HeaderValue::try_from(location).ok()),
        (header::CACHE_CONTROL, Some(HeaderValue::from_static("no-store"))),
        (header::REFERRER_POLICY, Some(HeaderValue::from_static("no-referrer"))),
    ];
    let mut response = StatusCode::SEE_OTHER.into_response();
    for (name, value) in headers {
        if let Some(value) = value {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn unreadable(refusal: Refusal) -> Response {
    page::problem(StatusCode::BAD_REQUEST, refusal.message())
}

fn failed(error: StoreError) -> Response {
    page::problem(StatusCode::INTERNAL_SERVER_ERROR, Refusal::from(error).message())
}
