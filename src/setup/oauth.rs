//! OAuth 2.0: the authorization code grant (RFC 6749, section 4.1) as Flowdock documents it, with PKCE (RFC 7636) for
//! servers that support it.

use std::fmt;

use super::form;
use super::operation::request;
use super::request::{ApiRequest, SetupError, of_oauth, unreadable};
use super::tokens::Tokens;
use crate::bytes::find;
use crate::error::ErrorCode;
use crate::http::{Failure, InvalidOption, Secret, check_base_url};
use crate::text::{concat, same_secret};

/// The redirect URI of an application without a page to return to: the user copies the code (docs).
pub const OUT_OF_BAND: &str = "urn:ietf:wg:oauth:2.0:oob";

/// The options of [`OAuth`].
#[derive(Clone)]
pub struct OAuthOptions {
    base_url: String,
    client_id: String,
    redirect_uri: String,
    client_secret: String,
    allow_http: bool,
}

impl OAuthOptions {
    /// Makes the options from the URL of the server, the id of the registered application, and the redirect URI: one of
    /// the application's registered URIs, or [`OUT_OF_BAND`].
    #[must_use]
    pub fn new(base_url: impl Into<String>, client_id: impl Into<String>, redirect_uri: impl Into<String>) -> Self {
        let (base_url, client_id, redirect_uri) = (base_url.into(), client_id.into(), redirect_uri.into());
        Self { base_url, client_id, redirect_uri, client_secret: String::new(), allow_http: false }
    }

    /// Sets the application's client secret. Only a server may hold it: whoever has it can act as the application and
    /// sign actions. A page or an extension must use PKCE instead, if the server supports it.
    #[must_use]
    pub fn client_secret(mut self, secret: impl Into<String>) -> Self {
        self.client_secret = secret.into();
        self
    }

    /// Allows plain http to a host that is not loopback. Everybody between here and that host can then read the secret.
    #[must_use]
    pub fn allow_http(mut self, allow: bool) -> Self {
        self.allow_http = allow;
        self
    }
}

impl fmt::Debug for OAuthOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuthOptions").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

/// Asks users for their permission.
///
/// ```
/// use flowdock_integration::setup::{Authorization, OAuth, OAuthOptions, read_callback};
///
/// let options = OAuthOptions::new("http://127.0.0.1:4400", "id", "https://app.example/back").client_secret("secret");
/// let oauth = OAuth::new(options)?;
/// let url = oauth.authorize_url(&Authorization { scope: "integration offline_access", state: "x7Qp", code_challenge: "" })?;
/// assert!(url.starts_with("http://127.0.0.1:4400/oauth/authorize?client_id=id&response_type=code&redirect_uri=https%3A"));
///
/// // The user comes back:
/// let code = read_callback("https://app.example/back?code=c0de&state=x7Qp", "x7Qp")?;
/// let request = oauth.exchange_code(&code, "")?;
/// // Your HTTP client sends request.method, request.url, request.headers() and request.body; then:
/// let tokens = request.read(200, r#"{ "access_token": "t0ken", "token_type": "bearer", "scope": "integration" }"#)?;
/// assert!(tokens.require(["integration"]).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct OAuth {
    base: String,
    client_id: String,
    redirect_uri: String,
    client_secret: Secret,
}

/// What the application asks a user for. Its `Debug` does not show the state.
#[derive(Clone, Copy)]
pub struct Authorization<'a> {
    /// The scopes, separated by spaces. Making a source needs `integration`, and getting a refresh token needs
    /// `offline_access` (docs).
    pub scope: &'a str,
    /// An unguessable text. Store it for this user, and compare it when the user comes back.
    pub state: &'a str,
    /// For PKCE, the base64url of the SHA-256 of the code verifier. Empty without PKCE.
    pub code_challenge: &'a str,
}

impl fmt::Debug for Authorization<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorization").field("scope", &self.scope).finish_non_exhaustive()
    }
}

impl OAuth {
    /// Makes the requests of one application.
    ///
    /// # Errors
    /// When an option cannot be used. The error names the option and never shows a secret.
    pub fn new(options: OAuthOptions) -> Result<Self, InvalidOption> {
        let OAuthOptions { base_url, client_id, redirect_uri, client_secret, allow_http } = options;
        let base = check_base_url(&base_url, allow_http)?.to_owned();
        if client_id.is_empty() {
            return Err(InvalidOption::new("clientId", "is required"));
        }
        check_redirect_uri(&redirect_uri)?;
        Ok(Self { base, client_id, redirect_uri, client_secret: Secret::new(client_secret) })
    }

    /// Returns the URL to which you send the user's browser.
    ///
    /// # Errors
    /// When the state is empty. Without a state, an attacker could let another user's browser finish what the attacker
    /// began (RFC 6749, section 10.12).
    pub fn authorize_url(&self, wanted: &Authorization<'_>) -> Result<String, InvalidOption> {
        let Authorization { scope, state, code_challenge } = *wanted;
        let method = if code_challenge.is_empty() { "" } else { "S256" };
        let values =
            [("scope", scope), ("state", state), ("codeChallenge", code_challenge), ("codeChallengeMethod", method)];
        Ok(self.request::<()>("authorizeUrl", &values)?.url)
    }

    /// Makes the request that exchanges a code for tokens. `code_verifier` is the code verifier of PKCE, or empty. A
    /// code can be exchanged once.
    ///
    /// # Errors
    /// When the code is empty.
    pub fn exchange_code(&self, code: &str, code_verifier: &str) -> Result<ApiRequest<Tokens>, InvalidOption> {
        self.request("exchangeCode", &[("code", code), ("codeVerifier", code_verifier)])
    }

    /// Makes the request for the next tokens. If the answer contains a new refresh token, the old one is no longer
    /// valid. So never send two requests with the same refresh token: one would fail, and a server may take it for
    /// theft.
    ///
    /// # Errors
    /// When the refresh token is empty.
    pub fn refresh(&self, refresh_token: &str) -> Result<ApiRequest<Tokens>, InvalidOption> {
        self.request("refresh", &[("refreshToken", refresh_token)])
    }

    fn request<T>(&self, name: &str, values: &[(&str, &str)]) -> Result<ApiRequest<T>, InvalidOption> {
        let own = [
            ("clientId", self.client_id.as_str()),
            ("clientSecret", self.client_secret.expose()),
            ("redirectUri", &self.redirect_uri),
        ];
        request(name, &self.base, None, &[&own, values].concat())
    }
}

/// Checks that users may be sent to a redirect URI.
pub(crate) fn check_redirect_uri(uri: &str) -> Result<(), InvalidOption> {
    // A redirect URI must not have a fragment (RFC 6749, section 3.1.2).
    if uri == OUT_OF_BAND || crate::validate::is_http_url(uri) && find(uri, 0, b'#').is_none() {
        return Ok(());
    }
    let message = "must be an absolute http or https URL without a fragment, or `urn:ietf:wg:oauth:2.0:oob`";
    Err(InvalidOption::new("redirectUri", message))
}

/// Returns the code from the URL to which the user came back.
///
/// # Errors
/// `state_mismatch` when this user's browser did not begin the authorization. `access_denied` when the user did not
/// give the permission. Any other error of the server has its own code.
pub fn read_callback(url: &str, expected_state: &str) -> Result<String, SetupError> {
    let value = |name| form::value(form::query(url), name).filter(|value| !value.is_empty());
    let fail = |code, message: &str| SetupError::new(Failure::new(code, message.to_owned()));
    if expected_state.is_empty() || !same_secret(&value("state").unwrap_or_default(), expected_state) {
        let message = "the `state` is not the one that this user was sent away with: begin again";
        return Err(fail(ErrorCode::StateMismatch, message));
    }
    if let Some(error) = value("error") {
        return Err(match of_oauth(&error) {
            Some(ErrorCode::AccessDenied) => fail(ErrorCode::AccessDenied, "the user did not allow it"),
            code => {
                let said = value("error_description").unwrap_or(error);
                fail(code.unwrap_or(ErrorCode::Rejected), &concat(&["the server refused it: ", &said]))
            }
        });
    }
    value("code").ok_or_else(|| unreadable(None))
}
