//! Serves static files, such as those of the demo page.

use std::path::Path;

use axum::Router;
use axum::handler::Handler;
use axum::http::{HeaderValue, header};
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::answer;

/// Answers a request that no other route answers: with a file of `folder`, or with 404.
pub fn files(folder: &Path) -> Router {
    let files = ServeDir::new(folder)
        // A POST to an unknown path gets a 404, not a 405.
        .call_fallback_on_method_not_allowed(true)
        .fallback(answer::unknown_path.with_state(()));
    // A browser asks at each load whether a file has changed, so a developer sees every change. A file that has not
    // changed is not sent again.
    let revalidate = HeaderValue::from_static("no-cache");
    Router::new().fallback_service(files).layer(SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, revalidate))
}
