//! The owner: the one person who holds the API token and clicks on the inbox's page.

use serde_json::{Value, json};

/// The owner's user id. Messages of sources have the user id 0.
pub const ID: i64 = 1;

const NAME: &str = "Owner";

/// The path of the owner's avatar.
pub const AVATAR_PATH: &str = "/avatars/1";

/// The owner as a user. The inbox knows no address of the owner.
pub fn user(base_url: &str) -> Value {
    let avatar = format!("{base_url}{AVATAR_PATH}");
    json!({ "id": ID, "email": null, "name": NAME, "nick": NAME, "avatar": avatar, "website": null })
}

/// The owner in the JSON of a source, as its `creator`.
pub fn creator(base_url: &str) -> Value {
    json!({ "id": ID, "name": NAME, "nick": NAME, "avatar": format!("{base_url}{AVATAR_PATH}") })
}

/// The owner in the JSON of an action, as its `agent`.
pub fn agent(base_url: &str) -> Value {
    json!({ "@type": "Person", "name": NAME, "image": format!("{base_url}{AVATAR_PATH}") })
}
