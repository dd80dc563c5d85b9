//! Which path leads to which handler.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::bell::Bell;
use crate::store::Store;
use crate::{answer, cors, post, read, stream, www};

/// What every handler can reach.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub(crate) store: Store,
    /// Rung when a message was stored.
    pub(crate) bell: Bell,
    /// The base URL, as other documents name it.
    pub(crate) url: Arc<str>,
}

/// The API, and beside it the static files of `www`.
pub(crate) fn router(app: App, www: Option<&Path>) -> Router {
    let api = Router::new()
        .route("/messages", post(post::by_token))
        .route("/flows/{organization}/{flow}", get(stream::flow_or_stream))
        .route("/flows/{organization}/{flow}/messages", get(read::messages).post(post::to_flow))
        .route("/flows/{organization}/{flow}/messages/{id}", get(read::message))
        .route("/flows/{organization}/{flow}/threads", get(read::threads))
        .route("/flows/{organization}/{flow}/threads/{id}", get(read::thread))
        .route("/flows/{organization}/{flow}/threads/{id}/messages", get(read::thread_messages))
        .method_not_allowed_fallback(answer::unknown_method)
        .with_state(app);
    let all = match www {
        Some(folder) => api.fallback_service(www::files(folder)),
        None => api.fallback(answer::unknown_path),
    };
    all.layer(cors::layer())
}
