//! What the path of a request means: a flow that the caller may know, and the id of an item.

use std::str::FromStr;

use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::answer::Refusal;
use super::auth::Caller;
use super::media;
use super::params::Params;
use crate::app::App;
use crate::domain;
use crate::oauth::Scope;

/// The scopes with which an application may know the flows.
pub const SEES_FLOWS: [Scope; 3] = [Scope::Flow, Scope::Integration, Scope::Manage];

#[derive(Deserialize)]
struct Names {
    organization: String,
    flow: String,
}

/// The names of the organisation and of the flow in the path.
pub struct FlowNames(pub (String, String));

impl FromRequestParts<App> for FlowNames {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<FlowNames, Refusal> {
        // A path that is not UTF-8 after decoding names no existing flow.
        let path = Path::<Names>::from_request_parts(parts, app).await;
        let Path(names) = path.map_err(|_| missing::<Flow>())?;
        Ok(FlowNames((names.organization, names.flow)))
    }
}

#[derive(Deserialize)]
struct OrganizationName {
    organization: String,
}

/// A request that names an organisation in its path, from a caller who may know the organisation.
pub struct InOrganization {
    /// Who sent the request.
    pub caller: Caller,
    /// The organisation that the path names.
    pub organization: domain::Organization,
}

impl FromRequestParts<App> for InOrganization {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<InOrganization, Refusal> {
        let caller = Caller::from_request_parts(parts, app).await?;
        caller.require(&SEES_FLOWS)?;
        let path = Path::<OrganizationName>::from_request_parts(parts, app).await;
        let Path(OrganizationName { organization: name }) = path.map_err(|_| missing::<Organization>())?;
        let mut all = app.store.organizations().await?.into_iter();
        let organization = all.find(|one| one.parameterized_name == name).ok_or_else(missing::<Organization>)?;
        Ok(InOrganization { caller, organization })
    }
}

/// A request that names a flow in its path, from a caller who may know the flow.
pub struct InFlow {
    /// Who sent the request.
    pub caller: Caller,
    /// The flow that the path names.
    pub flow: domain::Flow,
}

impl InFlow {
    async fn with(parts: &mut Parts, app: &App, token_in_query: bool) -> Result<InFlow, Refusal> {
        let caller = Caller::of(parts, app, token_in_query).await?;
        caller.require(&SEES_FLOWS)?;
        let FlowNames((organization, flow)) = FlowNames::from_request_parts(parts, app).await?;
        let found = app.store.flow(&organization, &flow).await?;
        Ok(InFlow { caller, flow: found.ok_or_else(missing::<Flow>)? })
    }
}

impl FromRequestParts<App> for InFlow {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<InFlow, Refusal> {
        InFlow::with(parts, app, false).await
    }
}

/// A request for a flow, or for its stream of messages.
pub enum FlowOrStream {
    /// A request for the flow.
    Flow(InFlow),
    /// A request for its messages as a stream. The caller may read them.
    Stream(InFlow),
}

impl FromRequestParts<App> for FlowOrStream {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<FlowOrStream, Refusal> {
        if !wants_stream(parts)? {
            return Ok(FlowOrStream::Flow(InFlow::with(parts, app, false).await?));
        }
        let request = InFlow::with(parts, app, true).await?;
        // The stream consists of messages, so an application needs the scope that allows reading them.
        request.caller.require(&[Scope::Flow])?;
        Ok(FlowOrStream::Stream(request))
    }
}

fn wants_stream(parts: &Parts) -> Result<bool, Refusal> {
    // The query parameter is for clients that cannot set the header, so it counts more than the header.
    Ok(match Params::of(&parts.uri)?.get("accept") {
        Some(accept) => media::lists(accept, media::EVENT_STREAM),
        None => media::accepts(&parts.headers, media::EVENT_STREAM),
    })
}

/// A request of a caller who may read the messages of the flow in its path.
pub struct Reading {
    /// The flow that the path names.
    pub flow: domain::Flow,
    /// The parameters of the query and the body.
    pub params: Params,
}

impl FromRequest<App> for Reading {
    type Rejection = Refusal;

    async fn from_request(request: Request, app: &App) -> Result<Reading, Refusal> {
        let (mut parts, body) = request.into_parts();
        let InFlow { caller, flow } = InFlow::from_request_parts(&mut parts, app).await?;
        caller.require(&[Scope::Flow])?;
        let params = Params::of(&parts.uri)?.with_body(&parts.headers, body).await?;
        // The body may have taken minutes.
        caller.check_again(app).await?;
        Ok(Reading { flow, params })
    }
}

/// A kind of item that a path names by its id.
pub trait Kind {
    /// The name of the kind in a refusal, such as `Message`.
    const NAME: &str;
    /// The type of the id.
    type Id: FromStr;
}

/// The id in the path. A text that cannot be an id names no item, so it is refused with 404.
pub struct Id<K: Kind>(pub K::Id);

#[derive(Deserialize)]
struct IdText {
    id: String,
}

impl<K: Kind> FromRequestParts<App> for Id<K> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Id<K>, Refusal> {
        let path = Path::<IdText>::from_request_parts(parts, app).await;
        let id = path.ok().and_then(|Path(text)| text.id.parse().ok());
        Ok(Id(id.ok_or_else(missing::<K>)?))
    }
}

/// 404 for an item of this kind.
pub fn missing<K: Kind>() -> Refusal {
    Refusal::not_found(K::NAME)
}

/// The answer to a request to remove an item of this kind: 204, or 404 if there was none.
pub fn removed<K: Kind>(was_there: bool) -> Result<Response, Refusal> {
    if was_there { Ok(StatusCode::NO_CONTENT.into_response()) } else { Err(missing::<K>()) }
}

/// Defines kinds of items.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident: $id:ty;)*) => {$(
        $(#[$doc])*
        pub enum $kind {}

        impl Kind for $kind {
            const NAME: &str = stringify!($kind);
            type Id = $id;
        }
    )*};
}

kinds! {
    /// Organisations.
    Organization: i64;
    /// Flows.
    Flow: String;
    /// Messages, by their numbers in their flow.
    Message: i64;
    /// Threads, by their random ids.
    Thread: String;
    /// Sources.
    Source: i64;
    /// Applications.
    Application: i64;
    /// Grants.
    Grant: i64;
    /// Sessions.
    Session: i64;
}
