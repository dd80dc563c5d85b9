//! The routes: which handler answers which path.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};

use crate::bell::Bell;
use crate::clock::Clock;
use crate::store::Store;
use crate::{actions, answer, applications, cors, files, flows, oauth, owner, post, read, sources, stream, www};

/// The state that every handler can use.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub(crate) store: Store,
    /// Wakes the open streams after each stored message.
    pub(crate) bell: Bell,
    /// The source of the current time.
    pub(crate) clock: Clock,
    /// The settings from the command line.
    pub(crate) settings: Settings,
    /// Sends actions to the services that offered them.
    pub(crate) client: actions::Client,
    /// The base URL at which others reach the inbox. Every link begins with it.
    pub(crate) url: Arc<str>,
}

/// The settings that handlers use.
#[derive(Clone, Copy)]
pub(crate) struct Settings {
    /// How long an access token is valid.
    pub(crate) token_lifetime: Duration,
    /// How long a service may take to answer an action.
    pub(crate) action_timeout: Duration,
}

/// The routes of the API and, if `www` names a folder, its static files.
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
