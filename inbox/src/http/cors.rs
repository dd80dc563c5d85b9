//! Answers cross-origin requests (CORS) as Flowdock documents it.

use axum::http::{HeaderName, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::post::DEDUPLICATES;

/// The request headers that a page of another origin may send. `X-flowdock-wait-for-message` is not among them, because
/// Flowdock did not allow it either. A page that sends it fails in its preflight here, as it did there.
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

/// A layer that answers preflights and adds the CORS headers to every other answer.
///
/// Every origin is allowed. No answer allows credentials, so a page of another origin needs a token to get access.
pub fn layer() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(AllowOrigin::mirror_request())
        .allow_methods(ALLOWED_METHODS)
        .allow_headers(ALLOWED_HEADERS)
        .expose_headers([DEDUPLICATES])
        .vary([header::ORIGIN])
}
