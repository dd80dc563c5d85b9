//! Chat messages that name no thread: they are stored in the flow itself.

use serde_json::{Value, json};

use crate::host::{Client, Inbox, TimedInbox};
use crate::place::Place;
use crate::samples::{chat, flux_capacitor};

const MESSAGES: &str = "/flows/example/main/messages";

fn outside(content: &str) -> Value {
    json!({ "event": "message", "content": content, "external_user_name": "CI", "tags": ["#Build"] })
}

#[test]
fn a_chat_message_without_a_thread_is_stored_in_the_flow_itself() {
    let inbox = Inbox::new();
    let mut stream = inbox.stream(None);
    let answer = inbox.post(&outside("Build 42 failed"));
    assert_eq!((answer.status, answer.text.as_str()), (202, "{}"));

    let stored = inbox.get(&format!("{MESSAGES}/1")).expect(200);
    let flow = inbox.get("/flows/example/main").expect(200);
    let sent = stored["sent"].as_i64().expect("milliseconds");
    let created_at = stored["created_at"].as_str().expect("ISO 8601");
    assert_eq!(created_at.parse::<jiff::Timestamp>().expect("ISO 8601").as_millisecond(), sent);
    assert_eq!(
        stored,
        json!({
            "id": 1, "event": "message", "app": "chat", "flow": flow["id"], "user": "0",
            "sent": sent, "created_at": created_at, "edited": null, "tags": ["Build"], "attachments": [],
            "thread_id": null, "content": "Build 42 failed", "external_user_name": "CI",
        })
    );
    assert_eq!(stream.next(), Some((1, stored.clone())));
    assert_eq!(inbox.get(MESSAGES).expect(200), json!([stored]));
    assert_eq!(inbox.get("/flows/example/main/threads").expect(200), json!([]), "no thread was made");
}

#[test]
fn a_chat_message_that_describes_a_thread_without_an_id_makes_no_thread() {
    let inbox = Inbox::new();
    let mut message = outside("Build 42 failed");
    message["thread"] = json!({ "title": "Build 42" });
    let stored = inbox.stored(&message);
    assert_eq!((&stored["thread_id"], stored.get("thread")), (&Value::Null, None));
}

#[test]
fn an_unknown_or_blank_thread_id_is_refused() {
    let inbox = Inbox::new();
    for (key, value, problem) in [
        ("thread_id", "WT5yWsIpdvUPxP07lfgQDmLoGQQ", "not found"),
        ("thread_id", "", "can't be blank"),
        ("external_thread_id", " ", "can't be blank"),
    ] {
        let mut message = outside("Where to?");
        message[key] = value.into();
        assert_eq!(inbox.post(&message).expect(400)["errors"], json!({ key: [problem] }));
    }
    let mut activity = flux_capacitor();
    activity.as_object_mut().expect("an object").remove("external_thread_id");
    let refusal = inbox.post(&activity).expect(400);
    assert_eq!(refusal["errors"], json!({ "base": ["`thread_id` or `external_thread_id` is required"] }));
    assert_eq!(inbox.get(MESSAGES).expect(200), json!([]), "nothing was stored");
}

#[test]
fn filters_find_messages_outside_threads_beside_those_in_threads() {
    let inbox = Inbox::new();
    inbox.stored(&flux_capacitor());
    inbox.stored(&outside("Build 42 failed"));
    let in_thread = inbox.stored(&chat("1234567", "Shiny!"));
    for (query, ids) in [
        ("", vec![1, 2, 3]),
        ("event=message", vec![2, 3]),
        ("event=activity", vec![1]),
        ("tags=build", vec![2]),
        ("event=message&tags=build", vec![2]),
        ("event=activity&tags=build", vec![]),
        ("since_id=1&until_id=3", vec![2]),
        ("sort=asc&limit=2", vec![1, 2]),
    ] {
        let found = inbox.get(&format!("{MESSAGES}?{query}")).expect(200);
        let found: Vec<_> = found.as_array().expect("a list").iter().map(|message| &message["id"]).collect();
        assert_eq!(found, ids, "{query}");
    }
    let thread = in_thread["thread_id"].as_str().expect("an id");
    let messages = inbox.get(&format!("/flows/example/main/threads/{thread}/messages")).expect(200);
    assert_eq!(messages.as_array().map(Vec::len), Some(2));
    assert_eq!(in_thread["thread"]["internal_comments"], 1);
}

#[test]
fn after_a_restart_with_a_clock_that_was_set_back_no_message_is_older_than_the_last() {
    let place = Place::new();
    let start = || TimedInbox::start(&place, |_| ());
    let message = json!({ "event": "message", "content": "outside any thread" });
    let first = start();
    first.later(3600);
    let sent = first.stored(&message)["sent"].clone();
    let (flow_token, api_token) = (first.flow_token.clone(), first.api_token.clone());
    drop(first);
    let second = start();
    let client = Client::new(second.url.clone(), flow_token, api_token);
    assert_eq!(client.stored(&message)["sent"], sent);
}
