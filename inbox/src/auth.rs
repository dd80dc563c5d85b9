//! Who may do what: a flow token posts to one flow, the API token reads.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value};

use crate::answer::Refusal;
use crate::params::Params;
use crate::server::App;
use crate::store::{Flow, Source, flows, tokens};

/// A request of a reader: its API token is known and its path names a flow.
///
/// A handler that takes one can be reached by nobody else.
pub struct Reading {
    /// The flow of the path.
    pub flow: Flow,
    /// The query.
    pub params: Params,
}

impl FromRequestParts<App> for Reading {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Reading, Refusal> {
        let params = Params::of(&parts.uri)?;
        let hash = api_token(&parts.headers, &params).map(|token| tokens::hash(&token));
        // A path that is no UTF-8 once decoded names nothing that exists.
        let path = Path::<Vec<(String, String)>>::from_request_parts(parts, app).await;
        let names = path.map(|Path(names)| names).unwrap_or_default();
        app.store
            .call(move |database| {
                if !hash.map_or(Ok(false), |hash| tokens::is_api_token(database, hash))? {
                    return Err(Refusal::api_token_refused());
                }
                let [(_, organization), (_, flow), ..] = names.as_slice() else {
                    return Err(Refusal::not_found("Flow"));
                };
                flows::find(database, organization, flow)?.ok_or_else(|| Refusal::not_found("Flow"))
            })
            .await
            .map(|flow| Reading { flow, params })
    }
}

/// The API token: as the user name of HTTP Basic, whose password does not matter, as a bearer token, or in the query,
/// for an `EventSource`, which can send no header.
fn api_token(headers: &HeaderMap, params: &Params) -> Option<String> {
    let Some(authorization) = headers.get(header::AUTHORIZATION) else {
        return params.get("access_token").map(str::to_owned);
    };
    let (scheme, credentials) = authorization.to_str().ok()?.split_once(' ')?;
    let credentials = credentials.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(credentials.to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(BASE64_STANDARD.decode(credentials).ok()?).ok()?;
    Some(decoded.split_once(':').map_or(decoded.as_str(), |(user, _)| user).to_owned())
}

/// The source whose flow token stands in the message or, failing that, in the query.
///
/// `path` names the flow that is posted to, where the address does: a token of another flow is not found there.
pub async fn source(
    app: &App,
    message: &Map<String, Value>,
    params: &Params,
    path: Option<(String, String)>,
) -> Result<Source, Refusal> {
    let in_message = message.get("flow_token").and_then(Value::as_str);
    let token = in_message.or(params.get("flow_token")).ok_or_else(Refusal::flow_token_missing)?;
    let hash = tokens::hash(token);
    app.store
        .call(move |database| {
            let source = tokens::source(database, hash)?.ok_or_else(|| Refusal::not_found("Flow token"))?;
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
    fn an_api_token_is_read_wherever_it_may_stand() {
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
            assert_eq!(api_token(&headers, &params).as_deref(), token, "{authorization:?} {query}");
        }
    }
}
