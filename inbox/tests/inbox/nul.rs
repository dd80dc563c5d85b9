//! No text may contain U+0000: PostgreSQL could not store it.

use serde_json::{Value, json};

use crate::host::Inbox;
use crate::samples::{chat, flux_capacitor};

const PROBLEM: &str = "must not contain U+0000";

#[test]
fn what_is_stored_as_text_is_refused_with_its_field() {
    let inbox = Inbox::new();
    for (key, value) in [
        ("external_thread_id", json!("4\u{0}2")),
        ("thread_id", json!("\u{0}")),
        ("uuid", json!("a\u{0}")),
        ("tags", json!(["todo", "to\u{0}do"])),
        ("tags", json!("to\u{0}do")),
    ] {
        let mut message = flux_capacitor();
        message[key] = value;
        let answer = inbox.post(&message).expect(400);
        let problems = answer["errors"][key].as_array().cloned().unwrap_or_default();
        assert!(problems.contains(&json!(PROBLEM)), "{key}: {answer}");
    }
    let sources = "/flows/example/main/sources";
    for (method, path, body, key) in [
        ("POST", sources, json!({ "application": 1, "name": "a\u{0}" }), "name"),
        (
            "POST",
            sources,
            json!({ "application": 1, "name": "a", "external_url": "http://a.example/\u{0}" }),
            "external_url",
        ),
        ("PUT", "/flows/example/main/sources/1", json!({ "error_message": "\u{0}" }), "error_message"),
        ("POST", "/oauth/applications", json!({ "name": "\u{0}a" }), "name"),
        ("POST", "/flows/example", json!({ "name": "a\u{0}b" }), "name"),
        ("PUT", "/organizations/example", json!({ "name": "a\u{0}b" }), "name"),
    ] {
        let answer = inbox.owner(method, path, &body).expect(400);
        assert_eq!(answer["errors"][key], json!([PROBLEM]), "{method} {path}: {answer}");
    }
}

#[test]
fn in_a_message_it_is_stored_and_comes_back() {
    let inbox = Inbox::new();
    let mut message = chat("42", "before\u{0}after");
    message["thread"] = json!({ "title": "HTML has no such character", "ours": "a\u{0}b" });
    message["author"] = json!({ "name": "e\u{0}" });
    let stored = inbox.stored(&message);
    assert_eq!(stored["content"], message["content"]);
    let path = format!("/flows/example/main/messages/{}", stored["id"]);
    assert_eq!(inbox.get(&path).expect(200)["thread"]["ours"], message["thread"]["ours"]);
    let found: Value = inbox.get("/flows/example/main/messages?search=after").expect(200);
    assert_eq!(found[0]["id"], stored["id"]);
}

#[test]
fn what_is_looked_up_is_not_found() {
    let inbox = Inbox::new();
    for path in [
        "/flows/ex%00ample/main",
        "/flows/example/%00",
        "/flows/find?id=%00",
        "/flows/example/main/threads/%00",
        "/flows/example/main/threads/%00/messages",
        "/flows/example/main/messages?tags=%00",
        "/flows/example/main/messages?event=%00",
        "/flows/example/main/threads?tag=%00",
        "/organizations/%00",
        "/files/1/%00/a",
    ] {
        let answer = inbox.get(path);
        assert!(matches!(answer.status, 400 | 404) || answer.text == "[]", "{path}: {} {}", answer.status, answer.text);
    }
    assert_eq!(inbox.post(&flux_capacitor()).status, 202, "it goes on");
}
