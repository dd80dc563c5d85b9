//! Tests of what an outbox stores of a message, and of what it refuses.

use std::error::Error;

use flowdock_integration::client::Prepared;
use flowdock_integration::outbox::{Fate, Outbox, OutboxError, OutboxOptions, OutboxStore, Size};
use flowdock_integration::{ChatMessage, Client, ClientOptions, Options, PostOptions};
use serde_json::{Value, json};

use super::{NOON, TOKEN, message, sqlite};

fn outbox() -> Outbox<impl OutboxStore<Error: std::fmt::Debug + std::fmt::Display>> {
    Outbox::new(sqlite(), OutboxOptions::default())
}

#[test]
fn a_message_is_stored_once_for_each_source_without_a_token() {
    let mut outbox = outbox();
    let message =
        ChatMessage::builder().content("Great Scott!").thread_id("1").external_thread_id("42").build().unwrap();
    let uuid = outbox.post(&["garage", "attic"], &message, [7; 16], NOON).unwrap();
    assert_eq!(uuid, "07070707-0707-4707-8707-070707070707");
    assert_eq!((outbox.count(None).unwrap(), outbox.count(Some("attic")).unwrap()), (2, 1));
    let due = outbox.take(NOON, 9).unwrap().due;
    assert_eq!(due.iter().map(|entry| entry.source.as_str()).collect::<Vec<_>>(), ["garage", "attic"]);
    let stored = json!({ "uuid": uuid, "event": "message", "content": "Great Scott!", "thread_id": "1", "external_thread_id": "42" });
    assert_eq!(serde_json::from_str::<Value>(&due[0].body).unwrap(), stored);

    // The client that posts it adds the token, and the request is the one that it would have made at once.
    let client = Client::new(ClientOptions::new("http://127.0.0.1:4400", TOKEN)).unwrap();
    let (later, now) = (due[0].request(&client), client.post(&message, [7; 16], PostOptions::default()));
    let parsed = |body: &str| serde_json::from_str::<Value>(body).unwrap();
    assert_eq!(parsed(&later.body), parsed(&now.body));
    assert_eq!((&later.sent.url, &later.sent.uuid, &later.lanes), (&now.sent.url, &uuid, &now.lanes));
    assert_eq!(later.headers(), now.headers());
    let error = later.read(400, &format!("unknown token {TOKEN}")).unwrap_err();
    assert!(!format!("{error} {due:?}").contains(TOKEN));
}

#[test]
fn a_message_of_any_type_is_checked_and_must_have_no_token() {
    let mut outbox = outbox();
    let mut post = |message: &Value, checked| outbox.post_value(&["garage"], message, checked, [7; 16], NOON);
    let message = json!({ "event": "activity", "title": "x", "author": { "name": "Marty" }, "thread_id": "42" });
    assert!(post(&message, Options::default().thread_optional()).is_ok());
    match post(&message, Options::default()) {
        Err(OutboxError::InvalidMessage(error)) => assert_eq!(error.report.violations()[0].path, "/thread"),
        other => panic!("{other:?}"),
    }
    let with_token = json!({ "event": "message", "content": "x", "thread_id": "42", "flow_token": TOKEN });
    let error = post(&with_token, Options::default()).unwrap_err();
    assert!(matches!(error, OutboxError::OwnFlowToken));
    assert_eq!(error.to_string(), "the message has a flow token of its own, which an outbox does not store");
    assert_eq!(outbox.count(None).unwrap(), 1);
}

#[test]
fn an_outbox_that_is_full_says_so() {
    let body = Prepared::new(&message("1", None), [0; 16]).body.len() as u64;
    for (max_entries, max_bytes) in [(2, 50_000_000), (10_000, 2 * body)] {
        let mut outbox = Outbox::new(sqlite(), OutboxOptions { max_entries, max_bytes, ..OutboxOptions::default() });
        let mut post = |sources: &[&str], uuid| outbox.post(sources, &message(uuid, None), [0; 16], NOON);
        post(&["garage"], "1").unwrap();
        // All or none.
        let error = post(&["garage", "attic"], "2").unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("the outbox is full: it may hold {max_entries} entries and {max_bytes} bytes")
        );
        assert!(error.source().is_none());
        post(&["attic"], "3").unwrap();
        assert!(matches!(post(&["garage"], "4"), Err(OutboxError::Full { .. })));
        let first = outbox.take(NOON, 1).unwrap().due.remove(0);
        outbox.settle(&first, &Fate::Dropped(None)).unwrap();
        outbox.post(&["garage"], &message("4", None), [0; 16], NOON).unwrap();
        assert_eq!(outbox.into_store().size(None).unwrap(), Size { entries: 2, bytes: 2 * body });
    }
}
