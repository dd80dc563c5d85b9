//! Serves static files, such as those of the demo page.

use std::path::Path;

use axum::extract::Request;
use axum::handler::Handler;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::{Router, middleware};
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

use super::answer;

/// Answers a request that no other route answers: with a file of `folder`, or with 404. `path` is the path of the URL at
/// which others reach the inbox.
pub fn files(folder: &Path, path: &str) -> Router {
    let files = ServeDir::new(folder)
        // `cargo xtask page` leaves a compressed copy beside each file.
        .precompressed_br()
        .precompressed_gzip()
        // A folder without a slash at its end is answered with a redirect.
        .redirect_path_prefix(path)
        // A POST to an unknown path gets a 404, not a 405.
        .call_fallback_on_method_not_allowed(true)
        .fallback(answer::unknown_path.with_state(()));
    // A browser asks at each load whether a file has changed, so a developer sees every change. A file that has not
    // changed is not sent again.
    let revalidate = HeaderValue::from_static("no-cache");
    Router::new()
        .fallback_service(files)
        .layer(middleware::from_fn(one_slash))
        .layer(SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, revalidate))
}

/// Refuses a path that begins with two slashes. In a redirect, a browser would take its first part for a host.
async fn one_slash(request: Request, next: Next) -> Response {
    if request.uri().path().starts_with("//") {
        return answer::unknown_path().await.into_response();
    }
    next.run(request).await
}
