//! Threads are found by their source, their status, a tag and words, come with their newest message, and are counted.

use serde_json::{Value, json};

use crate::host::{Client, Inbox, TimedInbox};
use crate::integration::Integration;
use crate::place::file_sql;
use crate::samples::{chat, discussion, flux_capacitor};

const FLOW: &str = "/flows/example/main";
const THREADS: &str = "/flows/example/main/threads";
const COUNTS: &str = "/flows/example/main/threads/counts";

/// A message about an item with a status of this colour.
fn item(name: &str, color: &Value, tags: &[&str]) -> Value {
    let mut message = flux_capacitor();
    message["external_thread_id"] = name.into();
    message["thread"]["title"] = name.into();
    message["thread"]["status"] = json!({ "value": "some", "color": color });
    message["tags"] = json!(tags);
    message
}

/// The titles of the threads that a query lists.
fn titles(inbox: &Client, query: &str) -> Vec<String> {
    let list = inbox.get(&format!("{THREADS}?{query}")).expect(200);
    let title = |thread: &Value| thread["title"].as_str().expect("a title").to_owned();
    list.as_array().expect("a list").iter().map(title).collect()
}

/// A second source of the flow, with its id and its flow token.
fn second_source(inbox: &Client) -> (Value, Client) {
    let made =
        inbox.owner("POST", &format!("{FLOW}/sources"), &json!({ "name": "Second", "application": 1 })).expect(201);
    let flow_token = made["flow_token"].as_str().expect("a token").to_owned();
    (made["id"].clone(), Client::new(inbox.url.clone(), flow_token, inbox.api_token.clone()))
}

/// An inbox with five threads. The titles of the list, from new to old, are: moved, plain, blue, red, old.
fn inbox() -> (TimedInbox, Client) {
    let inbox = TimedInbox::new();
    let (_, second) = second_source(&inbox);
    inbox.stored(&item("old", &json!("red"), &["Bug", "x:y"])); // 1
    inbox.later(1);
    inbox.stored(&item("red", &json!("red"), &["bug", "todo"])); // 2
    second.stored(&item("blue", &json!("blue"), &["todo"])); // 3
    second.stored(&item("plain", &Value::Null, &[])); // 4
    // A thread that was red.
    inbox.stored(&item("moved", &json!("red"), &["#BUG"])); // 5
    inbox.later(1);
    let mut green = item("moved", &json!("green"), &[]);
    green["title"] = "turned the <a href=\"https://example.org/\">flux capacitor</a>".into();
    inbox.stored(&green); // 6
    (inbox, second)
}

#[test]
fn threads_are_found_by_source_status_tag_and_words_in_every_combination() {
    let (inbox, _) = inbox();
    for (query, expected) in [
        ("", &["moved", "plain", "blue", "red", "old"][..]),
        ("source=1", &["moved", "red", "old"]),
        ("source=2", &["plain", "blue"]),
        ("source=99", &[]),
        ("source=-1", &[]),
        ("status=red", &["red", "old"]),
        ("status=green", &["moved"]),
        ("status=lime", &[]),
        ("status=none", &["plain"]),
        ("tag=bug", &["moved", "red", "old"]),
        ("tag=%23Bug", &["moved", "red", "old"]),
        ("tag=todo", &["blue", "red"]),
        ("tag=x:y", &["old"]),
        ("tag=unknown", &[]),
        ("search=capacitor", &["moved"]),
        ("search=ticket", &["moved", "plain", "blue", "red", "old"]),
        ("search=BLUE+ticket", &["blue"]),
        ("search=nothing", &[]),
        // An empty parameter is none.
        ("source=&status=&tag=&search=+", &["moved", "plain", "blue", "red", "old"]),
        ("source=1&status=red", &["red", "old"]),
        ("source=2&status=red", &[]),
        ("source=2&tag=todo", &["blue"]),
        ("tag=bug&status=red", &["red", "old"]),
        // The message with the tag is another one than the message with the word.
        ("tag=bug&search=capacitor", &["moved"]),
        ("tag=todo&search=ticket&source=1&status=red", &["red"]),
        ("status=none&search=ticket", &["plain"]),
        ("status=red&limit=1", &["red"]),
        ("tag=bug&limit=2", &["moved", "red"]),
        ("search=ticket&limit=2", &["moved", "plain"]),
        ("search=ticket&until_id=4", &["blue", "red", "old"]),
        ("tag=bug&until_id=6", &["red", "old"]),
        ("status=red&until_id=2", &["old"]),
        ("source=1&since_id=1&until_id=6", &["red"]),
        ("status=red&since=2015-10-21T23:29:00Z", &["red"]),
        ("source=1&until=2015-10-21T23:29:02Z", &["red", "old"]),
        ("tag=bug&since=2015-10-21T23:29:01Z", &["moved"]),
        ("search=ticket&until=2015-10-21T23:29:01Z", &["old"]),
    ] {
        assert_eq!(titles(&inbox, query), expected, "{query}");
    }
}

#[test]
fn a_wrong_filter_is_refused_with_its_field() {
    let inbox = Inbox::new();
    let long = format!("search={}", "x-".repeat(151));
    for (query, field, problem) in [
        ("source=x", "source", "must be a whole number"),
        ("source=1.5", "source", "must be a whole number"),
        ("status=pink", "status", "must be a colour of a status, or `none`"),
        ("status=Red", "status", "must be a colour of a status, or `none`"),
        ("tag=%23", "tag", "must be a tag"),
        (&long, "search", "must not be longer than 300 bytes"),
        ("include=messages", "include", "must be `last_message`"),
    ] {
        let refusal = inbox.get(&format!("{THREADS}?{query}")).expect(400);
        assert_eq!(refusal, json!({ "message": "Validation error", "errors": { field: [problem] } }), "{query}");
    }
    let thread = inbox.stored(&flux_capacitor())["thread_id"].as_str().expect("an id").to_owned();
    inbox.get(&format!("{THREADS}/{thread}?include=x")).expect(400);
}

#[test]
fn a_list_by_words_or_tag_follows_what_happens_to_the_messages() {
    let inbox = Inbox::new();
    // A comment begins a thread with a message that was outside any thread, with its tag.
    inbox.stored(&json!({ "event": "message", "content": "Outside #later" }));
    assert_eq!(titles(&inbox, "tag=later"), Vec::<String>::new());
    inbox.owner("POST", &format!("{FLOW}/messages/1/comments"), &json!({ "content": "Yes" })).expect(202);
    for query in ["tag=later", "search=later", "status=none"] {
        assert_eq!(titles(&inbox, query), ["Outside #later"], "{query}");
    }
    inbox.stored(&item("item", &json!("red"), &["gone"])); // 3
    inbox.stored(&chat("item", "stays"));
    inbox.owner("DELETE", &format!("{FLOW}/messages/3"), &Value::Null);
    assert_eq!(titles(&inbox, "tag=gone"), Vec::<String>::new());
    assert_eq!(titles(&inbox, "search=item"), ["item"]);
    assert_eq!(titles(&inbox, "status=red"), ["item"], "the thread keeps its state");
    let thread = inbox.get(THREADS).expect(200)[0]["id"].as_str().expect("an id").to_owned();
    inbox.owner("DELETE", &format!("{THREADS}/{thread}"), &Value::Null);
    for query in ["search=item", "status=red", "source=1"] {
        assert_eq!(titles(&inbox, query), Vec::<String>::new(), "{query}");
    }
    assert_eq!(inbox.get(COUNTS).expect(200)["statuses"], json!([{ "color": null, "threads": 1 }]));
}

#[test]
fn a_thread_comes_with_its_newest_message_on_request() {
    let inbox = Inbox::new();
    inbox.stored(&flux_capacitor());
    let mut last = inbox.stored(&chat("1234567", "Great Scott!"));
    inbox.stored(&discussion("other"));
    let thread = format!("{THREADS}/{}", last["thread_id"].as_str().expect("an id"));
    last.as_object_mut().expect("an object").shift_remove("thread");

    let list = inbox.get(&format!("{THREADS}?include=last_message")).expect(200);
    assert_eq!(list.as_array().map(Vec::len), Some(2));
    assert_eq!((&list[1]["last_message"], &list[1]["last_message_id"]), (&last, &json!(2)));
    assert_eq!(list[0]["last_message"]["event"], "discussion");
    assert_eq!(inbox.get(&format!("{thread}?include=last_message")).expect(200), list[1]);
    // Without the parameter nothing is added.
    let mut plain = list;
    for thread in plain.as_array_mut().expect("a list") {
        thread.as_object_mut().expect("an object").retain(|key, _| !key.starts_with("last_message"));
    }
    assert_eq!(inbox.get(THREADS).expect(200), plain);
    assert_eq!(inbox.get(&thread).expect(200), plain[1]);
    inbox.get(&format!("{THREADS}/unknown?include=last_message")).expect(404);

    // A message that was removed is not the newest any more.
    inbox.owner("DELETE", &format!("{FLOW}/messages/2"), &Value::Null);
    assert_eq!(inbox.get(&format!("{thread}?include=last_message")).expect(200)["last_message"]["id"], 1);
    inbox.owner("DELETE", &format!("{FLOW}/messages/1"), &Value::Null);
    let empty = inbox.get(&format!("{thread}?include=last_message")).expect(200);
    // The thread keeps its place in the list, and with it the id for the next page.
    assert_eq!((&empty["last_message"], &empty["last_message_id"]), (&Value::Null, &json!(2)));

    // No client sets this key.
    let mut message = item("mine", &Value::Null, &[]);
    message["thread"]["last_message"] = json!({ "id": 99 });
    message["thread"]["last_message_id"] = 99.into();
    let stored = inbox.stored(&message);
    let keys: Vec<_> = stored["thread"].as_object().expect("an object").keys().collect();
    assert!(!keys.iter().any(|key| key.starts_with("last_message")), "{keys:?}");
}

#[test]
fn threads_are_counted_by_status_source_and_tag() {
    let empty = Inbox::new();
    assert_eq!(
        empty.get(COUNTS).expect(200),
        json!({ "threads": 0, "statuses": [], "sources": [], "tags": [], "last_message_id": 0 })
    );
    let (inbox, second) = inbox();
    // Neither a message outside any thread nor a thread of the owner belongs to a source.
    second.stored(&json!({ "event": "message", "content": "#outside" }));
    second.stored(&json!({ "event": "message", "content": "outside" }));
    inbox.owner("POST", &format!("{FLOW}/messages/8/comments"), &json!({ "content": "Yes" })).expect(202);
    let expected = json!({
        "threads": 6,
        "statuses": [
            { "color": null, "threads": 2 },
            { "color": "red", "threads": 2 },
            { "color": "blue", "threads": 1 },
            { "color": "green", "threads": 1 },
        ],
        "sources": [{ "id": 1, "threads": 3 }, { "id": 2, "threads": 2 }],
        "tags": [{ "tag": "bug", "messages": 3 }, { "tag": "todo", "messages": 2 }],
        "last_message_id": 9,
    });
    assert_eq!(inbox.get(COUNTS).expect(200), expected);

    // Whoever may read the threads may read how many there are.
    let app = Integration::register(&inbox);
    let session =
        inbox.owner("POST", "/session", &Value::Null).expect(201)["token"].as_str().expect("a token").to_owned();
    for token in [session, app.authorised("flow").0] {
        assert_eq!(inbox.send_as(&token, "GET", COUNTS, &Value::Null).expect(200), expected);
    }
    inbox.send_as(&app.authorised("integration").0, "GET", COUNTS, &Value::Null).expect(403);
    inbox.send("GET", COUNTS, &[], "").expect(401);
    inbox.get("/flows/example/other/threads/counts").expect(404);
}

#[test]
fn the_most_used_tags_are_counted() {
    let inbox = Inbox::new();
    let mut message = item("item", &Value::Null, &[]);
    for number in 0..25 {
        message["tags"] = (0..=number).map(|tag| format!("t{tag}")).collect::<Vec<_>>().into();
        inbox.stored(&message);
    }
    let tags = inbox.get(COUNTS).expect(200)["tags"].clone();
    assert_eq!(tags.as_array().map(Vec::len), Some(20));
    assert_eq!(
        (&tags[0], &tags[19]),
        (&json!({ "tag": "t0", "messages": 25 }), &json!({ "tag": "t19", "messages": 6 }))
    );
}

#[test]
fn a_source_shows_the_owner_when_it_last_posted() {
    let inbox = TimedInbox::new();
    let (id, second) = second_source(&inbox);
    let path = format!("{FLOW}/sources/{id}");
    assert_eq!(inbox.get(&path).expect(200)["last_message_at"], Value::Null);
    let mut message = chat("1", "once");
    message["uuid"] = "1".into();
    second.stored(&message);
    inbox.later(1);
    // Neither a post that comes again, nor one that is refused, nor one of the owner is a message of the source.
    second.stored(&message);
    second.post(&chat("1", " ")).expect(400);
    inbox.owner("POST", &format!("{FLOW}/messages"), &json!({ "event": "message", "content": "mine" })).expect(202);
    let at = json!("2015-10-21T23:29:00.000Z");
    assert_eq!(inbox.get(&path).expect(200)["last_message_at"], at);
    second.stored(&json!({ "event": "message", "content": "outside any thread" }));
    let at = json!("2015-10-21T23:29:01.000Z");
    let session =
        inbox.owner("POST", "/session", &Value::Null).expect(201)["token"].as_str().expect("a token").to_owned();
    let app = Integration::register(&inbox);
    let application = app.authorised("integration").0;
    for list in ["/sources".to_owned(), format!("{FLOW}/sources")] {
        let all = inbox.send_as(&session, "GET", &list, &Value::Null).expect(200);
        assert_eq!((&all[0]["last_message_at"], &all[1]["last_message_at"]), (&Value::Null, &at), "{list}");
        let all = inbox.send_as(&application, "GET", &list, &Value::Null).expect(200);
        assert_eq!(all[1].get("last_message_at"), None, "{list}");
    }
    assert_eq!(inbox.send_as(&application, "GET", &path, &Value::Null).expect(200).get("last_message_at"), None);
    let own = inbox.send("GET", &format!("/sources?flow_token={}", second.flow_token), &[], "").expect(200);
    assert_eq!(own[0].get("last_message_at"), None);
    // What a source reports by itself stands in the same list.
    let report = json!({ "flow_token": second.flow_token, "error_message": "No plutonium" });
    inbox.send("PUT", "/sources", &[], &report.to_string()).expect(200);
    let all = inbox.send_as(&session, "GET", &format!("{FLOW}/sources"), &Value::Null).expect(200);
    assert_eq!((&all[1]["error_message"], &all[1]["last_message_at"]), (&json!("No plutonium"), &at));
}

/// An inbox of version 8 had none of the columns.
#[test]
fn the_threads_of_an_older_inbox_are_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("inbox.sqlite");
    let mut inbox = Inbox::on_file(&data, &[]);
    inbox.stored(&item("red", &json!("red"), &["bug"]));
    inbox.stored(&item("plain", &Value::Null, &[]));
    inbox.stored(&item("none", &Value::Null, &[]));
    let mut none = item("none", &Value::Null, &[]);
    none["thread"]["status"] = Value::Null;
    inbox.stored(&none);
    inbox.stored(&json!({ "event": "message", "content": "#bug outside" }));
    let tokens = inbox.client.clone();
    inbox.kill();
    file_sql(&data, BACK_TO_8);
    let inbox = Inbox::on_file(&data, &[]).with_tokens_of(&tokens);
    for (query, expected) in [
        ("tag=bug", &["red"][..]),
        ("status=red", &["red"]),
        ("status=none", &["none", "plain"]),
        ("search=red", &["red"]),
    ] {
        assert_eq!(titles(&inbox, query), expected, "{query}");
    }
    assert_eq!(inbox.get("/flows/example/main/messages?tags=bug").expect(200).as_array().map(Vec::len), Some(2));
    assert_eq!(inbox.get("/sources").expect(200)[0]["last_message_at"], Value::Null);
}

/// Undoes version 9 of the tables.
pub const BACK_TO_8: &str = "
    DROP INDEX threads_by_source; DROP INDEX threads_by_status; DROP INDEX message_tags_by_thread;
    ALTER TABLE threads DROP COLUMN status_color; ALTER TABLE message_tags DROP COLUMN thread;
    ALTER TABLE sources DROP COLUMN last_message_at;
    PRAGMA user_version = 8;";
