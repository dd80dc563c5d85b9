//! Sample messages, without flow tokens.

use serde_json::{Value, json};

/// The first example of the integration guide.
pub fn flux_capacitor() -> Value {
    json!({
        "event": "activity",
        "author": { "name": "Marty", "avatar": "https://avatars.githubusercontent.com/u/3017123?v=3" },
        "title": "updated ticket",
        "external_thread_id": "1234567",
        "thread": {
            "title": "Polish the flux capacitor",
            "fields": [{ "label": "Dustiness", "value": "5 - severe" }],
            "body": "It must shine before the re-launch.",
            "external_url": "https://example.com/projects/bttf/tickets/1234567",
            "status": { "color": "green", "value": "open" }
        }
    })
}

/// The guide's example of a pull request: it has both thread ids, and an HTML element that is not closed.
pub fn pull_request() -> Value {
    json!({
        "event": "activity",
        "author": { "name": "anttipitkanen", "avatar": "https://avatars.githubusercontent.com/u/946511?v=2" },
        "title": "Opened pull request",
        "thread_id": "WT5yWsIpdvUPxP07lfgQDmLoGQQ",
        "external_thread_id": "github:component:pr:42",
        "thread": {
            "title": "Fix bug in thread API",
            "body": "Body with <b>HTML<b> formatting",
            "external_url": "https://github.com/flowdock/component/pull/42",
            "status": { "color": "green", "value": "open" }
        }
    })
}

/// A comment on an item.
pub fn discussion(external_thread_id: &str) -> Value {
    json!({
        "event": "discussion",
        "author": { "name": "Marty" },
        "title": "commented",
        "body": "It <em>shines</em>",
        "external_thread_id": external_thread_id,
        "thread": { "title": "Polish the flux capacitor" }
    })
}

/// A chat message in the thread of an item.
pub fn chat(external_thread_id: &str, content: &str) -> Value {
    json!({ "event": "message", "content": content, "external_thread_id": external_thread_id })
}
