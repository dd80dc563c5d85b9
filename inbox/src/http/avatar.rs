//! The avatar of the owner.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

/// A picture of head and shoulders.
const AVATAR: &str = concat!(
    r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" fill="#5a6474"/>"##,
    r##"<circle cx="12" cy="9" r="4" fill="#fff"/><path d="M4 22a8 8 0 0 1 16 0z" fill="#fff"/></svg>"##
);

/// `GET /avatars/1`
pub async fn avatar() -> Response {
    let svg = HeaderValue::from_static("image/svg+xml");
    // If somebody opens the picture as a page, it must load and run nothing.
    let policy = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    ([(header::CONTENT_TYPE, svg), (header::CONTENT_SECURITY_POLICY, policy)], AVATAR).into_response()
}
