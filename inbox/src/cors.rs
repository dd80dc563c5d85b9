//! Cross-origin requests, answered as Flowdock documents it.

use axum::http::{HeaderName, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// The request headers that a page may send. `X-flowdock-wait-for-message` is not among them, as it was not in the real
/// service, so that a page which sends it fails here as well, in its preflight.
const ALLOWED_HEADERS: [HeaderName; 7] = [
    header::ORIGIN,
    header::ACCEPT,
    header::CONTENT_TYPE,
    header::AUTHORIZATION,
    HeaderName::from_static("x-csrf-token"),
    HeaderName::from_static("x-requested-with"),
    HeaderName::from_static("x-prototype-version"),
];

const ALLOWED_METHODS: [Method; 6] =
    [Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::GET, Method::OPTIONS];

/// Answers preflights itself and adds its headers to every other answer.
///
/// Any origin may ask: no answer allows credentials, so a page of another origin gets in only with a token that it knows.
pub fn layer() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::mirror_request())
        .allow_methods(ALLOWED_METHODS)
        .allow_headers(ALLOWED_HEADERS)
        .vary([header::ORIGIN])
}
