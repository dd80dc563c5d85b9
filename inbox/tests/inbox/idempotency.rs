//! A post that comes again with the same uuid is stored once, whenever and however often it comes.

use std::thread;

use serde_json::{Value, json};

use crate::host::{Client, Inbox, TimedInbox, WAIT};
use crate::place::Place;
use crate::samples::{chat, flux_capacitor};

const HEADER: &str = "flowdock-deduplicates";

fn with_uuid(uuid: &str) -> Value {
    let mut message = flux_capacitor();
    message["uuid"] = uuid.into();
    message
}

fn count(inbox: &Client) -> usize {
    inbox.get("/flows/example/main/messages?limit=100").expect(200).as_array().expect("a list").len()
}

#[test]
fn the_second_post_answers_as_the_first_did_and_changes_nothing() {
    let inbox = Inbox::new();
    let mut stream = inbox.stream(None);
    let first = inbox.post_with(&[WAIT], &with_uuid("1"));
    assert_eq!(first.header(HEADER), Some("uuid"));
    let first = first.expect(200);
    let thread = inbox.get("/flows/example/main/threads").expect(200);
    assert_eq!(inbox.stored(&with_uuid("1")), first);
    let accepted = inbox.post(&with_uuid("1"));
    assert_eq!(accepted.header(HEADER), Some("uuid"));
    assert_eq!(accepted.expect(202), json!({}));
    assert_eq!(inbox.get("/flows/example/main/threads").expect(200), thread);

    // The stream goes on with the next message.
    let next = inbox.stored(&with_uuid("2"));
    assert_eq!(next["id"], 2);
    assert_eq!(stream.next().expect("an event").1, first);
    assert_eq!(stream.next().expect("an event").1, next);
}

#[test]
fn another_message_with_the_same_uuid_is_refused() {
    let inbox = Inbox::new();
    inbox.post(&with_uuid("1")).expect(202);
    let mut other = with_uuid("1");
    other["title"] = "closed ticket".into();
    let refusal = inbox.post(&other);
    assert_eq!(refusal.header(HEADER), Some("uuid"));
    assert_eq!(refusal.expect(400)["errors"], json!({ "uuid": ["was used for another message"] }));
    assert_eq!(count(&inbox), 1);

    // A refused post leaves its uuid free.
    let mut refused = with_uuid("2");
    refused.as_object_mut().expect("an object").remove("thread");
    refused["external_thread_id"] = "unknown".into();
    inbox.post(&refused).expect(400);
    inbox.post(&with_uuid("2")).expect(202);
}

#[test]
fn posts_that_come_at_once_are_stored_once() {
    let inbox = Inbox::new();
    let posts: Vec<_> = (0..8)
        .map(|_| {
            let client = inbox.client.clone();
            thread::spawn(move || {
                (0..20).map(|index| client.stored(&with_uuid(&index.to_string()))["id"].clone()).collect::<Vec<_>>()
            })
        })
        .collect();
    let ids: Vec<_> = posts.into_iter().map(|posts| posts.join().expect("they are answered")).collect();
    assert!(ids.iter().all(|of_one| *of_one == ids[0]), "{ids:?}");
    assert_eq!(count(&inbox), 20);
}

#[test]
fn a_uuid_belongs_to_its_source_and_survives_a_restart() {
    let place = Place::new();
    let mut inbox = Inbox::start(&place, &[]);
    let first = inbox.stored(&with_uuid("1"));
    let source = json!({ "name": "Another", "application": 1 });
    let other = inbox.owner("POST", "/flows/example/main/sources", &source).expect(201);
    let mut of_other = with_uuid("1");
    of_other["flow_token"] = other["flow_token"].clone();
    inbox.send("POST", "/messages", &[], &of_other.to_string()).expect(202);
    assert_eq!(count(&inbox), 2);
    inbox.kill();

    let inbox = Inbox::start(&place, &[]).with_tokens_of(&inbox);
    assert_eq!(inbox.stored(&with_uuid("1")), first);
    inbox.send("POST", "/messages", &[], &of_other.to_string()).expect(202);
    assert_eq!(count(&inbox), 2);
    // A removed source is told so first.
    assert_eq!(inbox.owner("DELETE", "/flows/example/main/sources/1", &Value::Null).status, 204);
    inbox.post(&with_uuid("1")).expect(410);
}

#[test]
fn a_message_with_files_is_recognised_by_them_as_well() {
    let place = Place::new();
    let mut inbox = Inbox::start(&place, &[]);
    let post = |content: &str| {
        let mut form = String::new();
        for (name, value) in [
            ("flow_token", inbox.flow_token.as_str()),
            ("uuid", "1"),
            ("event", "activity"),
            ("title", "x"),
            ("author[name]", "x"),
            ("external_thread_id", "1"),
            ("thread[title]", "x"),
        ] {
            form += &format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        }
        let file = "Content-Disposition: form-data; name=\"attachments[]\"; filename=\"a\"";
        form += &format!("--b\r\n{file}\r\n\r\n{content}\r\n--b--\r\n");
        inbox.send_bytes("/messages", "multipart/form-data; boundary=b", form.as_bytes())
    };
    let first = post("content").expect(200);
    assert_eq!(post("content").expect(200), first);
    assert_eq!(post("another").expect(400)["errors"], json!({ "uuid": ["was used for another message"] }));
    let path = first["attachments"][0]["path"].as_str().expect("a path");
    assert_eq!(inbox.download(&inbox.api_token, path).1, b"content");
    inbox.kill();
    assert_eq!(crate::files::counts(&place), (1, 1), "the files of a repeated and of a refused post are gone");
}

#[test]
fn a_post_is_remembered_for_two_weeks_and_one_without_a_usual_uuid_not_at_all() {
    let inbox = TimedInbox::new();
    inbox.post(&with_uuid("1")).expect(202);
    inbox.later(14 * 24 * 60 * 60);
    inbox.post(&with_uuid("1")).expect(202);
    assert_eq!(count(&inbox), 1);
    inbox.later(1);
    // Any post removes what is not remembered any more.
    inbox.post(&chat("1", "hi")).expect(202);
    inbox.post(&with_uuid("1")).expect(202);
    assert_eq!(count(&inbox), 3);

    for message in [with_uuid(&"x".repeat(65)), chat("1", "hi")] {
        for _ in 0..2 {
            let answer = inbox.post(&message);
            assert_eq!(answer.header(HEADER), None);
            answer.expect(202);
        }
    }
    assert_eq!(count(&inbox), 7);
}

#[test]
fn the_same_message_with_its_keys_in_another_order_is_the_same() {
    let inbox = Inbox::new();
    inbox.post(&with_uuid("1")).expect(202);
    let Value::Object(message) = with_uuid("1") else { panic!("an object") };
    let mut turned = Value::Object(message.into_iter().rev().collect());
    let Value::Object(thread) = turned["thread"].take() else { panic!("an object") };
    turned["thread"] = Value::Object(thread.into_iter().rev().collect());
    inbox.post(&turned).expect(202);
    assert_eq!(count(&inbox), 1);
}
