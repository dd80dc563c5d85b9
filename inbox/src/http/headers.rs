//! The headers that every answer has, so that no browser does more with it than the inbox means.

use axum::Router;
use axum::http::{HeaderName, HeaderValue, header};
use tower_http::set_header::SetResponseHeaderLayer;

/// Adds the headers to every answer that does not set them itself.
pub fn add_security_headers(router: Router) -> Router {
    [
        // No page of another origin may show an answer in a frame and so steal clicks.
        (header::CONTENT_SECURITY_POLICY, "frame-ancestors 'none'"),
        (header::X_FRAME_OPTIONS, "DENY"),
        // A browser takes an answer for what its Content-Type says, and for nothing else.
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Answers hold the messages of a team and sometimes secrets.
        (header::CACHE_CONTROL, "no-store"),
        // A URL may contain a code, which no other site may see. `no-referrer` would also remove the Origin header from the
        // form of the consent page.
        (header::REFERRER_POLICY, "same-origin"),
    ]
    .into_iter()
    .fold(router, |router, (name, value): (HeaderName, _)| {
        router.layer(SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value)))
    })
}
