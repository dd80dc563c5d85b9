//! The owner: the one person who holds the API token and clicks on the inbox's page.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// The owner's user id. Messages that were posted have the user id 0.
pub const ID: i64 = 1;

const NAME: &str = "Owner";

/// The path of the owner's avatar.
pub const AVATAR_PATH: &str = "/avatars/1";

/// A picture of head and shoulders.
const AVATAR: &str = concat!(
    r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" fill="#5a6474"/>"##,
    r##"<circle cx="12" cy="9" r="4" fill="#fff"/><path d="M4 22a8 8 0 0 1 16 0z" fill="#fff"/></svg>"##
);

/// `GET /avatars/1`
pub async fn avatar() -> Response {
    let svg = HeaderValue::from_static("image/svg+xml");
    // If somebody opens the picture as a page, it must load and run nothing.
    let policy = HeaderValue::from_static("default-src 'none'");
    ([(header::CONTENT_TYPE, svg), (header::CONTENT_SECURITY_POLICY, policy)], AVATAR).into_response()
}

/// The owner in the JSON of a source, as its `creator`.
pub fn creator(base_url: &str) -> Value {
    json!({ "id": ID, "name": NAME, "nick": NAME, "avatar": format!("{base_url}{AVATAR_PATH}") })
}

/// The owner in the JSON of an action, as its `agent`.
pub fn agent(base_url: &str) -> Value {
    json!({ "@type": "Person", "name": NAME, "image": format!("{base_url}{AVATAR_PATH}") })
}
