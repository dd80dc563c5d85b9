//! Messages that are too old are removed, if the owner asks for that.

use std::time::Duration;

use serde_json::{Value, json};

use crate::files;
use crate::host::{Client, Inbox, TimedInbox, command};
use crate::place::Place;
use crate::samples::{chat, discussion, flux_capacitor};

const DAY: u64 = 24 * 60 * 60;
const MESSAGES: &str = "/flows/example/main/messages";

fn ids(inbox: &Client) -> Vec<i64> {
    let list = inbox.get(&format!("{MESSAGES}?limit=100")).expect(200);
    list.as_array().expect("a list").iter().map(|message| message["id"].as_i64().expect("an id")).collect()
}

/// Asks until the flow has these messages. The sweep runs beside the requests, so it may not be finished yet.
#[track_caller]
fn wait_for(inbox: &Client, expected: &[i64]) {
    assert!((0..100_000).any(|_| ids(inbox) == expected), "{expected:?}, not {:?}", ids(inbox));
}

#[test]
fn a_message_that_is_older_than_the_days_is_removed_with_its_files_and_its_thread_stays() {
    let inbox = TimedInbox::with(|args| args.keep_days = Some(Duration::from_secs(30 * DAY)));
    let old = files::post(&inbox, &[("name=\"attachments[]\"; filename=a", "", b"content")]).expect(200);
    inbox.stored(&discussion("42"));
    inbox.stored(&json!({ "event": "message", "content": "outside any thread" }));
    inbox.later(10 * DAY);
    inbox.stored(&flux_capacitor());
    let thread = format!("/flows/example/main/threads/{}", old["thread_id"].as_str().expect("an id"));
    let before = inbox.get(&thread).expect(200);

    inbox.later(20 * DAY);
    inbox.stored(&chat("42", "not older than 30 days, but as old"));
    assert_eq!(ids(&inbox), [1, 2, 3, 4, 5]);
    inbox.later(60 * 60);
    wait_for(&inbox, &[4, 5]);
    inbox.get(old["attachments"][0]["path"].as_str().expect("a path")).expect(404);
    let after = inbox.get(&thread).expect(200);
    assert_eq!((&after["title"], &after["id"]), (&before["title"], &before["id"]));
    assert_eq!(
        (&after["activities"], &after["external_comments"], &after["internal_comments"]),
        (&json!(0), &json!(0), &json!(1))
    );
    assert_eq!(inbox.stored(&discussion("42"))["thread_id"], old["thread_id"], "the item has its thread as before");

    inbox.later(40 * DAY);
    wait_for(&inbox, &[]);
    assert_eq!(inbox.get("/flows/example/main/threads").expect(200).as_array().map(Vec::len), Some(2));
    assert_eq!(inbox.stored(&chat("42", "next"))["id"], 7);
}

#[test]
fn messages_stay_for_ever_unless_the_owner_asks() {
    let inbox = TimedInbox::new();
    inbox.stored(&flux_capacitor());
    inbox.later(10_000 * DAY);
    let second = inbox.stored(&flux_capacitor());
    assert_eq!(second["id"], 2);
    assert_eq!(ids(&inbox), [1, 2]);
}

#[test]
fn a_start_removes_what_has_become_too_old_meanwhile() {
    let place = Place::new();
    let mut inbox = Inbox::start(&place, &[]);
    for _ in 0..3 {
        inbox.stored(&flux_capacitor());
    }
    inbox.kill();
    place.sql_of(
        "UPDATE messages SET json = json_set(json, '$.sent', 1445470140000) WHERE id < 3",
        "UPDATE messages SET sent_at = 1445470140000 WHERE id < 3",
    );
    let inbox = Inbox::start(&place, &["--keep-days", "1"]).with_tokens_of(&inbox);
    wait_for(&inbox, &[3]);
    let thread: Value = inbox.get("/flows/example/main/threads").expect(200)[0].clone();
    assert_eq!(thread["activities"], 1);
}

#[test]
fn the_days_are_a_whole_number() {
    for days in ["0", "-1", "1.5", "36501", "x", ""] {
        let output = command(&[&format!("--keep-days={days}")]).output().expect("the binary runs");
        assert_eq!(output.status.code(), Some(2), "{days}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("--keep-days"), "{days}");
    }
}
