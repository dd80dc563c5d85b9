//! Decides who may do what. A flow token posts to one flow. The API token belongs to the owner and gives access to
//! everything. An access token gives an application what the owner allowed.

use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::answer::Refusal;
use crate::oauth::{Scope, Scopes};
use crate::params::Params;
use crate::server::App;
use crate::store::grants::{self, GrantError};
use crate::store::{Flow, Source, StoreError, flows, sources, tokens};

/// Who sent a request. A handler with this argument refuses everybody else.
#[derive(Debug)]
pub enum Caller {
    /// The owner, who sent the API token.
    Owner,
    /// An application, which sent an access token.
    Application {
        /// The application's id.
        id: i64,
        /// What the owner allowed the application.
        scopes: Scopes,
    },
}

impl Caller {
    /// Refuses an application that lacks this scope.
    pub fn require(&self, scope: Scope) -> Result<(), Refusal> {
        match self {
            Caller::Application { scopes, .. } if !scopes.contains(scope) => Err(Refusal::scope_missing(scope.name())),
            _ => Ok(()),
        }
    }

    /// Refuses an application that may change no sources, or to which this source does not belong.
    pub fn require_source(&self, source: &Source) -> Result<(), Refusal> {
        self.require(Scope::Integration)?;
        match self {
            Caller::Application { id, .. } if *id != source.application.id => {
                Err(Refusal::forbidden("The source belongs to another application"))
            }
            _ => Ok(()),
        }
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Caller, Refusal> {
        let params = Params::of(&parts.uri)?;
        let credentials = Credentials::of(&parts.headers, &params).ok_or_else(Refusal::api_token_refused)?;
        let hash = tokens::hash(&credentials.token);
        let access = app
            .store
            .call(move |database| -> Result<_, StoreError> {
                if tokens::is_api_token(database, hash)? {
                    return Ok(None);
                }
                match grants::access(database, hash) {
                    Err(GrantError::Store(error)) => Err(error),
                    access => Ok(Some(access)),
                }
            })
            .await?;
        match access {
            None => Ok(Caller::Owner),
            Some(Ok(access)) => {
                let scopes = Scopes::parse(&access.scopes)
                    .ok_or_else(|| Refusal::access_token_refused("has a scope that this inbox does not know"))?;
                Ok(Caller::Application { id: access.application, scopes })
            }
            Some(Err(GrantError::Expired)) => Err(Refusal::access_token_refused("has expired")),
            Some(Err(_)) if credentials.is_bearer => Err(Refusal::access_token_refused("is unknown or was revoked")),
            Some(Err(_)) => Err(Refusal::api_token_refused()),
        }
    }
}

/// Proof that the owner sent the request. A handler with this argument refuses everybody else.
pub struct Owner;

impl FromRequestParts<App> for Owner {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Owner, Refusal> {
        match Caller::from_request_parts(parts, app).await? {
            Caller::Owner => Ok(Owner),
            Caller::Application { .. } => Err(Refusal::forbidden("Only the owner's API token may do this")),
        }
    }
}

/// A request that names a flow in its path, from a caller who may know the flow.
pub struct InFlow {
    /// Who sent the request.
    pub caller: Caller,
    /// The flow that the path names.
    pub flow: Flow,
    /// The names in the path after those of the organisation and the flow.
    pub rest: Vec<String>,
    /// The query parameters.
    pub params: Params,
}

impl FromRequestParts<App> for InFlow {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<InFlow, Refusal> {
        let caller = Caller::from_request_parts(parts, app).await?;
        let params = Params::of(&parts.uri)?;
        // A path that is not UTF-8 after decoding names no existing flow.
        let path = Path::<Vec<(String, String)>>::from_request_parts(parts, app).await;
        let mut names = path.map(|Path(names)| names).unwrap_or_default().into_iter().map(|(_, name)| name);
        let (Some(organization), Some(flow)) = (names.next(), names.next()) else {
            return Err(Refusal::not_found("Flow"));
        };
        let found = app.store.call(move |database| flows::find(database, &organization, &flow)).await?;
        let flow = found.ok_or_else(|| Refusal::not_found("Flow"))?;
        Ok(InFlow { caller, flow, rest: names.collect(), params })
    }
}

/// A request of a caller who may read the messages of the flow in its path.
pub struct Reading {
    /// The flow that the path names.
    pub flow: Flow,
    /// The id of the message or thread that the path names; empty if it names none.
    pub id: String,
    /// The parameters of the query and the body.
    pub params: Params,
}

impl FromRequest<App> for Reading {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Reading, Refusal> {
        let (mut parts, body) = request.into_parts();
        let InFlow { caller, flow, rest, params } = InFlow::from_request_parts(&mut parts, app).await?;
        caller.require(Scope::Flow)?;
        let id = rest.into_iter().next().unwrap_or_default();
        Ok(Reading { flow, id, params: params.with_body(&parts.headers, body).await? })
    }
}

/// The API token or the access token of a request.
struct Credentials {
    token: String,
    /// Whether the request sent the token as a bearer token.
    is_bearer: bool,
}

impl Credentials {
    /// Finds the token of a request. It may be the user name of HTTP Basic, whose password does not matter, or a bearer
    /// token. An `EventSource` can send no header, so the token may also be in the query.
    fn of(headers: &HeaderMap, params: &Params) -> Option<Credentials> {
        let Some(authorization) = headers.get(header::AUTHORIZATION) else {
            let token = params.get("access_token")?.to_owned();
            return Some(Credentials { token, is_bearer: true });
        };
        let authorization = authorization.to_str().ok()?;
        if let Some((user, _)) = basic(authorization) {
            return Some(Credentials { token: user, is_bearer: false });
        }
        let (scheme, token) = authorization.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| Credentials { token: token.trim().to_owned(), is_bearer: true })
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

/// Finds the source that has this flow token.
///
/// `path` names the flow, if the request's path does. The token of another flow is then not found.
pub async fn source(app: &App, flow_token: Option<&str>, path: Option<(String, String)>) -> Result<Source, Refusal> {
    let hash = tokens::hash(flow_token.ok_or_else(Refusal::flow_token_missing)?);
    app.store
        .call(move |database| {
            let source = sources::by_token(database, hash)?.ok_or_else(|| Refusal::not_found("Flow token"))?;
            if let Some((organization, flow)) = path {
                let named = flows::find(database, &organization, &flow)?;
                if named.is_none_or(|named| named.key != source.flow.key) {
                    return Err(Refusal::not_found("Flow token"));
                }
            }
            if source.removed { Err(Refusal::source_removed()) } else { Ok(source) }
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_api_token_is_read_from_the_header_or_the_query() {
        for (authorization, query, token) in [
            (None, "", None),
            (None, "?access_token=t", Some("t")),
            (Some("Bearer t"), "", Some("t")),
            (Some("bearer t"), "?access_token=other", Some("t")),
            (Some("Basic dDo="), "", Some("t")),         // t:
            (Some("basic dDpEVU1NWQ=="), "", Some("t")), // t:DUMMY
            (Some("Basic dA=="), "", Some("t")),         // t
            (Some("Basic ?"), "", None),
            (Some("Basic /w=="), "", None), // no UTF-8
            (Some("Digest t"), "", None),
            (Some("t"), "?access_token=other", None),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(authorization) = authorization {
                headers.insert(header::AUTHORIZATION, authorization.parse().expect("a header"));
            }
            let params = Params::of(&format!("/flows{query}").parse().expect("an address")).expect("a query");
            assert_eq!(
                Credentials::of(&headers, &params).map(|found| found.token).as_deref(),
                token,
                "{authorization:?} {query}"
            );
        }
    }
}
