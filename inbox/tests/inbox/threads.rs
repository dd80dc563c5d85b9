//! Threads: each item has one thread, with its newest state and its counters.

use std::time::Duration;

use serde_json::{Value, json};
use sha2::Digest;

use crate::host::{Inbox, TimedInbox};
use crate::place::Place;
use crate::samples::{chat, discussion, flux_capacitor, pull_request};

#[test]
fn two_messages_of_one_item_make_one_thread_with_the_newest_state() {
    let inbox = Inbox::new();
    let first = inbox.stored(&flux_capacitor());
    let mut closing = flux_capacitor();
    closing["thread"] = json!({ "title": "Polished", "status": { "value": "closed", "color": "grey" } });
    let second = inbox.stored(&closing);

    assert_eq!(first["thread_id"], second["thread_id"]);
    let threads = inbox.get("/flows/example/main/threads").expect(200);
    let [thread] = threads.as_array().expect("a list").as_slice() else { panic!("one thread: {threads}") };
    assert_eq!(
        *thread,
        json!({
            "id": first["thread_id"],
            "title": "Polished",
            // The newest state replaces the old one, so keys that it leaves out are empty.
            "body": null,
            "external_url": null,
            "status": { "value": "closed", "color": "grey" },
            "actions": [],
            "fields": [],
            "source": { "id": 1, "icon": null, "application": "Example application" },
            "activities": 2,
            "internal_comments": 0,
            "external_comments": 0,
            "updated_at": second["created_at"],
            "created_at": first["created_at"],
        })
    );
    assert_eq!(inbox.get(&thread_path(&first)).expect(200), *thread);
    let messages = inbox.get(&format!("{}/messages", thread_path(&first))).expect(200);
    assert_eq!(messages, json!([first, second]));
    // Each message contains the thread as it was when the message came.
    assert_eq!(messages[0]["thread"]["title"], "Polish the flux capacitor");
    assert_eq!(messages[0]["thread"]["activities"], 1);
    assert_eq!(messages[1]["thread"], *thread);
}

#[test]
fn a_thread_counts_each_event_separately() {
    let inbox = Inbox::new();
    inbox.stored(&flux_capacitor());
    inbox.stored(&discussion("1234567"));
    inbox.stored(&discussion("1234567"));
    for _ in 0..3 {
        inbox.stored(&chat("1234567", "hi"));
    }
    let thread = &inbox.get("/flows/example/main/threads").expect(200)[0];
    let counters = ["activities", "external_comments", "internal_comments"].map(|name| thread[name].as_i64());
    assert_eq!(counters, [Some(1), Some(2), Some(3)]);
}

#[test]
fn a_chat_message_may_begin_a_thread_that_is_described_later() {
    let inbox = Inbox::new();
    let begun = inbox.stored(&chat("1234567", "Does anybody know?"));
    assert_eq!(begun["thread"]["title"], "");
    assert_eq!(begun["thread"]["fields"], json!([]));
    let described = inbox.stored(&flux_capacitor());
    assert_eq!(described["thread_id"], begun["thread_id"]);
    assert_eq!(described["thread"]["title"], "Polish the flux capacitor");
    // A chat message without `thread` leaves the thread's state unchanged.
    assert_eq!(inbox.stored(&chat("1234567", "Thanks"))["thread"]["fields"][0]["label"], "Dustiness");
}

#[test]
fn a_known_thread_id_counts_more_than_the_external_thread_id() {
    let inbox = Inbox::new();
    let known = inbox.stored(&flux_capacitor());
    let mut reply = chat("something else", "here");
    reply["thread_id"] = known["thread_id"].clone();
    assert_eq!(inbox.stored(&reply)["thread_id"], known["thread_id"]);

    let mut alone = json!({ "event": "activity", "title": "polished", "author": { "name": "Marty" } });
    alone["thread_id"] = known["thread_id"].clone();
    assert_eq!(inbox.stored(&alone)["thread"]["title"], "Polish the flux capacitor", "no thread, no change");
}

#[test]
fn with_an_unknown_thread_id_the_external_thread_id_counts() {
    let inbox = Inbox::new();
    let stored = inbox.stored(&pull_request());
    assert_ne!(stored["thread_id"], pull_request()["thread_id"]);
    assert_eq!(inbox.stored(&pull_request())["thread_id"], stored["thread_id"]);
}

#[test]
fn an_unknown_thread_id_without_an_external_one_is_refused() {
    let inbox = Inbox::new();
    let answer = inbox.post(&without(pull_request(), "external_thread_id")).expect(400);
    assert_eq!(answer, json!({ "message": "Validation error", "errors": { "thread_id": ["not found"] } }));
}

#[test]
fn an_activity_or_discussion_about_an_undescribed_item_is_refused() {
    let inbox = Inbox::new();
    for message in [flux_capacitor(), discussion("9")] {
        let answer = inbox.post(&without(message, "thread")).expect(400);
        assert_eq!(answer, json!({ "message": "Validation error", "errors": { "thread": ["can't be blank"] } }));
    }
    assert_eq!(inbox.get("/flows/example/main/threads").expect(200), json!([]));
    // A refused message uses up no id.
    assert_eq!(inbox.stored(&flux_capacitor())["id"], 1);
    // An activity about a known item needs no description.
    assert_eq!(inbox.stored(&without(flux_capacitor(), "thread"))["thread"]["title"], "Polish the flux capacitor");
}

#[test]
fn two_sources_with_the_same_external_thread_id_have_two_threads() {
    let place = Place::new();
    let mut first = Inbox::start(&place, &[]);
    let one = first.stored(&flux_capacitor());
    first.kill();
    let hash = sha2::Sha256::digest("second").iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let insert = |bytes: &str| {
        format!(
            "INSERT INTO sources (flow, application, name, token_hash)
             SELECT flow, application, 'Second', {bytes} FROM sources"
        )
    };
    place.sql_of(&insert(&format!("unhex('{hash}')")), &insert(&format!("decode('{hash}', 'hex')")));
    let inbox = Inbox::start(&place, &[]).with_tokens_of(&first);
    let mut message = flux_capacitor();
    message["flow_token"] = json!("second");
    let two = inbox.send("POST", "/messages", &[crate::host::WAIT], &message.to_string()).expect(200);
    assert_ne!(one["thread_id"], two["thread_id"]);
    assert_eq!(two["id"], 2, "the flow counts, not the source");
}

#[test]
fn posted_values_of_server_set_keys_are_discarded_and_unknown_keys_are_stored() {
    let inbox = Inbox::new();
    let mut message = flux_capacitor();
    message["thread"]["id"] = json!("mine");
    message["thread"]["activities"] = json!(100);
    message["thread"]["x_unknown"] = json!("kept");
    let thread = &inbox.stored(&message)["thread"];
    assert_ne!(thread["id"], "mine");
    assert_eq!((&thread["activities"], &thread["x_unknown"]), (&json!(1), &json!("kept")));
}

#[test]
fn threads_are_listed_by_their_last_update() {
    let inbox = Inbox::new();
    for item in ["a", "b", "c", "a"] {
        inbox.stored(&discussion(item));
    }
    let by_item = |item: &str| inbox.stored(&chat(item, "?"))["thread_id"].clone();
    let (b, c, a) = (by_item("b"), by_item("c"), by_item("a"));
    let list = |query: &str| {
        let threads = inbox.get(&format!("/flows/example/main/threads{query}")).expect(200);
        threads.as_array().expect("a list").iter().map(|thread| thread["id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(list(""), [a.clone(), c.clone(), b.clone()]);
    assert_eq!(list("?limit=2"), [a, c]);
    assert_eq!(list("?until=2000-01-01T00:00:00Z"), Vec::<Value>::new());
    assert_eq!(list("?since=2000-01-01T00:00:00Z&until=2999-01-01T00:00:00.000Z").len(), 3);
    let answer = inbox.get("/flows/example/main/threads?since=yesterday").expect(400);
    assert_eq!(answer["errors"], json!({ "since": ["must be an ISO 8601 date and time"] }));
}

#[test]
fn threads_are_filtered_by_the_ids_of_their_last_messages() {
    // All messages come at the same time, so only their ids tell which thread was updated later.
    let inbox = TimedInbox::new();
    // The last messages of the threads a, b, c and d have the ids 5, 2, 3 and 4.
    let threads: Vec<Value> =
        ["a", "b", "c", "d", "a"].map(|item| inbox.stored(&discussion(item))["thread_id"].clone()).into();
    let list = |query: &str| -> Vec<&str> {
        let found = inbox.get(&format!("/flows/example/main/threads?{query}")).expect(200);
        let name =
            |thread: &Value| ["a", "b", "c", "d"][threads.iter().position(|id| *id == thread["id"]).expect("one")];
        found.as_array().expect("a list").iter().map(name).collect()
    };
    for (query, expected) in [
        ("", vec!["a", "d", "c", "b"]),
        ("since_id=3", vec!["a", "d"]),
        ("since_id=1", vec!["a", "d", "c", "b"]),
        ("since_id=5", vec![]),
        ("until_id=4", vec!["c", "b"]),
        ("since_id=2&until_id=5", vec!["d", "c"]),
        ("since_id=2&limit=2", vec!["a", "d"]),
        ("since_id=3&since=2015-10-21T23:28:59Z", vec!["a", "d"]),
        ("since_id=3&since=2015-10-21T23:29:00Z", vec![]),
        ("until_id=4&until=2015-10-21T23:29:01Z", vec!["c", "b"]),
    ] {
        assert_eq!(list(query), expected, "{query}");
    }
    for (query, field) in [("since_id=x", "since_id"), ("until_id=1.5", "until_id")] {
        let answer = inbox.get(&format!("/flows/example/main/threads?{query}")).expect(400);
        assert_eq!(answer["errors"], json!({ field: ["must be a whole number"] }), "{query}");
    }
}

#[test]
fn thread_ids_have_160_bits_and_are_url_safe() {
    let inbox = Inbox::new();
    let ids = ["a", "b"].map(|item| inbox.stored(&discussion(item))["thread_id"].as_str().expect("an id").to_owned());
    assert_ne!(ids[0], ids[1]);
    for id in ids {
        assert_eq!(id.len(), 27, "160 bits");
        assert!(id.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)), "{id}");
    }
}

fn without(mut message: Value, key: &str) -> Value {
    message.as_object_mut().and_then(|message| message.remove(key)).expect("it was there");
    message
}

fn thread_path(message: &Value) -> String {
    format!("/flows/example/main/threads/{}", message["thread_id"].as_str().expect("an id"))
}

#[test]
fn a_clock_that_is_set_back_changes_no_order() {
    let inbox = TimedInbox::new();
    let first = inbox.stored(&chat("1", "first"));
    inbox.clock.set_back(Duration::from_secs(3600));
    let second = inbox.stored(&chat("2", "second"));
    assert_eq!(second["created_at"], first["created_at"]);
    let ids = |path: &str| -> Vec<Value> {
        let threads = inbox.get(path).expect(200);
        threads.as_array().expect("a list").iter().map(|thread| thread["id"].clone()).collect()
    };
    let newest_first = vec![second["thread_id"].clone(), first["thread_id"].clone()];
    assert_eq!(ids("/flows/example/main/threads"), newest_first);
    assert_eq!(ids("/flows/example/main/threads?since=2015-10-21T23:28:59Z"), newest_first);
    inbox.later(2 * 3600);
    let third = inbox.stored(&chat("1", "third"));
    assert!(third["sent"].as_i64() > second["sent"].as_i64());
    assert_eq!(ids("/flows/example/main/threads?since=2015-10-21T23:29:00Z"), [first["thread_id"].clone()]);
}
