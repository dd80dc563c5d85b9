//! Which path leads to which handler.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};

use crate::bell::Bell;
use crate::clock::Clock;
use crate::store::Store;
use crate::{actions, answer, applications, cors, files, flows, oauth, owner, post, read, sources, stream, www};

/// What every handler can reach.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub(crate) store: Store,
    /// Rung when a message was stored.
    pub(crate) bell: Bell,
    /// What time it is.
    pub(crate) clock: Clock,
    /// What can be set.
    pub(crate) settings: Settings,
    /// Calls the services that offer actions.
    pub(crate) client: actions::Client,
    /// The base URL at which others reach the inbox; every link begins with it.
    pub(crate) url: Arc<str>,
}

/// What can be set.
#[derive(Clone, Copy)]
pub(crate) struct Settings {
    /// How long an access token is good.
    pub(crate) token_lifetime: Duration,
    /// How long a service may take for an action.
    pub(crate) action_timeout: Duration,
}

/// The API, and beside it the static files of `www`.
pub(crate) fn router(app: App, www: Option<&Path>) -> Router {
    let api = Router::new()
        .route("/messages", post(post::by_token))
        .route("/flows", get(flows::list))
        .route("/flows/find", get(flows::find))
        .route("/flows/{organization}/{flow}", get(stream::flow_or_stream))
        .route("/flows/{organization}/{flow}/messages", get(read::messages).post(post::to_flow))
        .route("/flows/{organization}/{flow}/messages/{id}", get(read::message))
        .route("/flows/{organization}/{flow}/threads", get(read::threads))
        .route("/flows/{organization}/{flow}/threads/{id}", get(read::thread))
        .route("/flows/{organization}/{flow}/threads/{id}/messages", get(read::thread_messages))
        .route("/flows/{organization}/{flow}/threads/{id}/actions", post(actions::perform))
        .route("/files/{flow}/{id}/{name}", get(files::get))
        .route("/sources", get(sources::list_all).put(sources::update_by_token))
        .route("/flows/{organization}/{flow}/sources", get(sources::list).post(sources::create))
        .route(
            "/flows/{organization}/{flow}/sources/{id}",
            get(sources::get).put(sources::update).delete(sources::remove),
        )
        .route("/oauth/authorize", get(oauth::ask).post(oauth::decide))
        .route("/oauth/authorize/{code}", get(oauth::show_code))
        .route("/oauth/token", post(oauth::token))
        .route("/oauth/applications", get(applications::list).post(applications::create))
        .route("/oauth/applications/{id}", get(applications::get).put(applications::update))
        .route("/session", post(oauth::sign_in))
        .route(owner::AVATAR_PATH, get(owner::avatar))
        .method_not_allowed_fallback(answer::unknown_method)
        .with_state(app);
    let all = match www {
        Some(folder) => api.fallback_service(www::files(folder)),
        None => api.fallback(answer::unknown_path),
    };
    all.layer(cors::layer())
}
