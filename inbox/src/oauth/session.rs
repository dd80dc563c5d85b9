//! Whether the person at a browser is the owner.
//!
//! The consent page is the one place where a click counts and not a token: whoever clicks there must be known to be the
//! owner, or any program on the network could allow itself everything. So the page asks for the API token, once for a
//! browser; a cookie remembers that. The demo page, which has the API token, signs its browser in by itself, so that there
//! the consent is one click.
//!
//! The cookie opens nothing but that page. Browsers send cookies of 127.0.0.1 to every port of it, also to the application
//! that somebody develops there, so it is bound to the one path. SameSite=Lax lets it come along when an application sends
//! the browser here, and keeps it out of forms and pictures of others.

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

/// A browser in which the owner has signed in.
pub struct Session {
    token: String,
}

impl Session {
    /// The session of a request, if it has one.
    pub async fn of(app: &App, headers: &HeaderMap) -> Result<Option<Session>, StoreError> {
        let Some(token) = cookie(headers) else { return Ok(None) };
        let hash = tokens::hash(&token);
        let is_open = app.store.call(move |database| sessions::is_open(database, hash)).await?;
        Ok(is_open.then_some(Session { token }))
    }

    /// A text that only a page of this inbox, shown in this browser, can know: it proves that a form was sent from there.
    pub fn form_token(&self) -> String {
        tokens::hash(&format!("form {}", self.token)).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Signs the browser in: the value of a `Set-Cookie`.
pub async fn create(app: &App) -> Result<HeaderValue, Refusal> {
    let token = app.store.call(|database| sessions::create(database)).await?;
    let path = web_url::path(&app.url);
    let secure = if web_url::is_secure(&app.url) { "; Secure" } else { "" };
    let cookie = format!(
        "{COOKIE}={token}; Path={path}/oauth/authorize; Max-Age={SESSION_SECONDS}; HttpOnly; SameSite=Lax{secure}"
    );
    HeaderValue::try_from(cookie).map_err(|_| Refusal::unreadable("The session cannot be written"))
}

/// `POST /session`, with the API token: signs the browser in that asks.
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
