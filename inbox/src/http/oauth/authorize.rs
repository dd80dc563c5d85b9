//! `/oauth/authorize`: asks the owner for consent, and sends the browser back to the application with the answer.

use axum::body::Body;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use super::form_token;
use super::page::{self, Consent};
use crate::app::App;
use crate::domain::grant::Grant;
use crate::domain::{Application, Holder};
use crate::http::answer::Refusal;
use crate::http::auth::{self, ClientNetwork};
use crate::http::body::Fields;
use crate::oauth::{OUT_OF_BAND, Scopes, is_challenge};
use crate::secret;
use crate::store::StoreError;
use crate::web_url::{origin, with_query};

/// The parameters that the consent page's form sends again, so that the form describes the same request. `flow` is the
/// inbox's own: the id of the flow from which the owner comes, which the page shows.
const PARAMETERS: [&str; 8] =
    ["client_id", "response_type", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method", "flow"];

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
pub async fn ask(State(app): State<App>, uri: Uri) -> Result<Response, Response> {
    let fields = Fields::of_pairs(uri.query().unwrap_or_default().as_bytes()).map_err(unreadable)?;
    let request = Request::read(&app, &fields).await?;
    request.consent(&app, &fields, None, false).await.map_err(failed)
}

/// `POST /oauth/authorize`: the owner's decision.
///
/// The form holds the API token or the token of a session. A browser gives neither of them to another site or another
/// port, so only the inbox's own page can send the form, and only after a click on it.
pub async fn decide(
    State(app): State<App>,
    ClientNetwork(network): ClientNetwork,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Response> {
    let fields = Fields::read(&headers, body).await.map_err(unreadable)?;
    let request = Request::read(&app, &fields).await?;
    // Anybody may refuse: a refusal gives nobody access.
    if fields.get("decision") != Some("authorise") {
        return Ok(request.back("access_denied", "The owner refused"));
    }
    if !may_be_own_page(&app, &headers) {
        return Err(page::problem(StatusCode::FORBIDDEN, "The decision came from a page that is not of this inbox."));
    }
    let shown = fields.get("form_token").unwrap_or_default();
    let secret = app.store.form_secret().await.map_err(failed)?;
    if !form_token::is_valid(&secret, &parameters(&fields), app.clock.now_ms(), shown) {
        let problem = "This page was out of date. Please decide again.";
        return request.consent(&app, &fields, Some(problem), false).await.map_err(failed);
    }
    let hash = secret::hash(fields.get("token").unwrap_or_default());
    match auth::holder(&app, network, hash).await {
        Ok(Holder::Owner | Holder::Session(_)) => {
            let answer = request.authorise(&app).await.map_err(failed)?;
            // See `Caller::check_again`.
            match app.store.holder(hash).await.map_err(failed)? {
                Holder::Owner | Holder::Session(_) => Ok(answer),
                _ => Err(page::problem(StatusCode::UNAUTHORIZED, "The token has ended meanwhile.")),
            }
        }
        Ok(_) => {
            let problem = "The API token is missing or is not that of this inbox.";
            request.consent(&app, &fields, Some(problem), true).await.map_err(failed)
        }
        Err(refusal) => Err(page::problem(refusal.status(), refusal.message())),
    }
}

/// Whether nothing says that a page of another site has sent the form. A page cannot set these headers itself. Some clients
/// and old browsers send neither.
fn may_be_own_page(app: &App, headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let is_own_origin = |given: &str| {
        let host = text(header::HOST).unwrap_or_default();
        [origin(&app.url), &format!("http://{host}"), &format!("https://{host}")].contains(&given)
    };
    let is_own_site = |site: &str| site == "same-origin";
    text(header::ORIGIN).is_none_or(is_own_origin)
        && text(header::HeaderName::from_static("sec-fetch-site")).is_none_or(is_own_site)
}

/// The parameters of the request that a form or a query holds.
fn parameters(fields: &Fields) -> Vec<(&'static str, &str)> {
    PARAMETERS.iter().filter_map(|name| Some((*name, fields.get(name)?))).collect()
}

/// `GET /oauth/authorize/:code`: shows the code of an out-of-band application. It shows nothing but a code, so that
/// nobody can use the path to put a text on a page of the inbox.
pub async fn show_code(code: Result<Path<String>, PathRejection>) -> Response {
    match code {
        Ok(Path(code)) if code.len() == 32 && code.bytes().all(|byte| byte.is_ascii_hexdigit()) => page::code(&code),
        _ => page::no_code(),
    }
}

impl Request {
    /// Reads a request. Until the redirect URI is known to belong to the application, a mistake is shown to the user
    /// and the browser is sent nowhere (RFC 6749, 4.1.2.1).
    async fn read(app: &App, fields: &Fields) -> Result<Request, Response> {
        let stop = |text: &str| page::problem(StatusCode::BAD_REQUEST, text);
        let found = app.store.application_by_client_id(fields.get("client_id").unwrap_or_default()).await;
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
        if !request.code_challenge.as_deref().is_none_or(|challenge| is_s256 && is_challenge(challenge)) {
            return Err(request.back("invalid_request", "code_challenge must be by the code_challenge_method S256"));
        }
        Ok(request)
    }

    async fn consent(
        &self,
        app: &App,
        fields: &Fields,
        problem: Option<&str>,
        is_token_refused: bool,
    ) -> Result<Response, StoreError> {
        let parameters = parameters(fields);
        let secret = app.store.form_secret().await?;
        let page = Consent {
            application: &self.application.profile.name,
            client_id: &self.application.credentials.client_id,
            inbox: &app.url,
            flow: fields.get("flow"),
            scopes: &self.scopes,
            redirect_uri: &self.redirect_uri,
            form_token: &form_token::of(&secret, &parameters, app.clock.now_ms()),
            parameters: &parameters,
            problem,
            is_token_refused,
        };
        Ok(page.page())
    }

    async fn authorise(self, app: &App) -> Result<Response, StoreError> {
        let grant = Grant {
            application: self.application.id,
            scopes: self.scopes.to_string(),
            redirect_uri: self.names_redirect_uri.then(|| self.redirect_uri.clone()),
            code_challenge: self.code_challenge.clone(),
        };
        let code = app.store.create_grant(grant).await?;
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
    let refusal = Refusal::from(error);
    page::problem(refusal.status(), refusal.message())
}
