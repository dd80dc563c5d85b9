//! The live stream of a flow's messages.

use serde_json::json;

use crate::host::Inbox;
use crate::samples::{chat, flux_capacitor};

#[test]
fn every_listener_gets_each_message_as_it_comes() {
    let inbox = Inbox::new();
    inbox.stored(&chat("1", "before anybody listened"));
    let mut streams = [inbox.stream(None), inbox.stream(None)];
    for _ in 0..3 {
        let stored = inbox.stored(&flux_capacitor());
        for stream in &mut streams {
            let (id, message) = stream.next().expect("an event");
            assert_eq!(id, stored["id"]);
            assert_eq!(message, stored);
        }
    }
}

#[test]
fn a_listener_that_comes_back_gets_what_it_missed_and_nothing_twice() {
    let inbox = Inbox::new();
    let mut stream = inbox.stream(None);
    inbox.stored(&chat("1", "seen"));
    let (seen, _) = stream.next().expect("an event");
    drop(stream);

    // 150 messages are more than the inbox reads at once.
    for number in 0..150 {
        inbox.stored(&chat("1", &format!("missed {number}")));
    }
    let mut resumed = inbox.stream(Some(seen));
    inbox.stored(&chat("1", "live"));
    let ids: Vec<_> = resumed.by_ref().take(151).map(|(id, _)| id).collect();
    assert_eq!(ids, (seen + 1..=seen + 151).collect::<Vec<_>>());
    inbox.stored(&chat("1", "still live"));
    assert_eq!(resumed.next().expect("an event").0, seen + 152);
}

#[test]
fn a_stream_from_id_0_sends_all_messages() {
    let inbox = Inbox::new();
    for _ in 0..2 {
        inbox.stored(&flux_capacitor());
    }
    assert_eq!(inbox.stream(Some(0)).take(2).map(|(id, _)| id).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn a_last_event_id_of_another_database_does_not_skip_the_next_message() {
    let inbox = Inbox::new();
    inbox.stored(&flux_capacitor());
    let mut stream = inbox.stream(Some(1_000_000));
    inbox.stored(&flux_capacitor());
    assert_eq!(stream.next().expect("an event").0, 2);
}

#[test]
fn a_listener_that_lags_far_behind_loses_nothing() {
    let inbox = Inbox::new();
    let stream = inbox.stream(None);
    // 15 MB of messages are sent before the listener reads. The buffers between the two cannot hold as much, so the
    // inbox has to wait.
    let mut message = flux_capacitor();
    message["thread"]["body"] = json!("x".repeat(50_000));
    for _ in 0..300 {
        inbox.post(&message).expect(202);
    }
    let ids: Vec<_> = stream.take(300).map(|(id, _)| id).collect();
    assert_eq!(ids, (1..=300).collect::<Vec<_>>());
}

#[test]
fn an_event_source_needs_no_headers() {
    let inbox = Inbox::new();
    let path = format!("/flows/example/main?accept=text/event-stream&access_token={}", inbox.api_token);
    let mut stream = inbox.events(&path, &[]);
    let stored = inbox.stored(&flux_capacitor());
    assert_eq!(stream.next().expect("an event").1, stored);
    // A browser's EventSource sends this request.
    let path = format!("/flows/example/main?access_token={}", inbox.api_token);
    inbox.events(&path, &[("Accept", "text/html, text/event-stream;q=0.9")]);
    // The parameter `accept` counts more than the header, and without a stream the token in the query does not count.
    inbox.send("GET", &format!("{path}&accept=application/json"), &[("Accept", "text/event-stream")], "").expect(401);
}

#[test]
fn only_messages_that_were_stored_are_streamed() {
    let inbox = Inbox::new();
    let mut stream = inbox.stream(None);
    inbox.post(&chat("1", " ")).expect(400);
    let stored = inbox.stored(&chat("1", "good"));
    assert_eq!(stream.next().expect("an event").1, stored);
}

#[test]
fn an_event_source_of_a_page_with_a_session_continues_after_its_last_event() {
    let inbox = Inbox::new();
    let session = inbox.owner("POST", "/session", &json!(null)).expect(201);
    let token = session["token"].as_str().expect("a token");
    // The request of an `EventSource`: its token is in the address, and only the browser adds a header when it comes back.
    let path = format!("/flows/example/main?access_token={token}");
    let mut stream = inbox.events(&path, &[("Accept", "text/event-stream")]);
    inbox.stored(&chat("1", "seen"));
    let (seen, _) = stream.next().expect("an event");
    drop(stream);
    inbox.stored(&chat("1", "missed"));
    let last = seen.to_string();
    let mut resumed = inbox.events(&path, &[("Accept", "text/event-stream"), ("Last-Event-ID", &last)]);
    inbox.stored(&chat("1", "live"));
    assert_eq!(resumed.by_ref().take(2).map(|(id, _)| id).collect::<Vec<_>>(), [seen + 1, seen + 2]);
}
