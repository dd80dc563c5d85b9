//! The owner removes messages and threads.

use serde_json::{Value, json};

use crate::files;
use crate::host::{Client, Inbox, TimedInbox, WAIT};
use crate::place::{Place, file_value};
use crate::samples::{chat, discussion, flux_capacitor};

const FLOW: &str = "/flows/example/main";
const MESSAGES: &str = "/flows/example/main/messages";

fn remove(inbox: &Client, path: &str) {
    let removed = inbox.owner("DELETE", path, &Value::Null);
    assert_eq!((removed.status, removed.text.as_str()), (204, ""), "{path}");
}

fn ids(inbox: &Client, path: &str) -> Vec<i64> {
    let list = inbox.get(path).expect(200);
    list.as_array().expect("a list").iter().map(|message| message["id"].as_i64().expect("an id")).collect()
}

fn thread_of(message: &Value) -> String {
    format!("{FLOW}/threads/{}", message["thread_id"].as_str().expect("an id"))
}

#[test]
fn a_removed_message_is_in_no_list_and_its_id_is_not_used_again() {
    let inbox = TimedInbox::new();
    let mut message = discussion("1");
    message["tags"] = json!(["todo"]);
    let thread = thread_of(&inbox.stored(&message));
    for _ in 0..4 {
        inbox.stored(&message);
    }
    remove(&inbox, &format!("{MESSAGES}/3"));
    let missing = json!({ "message": "Message not found" });
    assert_eq!(inbox.get(&format!("{MESSAGES}/3")).expect(404), missing);
    for id in ["3", "99", "x", "0"] {
        assert_eq!(inbox.owner("DELETE", &format!("{MESSAGES}/{id}"), &Value::Null).expect(404), missing, "{id}");
    }
    for list in [MESSAGES, &format!("{thread}/messages")] {
        assert_eq!(ids(&inbox, list), [1, 2, 4, 5]);
        assert_eq!(ids(&inbox, &format!("{list}?tags=todo&limit=3")), [2, 4, 5]);
        assert_eq!(ids(&inbox, &format!("{list}?event=discussion&since_id=2")), [4, 5]);
        assert_eq!(ids(&inbox, &format!("{list}?since_id=3")), [4, 5], "after a message that was removed");
        assert_eq!(ids(&inbox, &format!("{list}?until_id=4&sort=asc")), [1, 2]);
    }
    remove(&inbox, &format!("{MESSAGES}/5"));
    assert_eq!(inbox.stored(&message)["id"], 6);
}

#[test]
fn the_files_of_a_removed_message_and_of_a_removed_thread_are_removed() {
    let place = Place::new();
    let mut inbox = Inbox::start(&place, &[]);
    let large = vec![7; 600_000];
    let post = |content: &[u8]| files::post(&inbox, &[("name=\"attachments[]\"; filename=a", "", content)]).expect(200);
    let path = |message: &Value| message["attachments"][0]["path"].as_str().expect("a path").to_owned();
    let (first, second) = (post(&large), post(b"stays"));
    remove(&inbox, &format!("{MESSAGES}/{}", first["id"]));
    assert_eq!(inbox.get(&path(&first)).expect(404), json!({ "message": "File not found" }));
    assert_eq!(inbox.download(&inbox.api_token, &path(&second)).1, b"stays");
    inbox.kill();
    assert_eq!(files::counts(&place), (1, 1));

    let mut inbox = Inbox::start(&place, &[]).with_tokens_of(&inbox);
    remove(&inbox, &thread_of(&second));
    inbox.get(&path(&second)).expect(404);
    inbox.kill();
    assert_eq!(files::counts(&place), (0, 0));
}

#[test]
fn a_repeated_delivery_does_not_bring_a_removed_message_back() {
    let place = Place::new();
    let mut inbox = Inbox::start(&place, &[]);
    let mut message = flux_capacitor();
    message["uuid"] = json!("1");
    let first = inbox.stored(&message);
    remove(&inbox, &format!("{MESSAGES}/1"));
    inbox.kill();
    let inbox = Inbox::start(&place, &[]).with_tokens_of(&inbox);
    let repeat = || {
        for headers in [&[][..], &[WAIT]] {
            let answer = inbox.post_with(headers, &message);
            assert_eq!(answer.header("flowdock-deduplicates"), Some("uuid"));
            assert_eq!(answer.expect(202), json!({}));
        }
        assert_eq!(ids(&inbox, MESSAGES), [] as [i64; 0]);
    };
    repeat();
    remove(&inbox, &thread_of(&first));
    repeat();
    assert_eq!(inbox.get(&format!("{FLOW}/threads")).expect(200), json!([]));
    let mut other = message.clone();
    other["title"] = json!("another");
    assert_eq!(inbox.post(&other).expect(400)["errors"], json!({ "uuid": ["was used for another message"] }));
}

#[test]
fn a_thread_counts_the_messages_that_are_there_and_keeps_its_place() {
    let inbox = TimedInbox::new();
    let first = inbox.stored(&flux_capacitor());
    let path = thread_of(&first);
    inbox.stored(&discussion("1234567"));
    inbox.stored(&chat("1234567", "one"));
    let other = inbox.stored(&chat("other", "?"));
    inbox.later(60);
    inbox.stored(&chat("1234567", "two"));
    let before = inbox.get(&path).expect(200);
    let counts = || {
        let thread = inbox.get(&path).expect(200);
        ["activities", "external_comments", "internal_comments"].map(|key| thread[key].as_i64().expect("a number"))
    };
    assert_eq!(counts(), [1, 1, 2]);
    for (id, left) in [(5, [1, 1, 1]), (2, [1, 0, 1]), (1, [0, 0, 1]), (3, [0, 0, 0])] {
        remove(&inbox, &format!("{MESSAGES}/{id}"));
        assert_eq!(counts(), left, "{id}");
    }
    // The thread stays without messages, with its newest state, its time and its place in the list.
    let after = inbox.get(&path).expect(200);
    for key in ["id", "title", "body", "fields", "updated_at", "created_at"] {
        assert_eq!(after[key], before[key], "{key}");
    }
    let threads = inbox.get(&format!("{FLOW}/threads")).expect(200);
    assert_eq!((&threads[0]["id"], &threads[1]["id"]), (&first["thread_id"], &other["thread_id"]));
    let next = inbox.stored(&chat("1234567", "three"));
    assert_eq!((&next["thread_id"], &next["thread"]["internal_comments"]), (&first["thread_id"], &json!(1)));
    assert_eq!(next["thread"]["title"], before["title"]);
}

#[test]
fn a_stream_goes_on_after_a_message_that_was_removed() {
    let inbox = TimedInbox::new();
    let mut stream = inbox.stream(None);
    inbox.stored(&chat("1", "one"));
    assert_eq!(stream.next().expect("an event").0, 1);
    inbox.stored(&chat("1", "two"));
    remove(&inbox, &format!("{MESSAGES}/1"));
    inbox.stored(&chat("1", "three"));
    assert_eq!(stream.by_ref().take(2).map(|(id, _)| id).collect::<Vec<_>>(), [2, 3], "a removal is no event");
    remove(&inbox, &format!("{MESSAGES}/2"));
    for (seen, next) in [(0, 3), (1, 3), (2, 3)] {
        assert_eq!(inbox.stream(Some(seen)).next().expect("an event").0, next, "after {seen}");
    }
    // The last message was removed, and the stream still knows where it was.
    remove(&inbox, &format!("{MESSAGES}/3"));
    let mut resumed = inbox.stream(Some(3));
    inbox.stored(&chat("1", "four"));
    assert_eq!(resumed.next().expect("an event").0, 4);
}

#[test]
fn a_removed_thread_takes_its_messages_with_it_and_the_item_begins_a_new_one() {
    let place = Place::new();
    let mut inbox = Inbox::start(&place, &[]);
    let mut message = flux_capacitor();
    message["tags"] = json!(["todo"]);
    let first = inbox.stored(&message);
    let other = inbox.stored(&chat("other", "stays"));
    inbox.stored(&chat("1234567", "goes"));
    let path = thread_of(&first);
    remove(&inbox, &path);

    let missing = json!({ "message": "Thread not found" });
    for (method, path) in [("GET", path.clone()), ("GET", format!("{path}/messages")), ("DELETE", path.clone())] {
        assert_eq!(inbox.owner(method, &path, &Value::Null).expect(404), missing, "{method} {path}");
    }
    assert_eq!(inbox.get(MESSAGES).expect(200), json!([other]));
    assert_eq!(inbox.get(&format!("{FLOW}/threads")).expect(200)[1], Value::Null, "one is left");
    let in_thread = json!({ "event": "message", "content": "?", "thread_id": first["thread_id"] });
    assert_eq!(inbox.post(&in_thread).expect(400)["errors"], json!({ "thread_id": ["not found"] }));

    let again = inbox.stored(&flux_capacitor());
    assert_eq!(again["id"], 4);
    assert_ne!(again["thread_id"], first["thread_id"]);
    assert_eq!(again["thread"]["activities"], 1);
    remove(&inbox, &thread_of(&again));
    remove(&inbox, &thread_of(&other));
    inbox.kill();
    for table in ["messages", "message_tags", "threads", "thread_states", "files", "file_chunks"] {
        assert_eq!(place.number(&format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
}

#[test]
fn what_a_crash_left_of_removed_threads_and_flows_is_deleted_by_the_next_start() {
    let place = Place::new();
    let mut inbox = Inbox::start(&place, &[]);
    let first = inbox.stored(&flux_capacitor());
    inbox.owner("POST", "/flows/example", &json!({ "name": "Docs" })).expect(201);
    inbox.kill();
    // The state in which the process died: marked, and nothing deleted yet.
    place.sql("UPDATE threads SET removed_at = 1, external_thread_id = NULL");
    let inbox = Inbox::start(&place, &[]).with_tokens_of(&inbox);
    inbox.get(&thread_of(&first)).expect(404);
    assert!((0..100_000).any(|_| ids(&inbox, MESSAGES).is_empty()), "its messages go");
    assert_ne!(inbox.stored(&flux_capacitor())["thread_id"], first["thread_id"]);
}

#[test]
fn a_removed_message_is_not_found_by_its_words() {
    let place = Place::new();
    let mut inbox = Inbox::start(&place, &[]);
    let search = || inbox.client.get(&format!("{MESSAGES}?search=secret")).expect(200);
    inbox.stored(&chat("1", "a secret word"));
    inbox.stored(&chat("2", "another secret"));
    assert_eq!(search().as_array().map(Vec::len), Some(2));
    remove(&inbox, &format!("{MESSAGES}/1"));
    assert_eq!(search()[0]["id"], 2);
    let thread = search()[0]["thread_id"].as_str().expect("a thread").to_owned();
    remove(&inbox, &format!("{FLOW}/threads/{thread}"));
    assert_eq!(search(), json!([]));
    inbox.kill();
    if let Place::File { path, .. } = &place {
        // The index of PostgreSQL is that of the rows.
        let left: i64 = file_value(path, "SELECT count(*) FROM message_words_docsize");
        assert_eq!(left, 0, "the index has forgotten them");
    }
}

#[test]
fn the_owner_cannot_post_to_a_flow_that_was_removed() {
    let inbox = TimedInbox::new();
    let flow = inbox.owner("POST", "/flows/example", &json!({ "name": "Ops" })).expect(201);
    let message = json!({ "flow": flow["id"], "event": "message", "content": "hello" });
    inbox.owner("POST", "/messages", &message).expect(202);
    remove(&inbox, "/flows/example/ops");
    for _ in 0..2 {
        inbox.owner("POST", "/messages", &message).expect(404);
    }
}

#[test]
fn the_text_of_a_removed_message_is_no_title_any_more() {
    let inbox = TimedInbox::new();
    let outside = json!({ "flow": "example:main", "event": "message", "content": "secretword alpha" });
    inbox.owner("POST", "/messages", &outside).expect(202);
    for content in ["first comment", "second comment"] {
        let comment = json!({ "flow": "example:main", "message": 1, "content": content });
        inbox.owner("POST", "/comments", &comment).expect(202);
    }
    let found = |word: &str| {
        let list = inbox.get(&format!("{MESSAGES}?search={word}")).expect(200);
        list.as_array().expect("a list").iter().map(|message| message["id"].clone()).collect::<Vec<_>>()
    };
    let title = || inbox.get(&format!("{FLOW}/threads")).expect(200)[0]["title"].clone();
    assert_eq!((title(), found("secretword")), (json!("secretword alpha"), vec![json!(1), json!(2), json!(3)]));
    // Another message of the thread takes nothing with it.
    remove(&inbox, &format!("{MESSAGES}/2"));
    assert_eq!((title(), found("secretword")), (json!("secretword alpha"), vec![json!(1), json!(3)]));
    remove(&inbox, &format!("{MESSAGES}/1"));
    assert_eq!((title(), found("secretword"), found("second")), (json!(""), vec![], vec![json!(3)]));
    assert!(!inbox.get(MESSAGES).expect(200).to_string().contains("secretword"));
}
