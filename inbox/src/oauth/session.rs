//! Sessions: whether the person at a browser is the owner.
//!
//! Everywhere else a token proves who asks. On the consent page a click decides, so the page must know that the owner
//! clicks. Otherwise any program on the network could give itself access. So the page asks for the API token, once for
//! each browser, and a cookie remembers it. The demo page has the API token and signs its browser in by itself, so
//! there the consent takes one click.
//!
//! The cookie is valid only for the consent page. Browsers send the cookies of 127.0.0.1 to all its ports, also to the
//! application that somebody develops there, so the cookie is bound to that one path. With SameSite=Lax a browser sends
//! the cookie when an application redirects to the consent page, but not with forms and pictures of other sites.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::answer::Refusal;
use crate::auth::Owner;
use crate::server::App;
use crate::store::sessions::{self, SESSION_SECONDS};
use crate::store::{StoreError, tokens};
use crate::web_url;

const COOKIE: &str = "flowdock_inbox_session";

/// The session of a browser in which the owner has signed in.
pub struct Session {
    token: String,
}

impl Session {
    /// The session of a request, if the request has a valid session cookie.
    pub async fn of(app: &App, headers: &HeaderMap) -> Result<Option<Session>, StoreError> {
        let Some(token) = cookie(headers) else { return Ok(None) };
        let hash = tokens::hash(&token);
        let is_open = app.store.call(move |database| sessions::is_open(database, hash)).await?;
        Ok(is_open.then_some(Session { token }))
    }

    /// A text that only a page of this inbox in this browser can know. It proves that such a page sent a form.
    pub fn form_token(&self) -> String {
        tokens::hash(&format!("form {}", self.token)).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Creates a session. Returns the value of the `Set-Cookie` header that signs the browser in.
pub async fn create(app: &App) -> Result<HeaderValue, Refusal> {
    let token = app.store.call(|database| sessions::create(database)).await?;
    let path = web_url::path(&app.url);
    let secure = if web_url::is_secure(&app.url) { "; Secure" } else { "" };
    let cookie = format!(
        "{COOKIE}={token}; Path={path}/oauth/authorize; Max-Age={SESSION_SECONDS}; HttpOnly; SameSite=Lax{secure}"
    );
    HeaderValue::try_from(cookie).map_err(|_| Refusal::unreadable("The session cannot be written"))
}

/// `POST /session`, with the API token: signs the browser in that sends the request.
pub async fn begin(_: Owner, State(app): State<App>) -> Result<Response, Refusal> {
    let cookie = create(&app).await?;
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]).into_response())
}

fn cookie(headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find_map(|(name, value)| (name == COOKIE).then(|| value.to_owned()))
}
