//! Finds out who sent a request. A flow token posts to one flow. The API token belongs to the owner and gives access to
//! everything, as the session of a page does. An access token gives an application what the owner allowed.

use std::net::IpAddr;

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use super::answer::Refusal;
use super::body::{self, Fields};
use super::params::Params;
use super::peer;
use crate::app::App;
use crate::domain::session::Session;
use crate::domain::{Holder, Source};
use crate::oauth::{Scope, Scopes};
use crate::secret::{self, Hash};

/// The sender of a request. A handler with this argument refuses everybody who has no valid token.
#[derive(Debug)]
pub struct Caller {
    /// Who it is.
    pub who: Who,
    /// The hash of the token, with which a stream asks later whether the token is still valid.
    pub hash: Hash,
    /// Whether the request sent the token as a bearer token.
    is_bearer: bool,
    /// When the token expires, in milliseconds since 1970. `None` if it does not.
    pub expires_ms: Option<i64>,
}

/// Who sent a request.
#[derive(Debug)]
pub enum Who {
    /// The owner, with the API token.
    Owner,
    /// The owner, on a page that has a session.
    Session(Session),
    /// An application, with an access token.
    Application {
        /// The application's id.
        id: i64,
        /// What the owner allowed the application.
        scopes: Scopes,
    },
}

impl Caller {
    /// Refuses an application that has none of these scopes.
    pub fn require(&self, any_of: &[Scope]) -> Result<(), Refusal> {
        match &self.who {
            Who::Application { scopes, .. } if !any_of.iter().any(|scope| scopes.contains(*scope)) => {
                Err(Refusal::scope_missing(&any_of.iter().map(|scope| scope.name()).collect::<Vec<_>>()))
            }
            _ => Ok(()),
        }
    }

    /// Refuses everybody but the owner.
    pub fn require_owner(&self) -> Result<(), Refusal> {
        match self.who {
            Who::Owner | Who::Session(_) => Ok(()),
            Who::Application { .. } => Err(Refusal::owner_only()),
        }
    }

    /// Refuses an application that may change no sources, or to which this source does not belong.
    pub fn require_source(&self, source: &Source) -> Result<(), Refusal> {
        self.require(&[Scope::Integration])?;
        match self.who {
            Who::Application { id, .. } if id != source.application.id => {
                Err(Refusal::forbidden("The source belongs to another application"))
            }
            _ => Ok(()),
        }
    }

    /// Reads the fields of the request's body.
    ///
    /// A body may take minutes. So the token is looked up again after it was read, because it may have ended meanwhile.
    pub async fn fields(&self, app: &App, headers: &HeaderMap, body: Body) -> Result<Fields, Refusal> {
        let fields = Fields::read(headers, body).await;
        self.check_again(app).await?;
        fields
    }

    /// Reads the request's body as JSON, as [`Caller::fields`] does.
    pub async fn json(&self, app: &App, headers: &HeaderMap, body: Body) -> Result<Value, Refusal> {
        let value = body::json(headers, body).await;
        self.check_again(app).await?;
        value
    }

    /// Refuses the caller if its token has ended since it was looked up. An answer with a new secret is checked like this, too: `--new-tokens`
    /// ends what was stored before it, and this refuses what was stored after it.
    pub async fn check_again(&self, app: &App) -> Result<(), Refusal> {
        match app.store.holder(self.hash).await? {
            Holder::Expired => Err(Refusal::access_token_refused("has expired")),
            Holder::Unknown => Err(unknown(self.is_bearer)),
            _ => Ok(()),
        }
    }

    /// Finds the caller of a request. `token_in_query` allows the token in the query as well as in a header.
    ///
    /// A URL is written into logs and histories, so only a stream takes its token from there: an `EventSource` can send
    /// no header.
    pub async fn of(parts: &Parts, app: &App, token_in_query: bool) -> Result<Caller, Refusal> {
        let credentials = match Credentials::in_header(parts) {
            Some(credentials) => Some(credentials?),
            None if token_in_query => Credentials::in_query(&Params::of(&parts.uri)?),
            None => None,
        };
        let credentials = credentials.ok_or_else(Refusal::api_token_refused)?;
        let hash = secret::hash(&credentials.token);
        let network = peer::client_network(parts, &app.settings.trusted_proxies);
        let (who, expires_ms) = match holder(app, network, hash).await? {
            Holder::Owner => (Who::Owner, None),
            Holder::Session(session) => {
                let expires_ms = session.expires_ms;
                (Who::Session(session), Some(expires_ms))
            }
            Holder::Application(access) => {
                let scopes = Scopes::parse(&access.scopes)
                    .ok_or_else(|| Refusal::access_token_refused("has a scope that this inbox does not know"))?;
                (Who::Application { id: access.application, scopes }, access.expires_ms)
            }
            Holder::Expired => return Err(Refusal::access_token_refused("has expired")),
            Holder::Unknown => return Err(unknown(credentials.is_bearer)),
        };
        Ok(Caller { who, hash, is_bearer: credentials.is_bearer, expires_ms })
    }
}

/// The refusal of a token that is unknown or was revoked.
fn unknown(is_bearer: bool) -> Refusal {
    if is_bearer { Refusal::access_token_refused("is unknown or was revoked") } else { Refusal::api_token_refused() }
}

/// Finds out whose token this is, and counts it if it is wrong.
pub async fn holder(app: &App, network: IpAddr, hash: Hash) -> Result<Holder, Refusal> {
    let holder = app.store.holder(hash).await?;
    if let Holder::Unknown = holder {
        app.wrong_tokens.count(network)?;
    }
    Ok(holder)
}

impl FromRequestParts<App> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Caller, Refusal> {
        Caller::of(parts, app, false).await
    }
}

/// Proof that the owner sent the request. A handler with this argument refuses everybody else.
pub struct Owner(pub Caller);

impl Owner {
    /// The session, if the owner is on a page that has one.
    pub fn session(&self) -> Option<&Session> {
        match &self.0.who {
            Who::Session(session) => Some(session),
            _ => None,
        }
    }
}

impl FromRequestParts<App> for Owner {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Owner, Refusal> {
        let caller = Caller::from_request_parts(parts, app).await?;
        caller.require_owner()?;
        Ok(Owner(caller))
    }
}

/// Proof that the owner sent the request. On this machine the API token may also be the password of HTTP Basic, beside any
/// name: a script that was written for Flowdock asks its user for a name and a password.
pub struct OwnerWithPassword(pub Caller);

impl FromRequestParts<App> for OwnerWithPassword {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<OwnerWithPassword, Refusal> {
        let authorization = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        if let Some((_, password)) = authorization.and_then(basic).filter(|_| peer::is_local(parts, &app.settings)) {
            let hash = secret::hash(&password);
            // A wrong password is not counted here: the name may be the API token.
            if let Holder::Owner = app.store.holder(hash).await? {
                let (who, expires_ms) = (Who::Owner, None);
                return Ok(OwnerWithPassword(Caller { who, hash, is_bearer: false, expires_ms }));
            }
        }
        let Owner(caller) = Owner::from_request_parts(parts, app).await?;
        Ok(OwnerWithPassword(caller))
    }
}

/// Whether a program on this machine sent the request itself, to an inbox that only this machine reaches.
pub struct IsLocal(pub bool);

impl FromRequestParts<App> for IsLocal {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<IsLocal, Refusal> {
        Ok(IsLocal(peer::is_local(parts, &app.settings)))
    }
}

/// The network from which a request comes, for handlers that look a token up themselves.
#[derive(Clone, Copy)]
pub struct ClientNetwork(pub IpAddr);

impl FromRequestParts<App> for ClientNetwork {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<ClientNetwork, Refusal> {
        Ok(ClientNetwork(peer::client_network(parts, &app.settings.trusted_proxies)))
    }
}

/// The API token, the token of a session or the access token of a request.
struct Credentials {
    token: String,
    /// Whether the request sent the token as a bearer token.
    is_bearer: bool,
}

impl Credentials {
    /// The token in the Authorization header: the user name of HTTP Basic, whose password does not matter, or a bearer
    /// token. `None` if there is no such header.
    fn in_header(parts: &Parts) -> Option<Result<Credentials, Refusal>> {
        let authorization = parts.headers.get(header::AUTHORIZATION)?.to_str().unwrap_or_default();
        if let Some((token, _)) = basic(authorization) {
            return Some(Ok(Credentials { token, is_bearer: false }));
        }
        let bearer = authorization.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        Some(match bearer {
            Some((_, token)) => Ok(Credentials { token: token.trim().to_owned(), is_bearer: true }),
            None => Err(Refusal::api_token_refused()),
        })
    }

    fn in_query(params: &Params) -> Option<Credentials> {
        Some(Credentials { token: params.get("access_token")?.to_owned(), is_bearer: true })
    }
}

/// The user name and the password of HTTP Basic.
pub fn basic(authorization: &str) -> Option<(String, String)> {
    let (scheme, credentials) = authorization.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(BASE64_STANDARD.decode(credentials.trim()).ok()?).ok()?;
    let (user, password) = decoded.split_once(':').unwrap_or((&decoded, ""));
    Some((user.to_owned(), password.to_owned()))
}

/// Finds the source of a flow token, and counts wrong tokens.
pub struct FlowTokens<'a> {
    /// The inbox.
    pub app: &'a App,
    /// The network from which the post comes.
    pub network: IpAddr,
    /// The names of the flow, if the path names one. The token of another flow is then not found.
    pub flow: Option<(String, String)>,
}

impl FlowTokens<'_> {
    /// Finds the source that has this flow token.
    pub async fn source(&self, flow_token: &str) -> Result<Source, Refusal> {
        let hash = secret::hash(flow_token);
        let Some(source) = self.app.store.source_by_token(hash).await? else {
            self.app.wrong_tokens.count(self.network)?;
            return Err(Refusal::not_found("Flow token"));
        };
        // Comes before the names: a flow that was removed has none any more.
        if source.removed {
            return Err(Refusal::source_removed());
        }
        let is_named = |(organization, flow): &(String, String)| {
            *organization == source.flow.organization.parameterized_name && *flow == source.flow.parameterized_name
        };
        if !self.flow.as_ref().is_none_or(is_named) {
            return Err(Refusal::not_found("Flow token"));
        }
        Ok(source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(authorization: &str) -> Parts {
        let request = axum::http::Request::builder().header(header::AUTHORIZATION, authorization);
        request.body(()).expect("a request").into_parts().0
    }

    #[test]
    fn a_token_is_read_from_the_authorization_header() {
        for (authorization, token) in [
            ("Bearer t", Some("t")),
            ("bearer t", Some("t")),
            ("Basic dDo=", Some("t")),         // t:
            ("basic dDpEVU1NWQ==", Some("t")), // t:DUMMY
            ("Basic dA==", Some("t")),         // t
            ("Basic ?", None),
            ("Basic /w==", None), // no UTF-8
            ("Digest t", None),
            ("t", None),
        ] {
            let found = Credentials::in_header(&parts(authorization)).expect("a header");
            assert_eq!(found.ok().map(|found| found.token).as_deref(), token, "{authorization}");
        }
    }
}
