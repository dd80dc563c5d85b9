//! Comments on messages.

use serde_json::{Value, json};

use crate::compatibility::{list, send};
use crate::host::{Inbox, WAIT};
use crate::samples::{chat, flux_capacitor};

const FLOW: &str = "/flows/example/main";

#[test]
fn a_comment_stands_in_the_thread_of_its_message() {
    let inbox = Inbox::new();
    let mut stream = inbox.stream(None);
    let activity = inbox.stored(&flux_capacitor());
    // As npm's `flowdock` sends it.
    let comment = json!({ "flow": "example/main", "message": 1, "event": "comment", "content": "Nice", "tags": [] });
    let stored = send(&inbox, "/comments", &comment).expect(200);
    assert_eq!((&stored["event"], &stored["user"]), (&json!("message"), &json!("1")));
    assert_eq!((&stored["thread_id"], stored.get("message")), (&activity["thread_id"], None));
    assert_eq!(stored["thread"]["source"]["application"], "Example application");

    // A message outside any thread gets one with the first comment.
    let long = format!("1 < 2 & {}\nsecond line", "x".repeat(200));
    let parent = inbox.stored(&json!({ "event": "message", "content": long, "external_user_name": "CI" }));
    let path = format!("/v1{FLOW}/messages/{}/comments", parent["id"]);
    let first = send(&inbox, &path, &json!({ "event": "comment", "content": "Why? #question" })).expect(200);
    let thread = &first["thread"];
    assert_eq!(thread["title"], format!("1 &lt; 2 &amp; {}…", "x".repeat(92)));
    assert_eq!(
        (&thread["source"], &thread["internal_comments"], &first["tags"]),
        (&Value::Null, &json!(2), &json!(["question"]))
    );
    assert_eq!(thread["created_at"], parent["created_at"]);
    // The message is now in the thread, with all that it had.
    let moved = inbox.get(&format!("{FLOW}/messages/{}", parent["id"])).expect(200);
    assert_eq!((&moved["thread_id"], &moved["thread"]["title"]), (&first["thread_id"], &thread["title"]));
    assert_eq!(moved["thread"]["internal_comments"], 1);
    for key in parent.as_object().expect("an object").keys().filter(|key| *key != "thread_id") {
        assert_eq!(moved[key], parent[key], "{key}");
    }
    // A source comments as well. It reads nothing of the flow, so its answer does not show the thread.
    let mut second = json!({ "content": "Because" });
    second["flow_token"] = inbox.flow_token.as_str().into();
    assert_eq!(inbox.send("POST", &path, &[WAIT], &second.to_string()).expect(202), json!({}));
    let second = list(&inbox, "?limit=1").remove(0);
    assert_eq!(
        (&second["thread_id"], &second["thread"]["internal_comments"], &second["user"]),
        (&first["thread_id"], &json!(3), &json!("0"))
    );
    // A comment on a comment stands in the same thread.
    let third = send(
        &inbox,
        "/comments",
        &json!({ "flow": "example:main", "message": second["id"].to_string(), "content": "So" }),
    );
    assert_eq!(third.expect(200)["thread_id"], first["thread_id"]);
    let thread = format!("{FLOW}/threads/{}", first["thread_id"].as_str().expect("an id"));
    let in_thread = inbox.get(&format!("{thread}/messages")).expect(200);
    let ids: Vec<_> = in_thread.as_array().expect("a list").iter().map(|message| message["id"].clone()).collect();
    assert_eq!(ids, [3, 4, 5, 6]);
    assert_eq!(inbox.get(&thread).expect(200)["internal_comments"], 4);
    assert_eq!(inbox.get(&format!("{FLOW}/threads")).expect(200)[0]["id"], first["thread_id"]);
    let streamed: Vec<_> = stream.by_ref().take(6).map(|(id, _)| id).collect();
    assert_eq!(streamed, [1, 2, 3, 4, 5, 6]);

    // No application may describe a thread that the inbox made.
    let mut described = chat("1", "mine");
    described.as_object_mut().expect("an object").remove("external_thread_id");
    described["thread_id"] = first["thread_id"].clone();
    described["thread"] = json!({ "title": "taken" });
    assert_eq!(
        inbox.post(&described).expect(400)["errors"].as_object().map(|errors| errors.contains_key("thread")),
        Some(true)
    );
}

#[test]
fn a_comment_on_no_message_is_refused() {
    let inbox = Inbox::new();
    inbox.stored(&flux_capacitor());
    for (message, problem) in [
        (Value::Null, "can't be blank"),
        (json!(""), "can't be blank"),
        (json!("x"), "must be the id of a message"),
        (json!(7), "not found"),
    ] {
        let comment = json!({ "flow": "example/main", "message": message, "content": "x" });
        assert_eq!(send(&inbox, "/comments", &comment).expect(400)["errors"], json!({ "message": [problem] }));
    }
    let comment = json!({ "content": "x" });
    for path in [format!("{FLOW}/messages/7/comments"), format!("{FLOW}/messages/x/comments")] {
        assert_eq!(send(&inbox, &path, &comment).expect(404), json!({ "message": "Message not found" }));
    }
    send(&inbox, "/flows/example/other/messages/1/comments", &comment).expect(404);
    inbox.send("POST", &format!("{FLOW}/messages/1/comments"), &[], &comment.to_string()).expect(401);
    let activity = json!({ "event": "activity", "content": "x" });
    let refusal = send(&inbox, &format!("{FLOW}/messages/1/comments"), &activity).expect(400);
    assert_eq!(refusal["errors"]["event"][0], "must be `message`; an activity or a discussion needs a flow token");
    let mut of_source = inbox.with_token(&flux_capacitor());
    of_source["message"] = 1.into();
    let refusal = inbox.send("POST", "/comments", &[], &of_source.to_string()).expect(400);
    assert_eq!(refusal["errors"], json!({ "event": ["must be `comment` or `message`"] }));
    let blank = send(&inbox, &format!("{FLOW}/messages/1/comments"), &json!({ "content": " " })).expect(400);
    assert_eq!(blank["errors"], json!({ "content": ["can't be blank"] }));
    assert_eq!(list(&inbox, "").len(), 1);
}

#[test]
fn comments_that_come_at_once_begin_one_thread() {
    let inbox = Inbox::new();
    inbox.stored(&json!({ "event": "message", "content": "Outside" }));
    let senders: Vec<_> = (0..8)
        .map(|index| {
            let client = inbox.client.clone();
            std::thread::spawn(move || {
                let comment = json!({ "event": "comment", "content": index.to_string() });
                send(&client, &format!("{FLOW}/messages/1/comments"), &comment).expect(200)["thread_id"].clone()
            })
        })
        .collect();
    let threads: Vec<_> = senders.into_iter().map(|sender| sender.join().expect("an answer")).collect();
    assert!(threads.iter().all(|thread| *thread == threads[0]), "{threads:?}");
    assert_eq!(inbox.get(&format!("{FLOW}/threads")).expect(200)[0]["internal_comments"], 9);
}
