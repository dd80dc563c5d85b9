//! Messages are accepted or refused.

use serde_json::{Value, json};

use crate::host::{Inbox, WAIT};
use crate::place::Place;
use crate::samples::{chat, discussion, flux_capacitor, pull_request};

#[test]
fn the_examples_of_the_guide_are_accepted() {
    let inbox = Inbox::new();
    for message in [flux_capacitor(), pull_request(), discussion("1234567"), chat("1234567", "Shiny!")] {
        let answer = inbox.post(&message);
        assert_eq!((answer.status, answer.text.as_str()), (202, "{}"), "{message}");
    }
    let messages = inbox.get("/flows/example/main/messages").expect(200);
    let ids: Vec<_> = messages.as_array().expect("a list").iter().map(|message| &message["id"]).collect();
    assert_eq!(ids, [1, 2, 3, 4]);
}

#[test]
fn a_stored_activity_has_the_documented_shape() {
    let inbox = Inbox::new();
    let mut posted = flux_capacitor();
    posted["tags"] = json!("#Todo, shine ,@all");
    posted["uuid"] = json!("nudVKk0wy79MTMk6URqJfw");
    posted["x_unknown"] = json!({ "kept": [1, null] });
    let stored = inbox.stored(&posted);

    let flow = inbox.get("/flows/example/main").expect(200);
    let thread = inbox.get(&format!("/flows/example/main/threads/{}", text(&stored["thread_id"]))).expect(200);
    let sent = stored["sent"].as_i64().expect("milliseconds");
    assert!(sent > 1_600_000_000_000);
    let created_at = text(&stored["created_at"]);
    assert!(created_at.ends_with('Z') && created_at.len() == "2014-09-24T12:15:30.520Z".len(), "{created_at}");
    assert_eq!(created_at.parse::<jiff::Timestamp>().expect("ISO 8601").as_millisecond(), sent);
    assert_eq!(
        stored,
        json!({
            "id": 1, "event": "activity", "app": "influx", "flow": flow["id"], "user": "0",
            "sent": sent, "created_at": created_at, "edited": null,
            "uuid": "nudVKk0wy79MTMk6URqJfw", "tags": ["Todo", "shine", "@all"], "attachments": [],
            "thread_id": thread["id"], "thread": thread,
            "title": "updated ticket", "body": null, "content": null, "author": posted["author"],
            "x_unknown": { "kept": [1, null] },
        })
    );
}

#[test]
fn a_stored_chat_message_has_the_documented_shape() {
    let inbox = Inbox::new();
    let mut posted = chat("7", "Howdy-Doo");
    posted["external_user_name"] = json!("Marty");
    posted["tags"] = json!(["#feedback", "@all"]);
    // Only the inbox sets these keys.
    posted["id"] = json!(99);
    posted["user"] = json!("12");
    posted["app"] = json!("spoofed");
    let stored = inbox.stored(&posted);
    for (key, value) in [
        ("id", json!(1)),
        ("app", json!("chat")),
        ("user", json!("0")),
        ("content", json!("Howdy-Doo")),
        ("external_user_name", json!("Marty")),
        ("tags", json!(["feedback", "@all"])),
    ] {
        assert_eq!(stored[key], value, "{key}");
    }
    for key in ["title", "body", "author", "uuid"] {
        assert!(stored.get(key).is_none(), "{key}");
    }
}

#[test]
fn no_answer_contains_the_flow_token() {
    let inbox = Inbox::new();
    let mut stream = inbox.stream(None);
    let answer = inbox.post_with(&[WAIT], &flux_capacitor());
    let seen = [
        answer.text,
        inbox.get("/flows/example/main/messages").text,
        inbox.get("/flows/example/main/messages/1").text,
        inbox.get("/flows/example/main/threads").text,
        stream.next().expect("an event").1.to_string(),
        inbox.post(&json!({ "event": "nonsense" })).text,
    ];
    for text in seen {
        assert!(!text.contains(&inbox.flow_token) && !text.contains("flow_token"), "{text}");
    }
}

#[test]
fn the_wait_header_brings_the_stored_message() {
    let inbox = Inbox::new();
    for value in ["true", "1", ""] {
        let stored = inbox.post_with(&[(WAIT.0, value)], &flux_capacitor()).expect(200);
        assert_eq!(inbox.get(&format!("/flows/example/main/messages/{}", stored["id"])).json(), stored);
    }
    assert_eq!(inbox.post(&flux_capacitor()).expect(202), json!({}));
}

#[test]
fn the_flow_token_may_be_in_the_query_and_the_flow_in_the_path() {
    let inbox = Inbox::new();
    let bare = flux_capacitor().to_string();
    let full = inbox.with_token(&flux_capacitor()).to_string();
    let query = format!("flow_token={}", inbox.flow_token);
    inbox.send("POST", &format!("/messages?{query}"), &[], &bare).expect(202);
    inbox.send("POST", &format!("/flows/example/main/messages?{query}"), &[], &bare).expect(202);
    inbox.send("POST", "/flows/example/main/messages", &[], &full).expect(202);
}

#[test]
fn bodies_that_are_not_messages_are_refused_with_400() {
    let inbox = Inbox::new();
    for (body, message) in [
        ("{", "The body is not JSON: EOF while parsing an object at line 1 column 1"),
        ("event=message", "The body is not JSON: expected value at line 1 column 1"),
        ("\u{feff}{}", "The body is not JSON: expected value at line 1 column 1"),
        ("[]", "The body is not a JSON object"),
        ("null", "The body is not a JSON object"),
        ("\"text\"", "The body is not a JSON object"),
    ] {
        assert_eq!(inbox.send("POST", "/messages", &[], body).expect(400), json!({ "message": message }), "{body}");
    }
    assert_eq!(inbox.send("POST", "/messages", &[], &"[".repeat(100_000)).status, 400, "deep");
    let json = [("Content-Type", "application/json")];
    assert!(text(&inbox.send("POST", "/messages", &json, "").expect(400)["message"]).contains("not JSON"));
}

/// A page of another site can send these types without asking first, and a body without a type.
#[test]
fn only_a_body_that_is_declared_as_json_or_as_a_form_is_read() {
    let inbox = Inbox::new();
    let message = inbox.with_token(&flux_capacitor()).to_string();
    for (path, types) in [
        ("/messages", "application/json or application/x-www-form-urlencoded or multipart/form-data"),
        ("/oauth/applications", "application/json or application/x-www-form-urlencoded"),
    ] {
        let api_token = format!("Bearer {}", inbox.api_token);
        for declared in ["text/plain", "text/plain;charset=UTF-8", "application/octet-stream", ""] {
            let headers = [("Content-Type", declared), ("Authorization", &api_token)];
            let refusal = inbox.send("POST", path, &headers, &message).expect(415);
            assert_eq!(refusal["message"], format!("The Content-Type must be {types}"), "{declared}");
        }
    }
    assert_eq!(inbox.get("/flows/example/main/messages").expect(200), json!([]));
    inbox.send("POST", "/messages", &[("Content-Type", "Application/JSON; charset=utf-8")], &message).expect(202);
}

#[test]
fn broken_rules_are_listed_by_field() {
    let inbox = Inbox::new();
    let blank = "can't be blank";
    for (message, errors) in [
        (chat("1", " "), json!({ "content": [blank] })),
        (with(flux_capacitor(), "/thread/fields/0/label", json!("")), json!({ "thread.fields.0.label": [blank] })),
        (with(flux_capacitor(), "/author/name", json!(null)), json!({ "author.name": [blank] })),
    ] {
        let answer = inbox.post(&message).expect(400);
        assert_eq!(answer, json!({ "message": "Validation error", "errors": errors }));
    }

    let mut rootless = flux_capacitor();
    rootless.as_object_mut().expect("an object").remove("external_thread_id");
    let answer = inbox.post(&rootless).expect(400);
    assert_eq!(
        answer["errors"].as_object().map(|errors| errors.keys().collect::<Vec<_>>()),
        Some(vec![&"base".into()])
    );

    // If a field has several problems, its list holds all of them.
    let title = with(flux_capacitor(), "/title", json!("<b>bold</b> <i>and more</i>"));
    let answer = inbox.post(&title).expect(400);
    assert!(answer["errors"]["title"].as_array().is_some_and(|problems| problems.len() >= 2), "{answer}");

    assert_eq!(inbox.get("/flows/example/main/messages").expect(200), json!([]), "nothing was stored");
}

#[test]
fn at_most_a_hundred_broken_rules_are_listed() {
    let inbox = Inbox::new();
    let mut message = chat("1", "hi");
    message["tags"] = json!([1].repeat(1000));
    let answer = inbox.post(&message).expect(400);
    assert_eq!(answer["errors"].as_object().map(serde_json::Map::len), Some(100));
}

#[test]
fn a_message_with_only_warnings_is_accepted() {
    let inbox = Inbox::new();
    let mut message = flux_capacitor();
    message["status"] = json!("open"); // belongs to the thread
    message["content"] = json!("of a chat message");
    message["author"]["name"] = json!("<b>Marty</b>");
    inbox.post(&message).expect(202);
}

#[test]
fn a_post_without_a_flow_token_is_refused() {
    let inbox = Inbox::new();
    for token in [json!(null), json!(42)] {
        let mut message = flux_capacitor();
        message["flow_token"] = token;
        let answer = inbox.send("POST", "/messages", &[], &message.to_string());
        assert_eq!(answer.expect(401), json!({ "message": "No flow_token was given" }));
    }
    // The API token is not a flow token. In the Authorization header it posts chat messages of the owner.
    let bearer = format!("Bearer {}", inbox.api_token);
    let body = flux_capacitor().to_string();
    let refusal = inbox.send("POST", "/messages", &[("Authorization", &bearer)], &body).expect(400);
    assert_eq!(refusal["errors"], json!({ "flow": ["can't be blank without a flow token"] }));
    let mut message = flux_capacitor();
    message["flow_token"] = json!(inbox.api_token);
    inbox.send("POST", "/messages", &[], &message.to_string()).expect(404);
}

#[test]
fn unknown_tokens_and_other_flows_are_not_found() {
    let place = Place::new();
    let mut first = Inbox::start(&place, &[]);
    first.kill();
    place.sql("INSERT INTO flows (id, organization, name, parameterized_name) VALUES ('f', 1, 'Other', 'other')");
    let inbox = Inbox::start(&place, &[]).with_tokens_of(&first);

    let mut unknown = flux_capacitor();
    unknown["flow_token"] = json!("deadbeefdeadbeefdeadbeefdeadbeef");
    let not_found = json!({ "message": "Flow token not found" });
    assert_eq!(inbox.send("POST", "/messages", &[], &unknown.to_string()).expect(404), not_found);

    let known = inbox.with_token(&flux_capacitor()).to_string();
    for path in ["/flows/example/other/messages", "/flows/example/none/messages", "/flows/example/%FF/messages"] {
        inbox.send("POST", path, &[], &known).expect(404);
    }
    inbox.send("POST", "/flows/example/main/messages", &[], &known).expect(202);
}

#[test]
fn a_post_to_a_removed_source_gets_410() {
    let place = Place::new();
    let mut first = Inbox::start(&place, &[]);
    first.kill();
    place.sql("UPDATE sources SET removed_at = 1");
    let inbox = Inbox::start(&place, &[]).with_tokens_of(&first);
    assert_eq!(inbox.post(&flux_capacitor()).expect(410), json!({ "message": "This source was removed" }));
    // An invalid message gets the 410 as well.
    inbox.post(&json!({})).expect(410);
}

#[test]
fn a_client_that_sends_more_than_1_mib_gets_413() {
    const MIB: usize = 1024 * 1024;
    let inbox = Inbox::new();
    let sized = |bytes: usize| {
        let mut message = inbox.with_token(&flux_capacitor());
        message["x_filler"] = json!("");
        let filler = "x".repeat(bytes - message.to_string().len());
        message["x_filler"] = json!(filler);
        message.to_string()
    };
    inbox.send("POST", "/messages", &[], &sized(MIB)).expect(202);
    for bytes in [MIB + 1, 12 * MIB] {
        let answer = inbox.send("POST", "/messages", &[], &sized(bytes)).expect(413);
        assert_eq!(answer, json!({ "message": "The body is larger than 1048576 bytes" }));
    }
    inbox.send("POST", "/messages", &[], &sized(1000)).expect(202);
}

#[test]
fn a_stored_message_can_be_posted_again() {
    let inbox = Inbox::new();
    let mut outside = chat("", "Shiny!");
    outside.as_object_mut().expect("an object").remove("external_thread_id");
    for message in [flux_capacitor(), pull_request(), discussion("1234567"), chat("1234567", "Shiny!"), outside] {
        let mut first = inbox.stored(&message);
        let mut second = inbox.stored(&first);
        for own in ["id", "sent", "created_at", "thread"] {
            first[own].take();
            second[own].take();
        }
        assert_eq!(first, second);
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a string")
}

fn with(mut message: Value, pointer: &str, value: Value) -> Value {
    *message.pointer_mut(pointer).expect("it is there") = value;
    message
}
