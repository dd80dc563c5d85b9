//! The routes: which handler answers which path.

use std::path::Path;

use axum::routing::{delete, get, post};
use axum::{Router, middleware};

use super::{
    Hosts, actions, alias, answer, applications, avatar, compression, cors, files, flows, grants, headers, host,
    messages, oauth, observe, organizations, post as posts, push, sessions, sources, stream, threads, users, www,
};
use crate::app::App;
use crate::domain::owner::AVATAR_PATH;
use crate::web_url;

/// The routes of the API and, if `www` names a folder, its static files.
pub fn router(app: App, hosts: Hosts, www: Option<&Path>) -> Router {
    let path = web_url::path(&app.url).to_owned();
    let metrics = app.metrics.clone();
    let api = Router::new()
        .route("/messages", post(posts::to_named_flow))
        .route("/messages/chat/{tokens}", post(push::chat))
        .route("/messages/team_inbox/{tokens}", post(push::team_inbox))
        .route("/comments", post(posts::comment))
        .route("/activities", post(posts::activity))
        .route("/user", get(users::current))
        .route("/users", get(users::list))
        .route("/flows", get(flows::list))
        .route("/flows/find", get(flows::find))
        .route("/flows/{organization}", post(flows::create))
        .route("/flows/{organization}/{flow}", get(stream::flow_or_stream).put(flows::update).delete(flows::remove))
        .route("/flows/{organization}/{flow}/messages", get(messages::list).post(posts::to_flow))
        .route("/flows/{organization}/{flow}/messages/{id}", get(messages::get).delete(messages::remove))
        .route("/flows/{organization}/{flow}/messages/{id}/comments", post(posts::comment_on))
        .route("/flows/{organization}/{flow}/users", get(users::of_flow))
        .route("/flows/{organization}/{flow}/threads", get(threads::list))
        .route("/flows/{organization}/{flow}/threads/counts", get(threads::counts))
        .route("/flows/{organization}/{flow}/threads/{id}", get(threads::get).delete(threads::remove))
        .route("/flows/{organization}/{flow}/threads/{id}/messages", get(messages::of_thread).post(posts::to_thread))
        .route("/flows/{organization}/{flow}/threads/{id}/actions", post(actions::perform))
        .route("/organizations", get(organizations::list))
        .route("/organizations/find", get(organizations::find))
        .route("/organizations/{organization}", get(organizations::get).put(organizations::update))
        .route("/files/{flow}/{id}/{name}", get(files::get))
        .route("/sources", get(sources::list_all).put(sources::update_by_token))
        .route("/flows/{organization}/{flow}/sources", get(sources::list).post(sources::create))
        .route(
            "/flows/{organization}/{flow}/sources/{id}",
            get(sources::get).put(sources::update).delete(sources::remove),
        )
        .route("/oauth/authorize", get(oauth::ask).post(oauth::decide))
        .route("/oauth/authorize/{code}", get(oauth::show_code))
        .route("/oauth/consent.js", get(oauth::script))
        .route("/oauth/page.css", get(oauth::style))
        .route("/oauth/token", post(oauth::token))
        .route("/oauth/revoke", post(oauth::revoke))
        .route("/oauth/grants", get(grants::list))
        .route("/oauth/grants/{id}", delete(grants::revoke))
        .route("/oauth/applications", get(applications::list).post(applications::create))
        .route(
            "/oauth/applications/{id}",
            get(applications::get).put(applications::update).delete(applications::remove),
        )
        .route("/oauth/applications/{id}/secret", post(applications::renew_secret))
        .route("/session", post(sessions::begin))
        .route("/sessions", get(sessions::list))
        .route("/sessions/{id}", delete(sessions::end))
        .route(AVATAR_PATH, get(avatar::avatar))
        .method_not_allowed_fallback(answer::unknown_method)
        .with_state(app);
    let all = match www {
        Some(folder) => api.fallback_service(www::files(folder, &path)),
        None => api.fallback(answer::unknown_path),
    };
    let checked = all.layer(middleware::from_fn_with_state(hosts, host::check));
    let routes = headers::add_security_headers(checked.layer(cors::layer()).layer(compression::layer()))
        .layer(middleware::from_fn_with_state(metrics, observe::requests));
    // Outside the routes, because a layer of theirs would see a request only after its route was chosen.
    Router::new().fallback_service(routes).layer(middleware::map_request(alias::resolve))
}
