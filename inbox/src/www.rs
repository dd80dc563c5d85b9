//! Static files, for the demo page.

use std::path::Path;

use axum::Router;
use axum::handler::Handler;
use axum::http::{HeaderValue, header};
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::answer;

/// Answers what no other route answers: with a file of `folder`, or with 404.
pub fn files(folder: &Path) -> Router {
    let files = ServeDir::new(folder)
        // A POST to a path that does not exist is told so, rather than that its method is wrong.
        .call_fallback_on_method_not_allowed(true)
        .fallback(answer::unknown_path.with_state(()));
    // Whoever works on the page sees each change at the next reload; a file that did not change is not sent again.
    let revalidate = HeaderValue::from_static("no-cache");
    Router::new().fallback_service(files).layer(SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, revalidate))
}
