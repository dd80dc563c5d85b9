//! Chat messages that the owner posts, or an application in the owner's name.

use serde_json::{Value, json};

use crate::compatibility::{basic, list, send};
use crate::host::{Inbox, TimedInbox, WAIT};
use crate::integration::{FORM, Integration};
use crate::samples::{chat, flux_capacitor};

const FLOW: &str = "/flows/example/main";

#[test]
fn the_owner_posts_chat_messages_with_the_api_token() {
    let inbox = Inbox::new();
    let mut stream = inbox.stream(None);
    let flow = inbox.get(FLOW).expect(200);
    let id = flow["id"].as_str().expect("an id");
    for named in [id, "example:main", "example/main"] {
        // As Flowdock's Ruby client sends it.
        let message = json!({ "flow": named, "content": "Great Scott!", "tags": ["todo"], "event": "message" });
        let stored = send(&inbox, "/v1/messages", &message).expect(200);
        assert_eq!((&stored["user"], &stored["flow"]), (&json!("1"), &json!(id)), "{named}");
        assert_eq!((&stored["event"], &stored["app"]), (&json!("message"), &json!("chat")));
        assert_eq!((&stored["content"], &stored["tags"]), (&json!("Great Scott!"), &json!(["todo"])));
        assert_eq!((&stored["thread_id"], stored.get("thread")), (&Value::Null, None));
        assert_eq!(stream.next().expect("an event").1, stored);
    }
    let headers = [("Authorization", &*basic(&inbox.api_token, "")), FORM];
    let form = "event=message&content=A+form&tags[]=a&tags[]=b";
    let accepted = inbox.send("POST", &format!("{FLOW}/messages.json"), &headers, form);
    assert_eq!(accepted.expect(202), json!({}));
    assert_eq!(stream.next().expect("an event").1["tags"], json!(["a", "b"]));

    // In the thread of an item: by its id in the message, or in the path.
    let thread = inbox.stored(&flux_capacitor())["thread_id"].clone();
    let message = json!({ "event": "message", "content": "Shiny", "thread_id": thread });
    assert_eq!(send(&inbox, &format!("{FLOW}/messages"), &message).expect(200)["thread_id"], thread);
    let path = format!("{FLOW}/threads/{}/messages", thread.as_str().expect("an id"));
    let message = json!({ "event": "message", "content": "Very" });
    let stored = send(&inbox, &path, &message).expect(200);
    assert_eq!((&stored["thread_id"], &stored["thread"]["internal_comments"]), (&thread, &json!(2)));
    assert_eq!(stored["thread"]["title"], "Polish the flux capacitor");
    // A source posts there as well.
    let message = inbox.with_token(&message);
    assert_eq!(inbox.send("POST", &path, &[WAIT], &message.to_string()).expect(200)["user"], "0");

    // With a name of its own, the message is that of nobody.
    let message = json!({ "event": "message", "content": "x", "external_user_name": "Stevie" });
    assert_eq!(send(&inbox, &format!("{FLOW}/messages"), &message).expect(200)["user"], "0");
    // A page with a session posts as the owner as well.
    let session = inbox.owner("POST", "/session", &Value::Null).expect(201);
    let token = session["token"].as_str().expect("a token");
    inbox
        .send_as(token, "POST", &format!("{FLOW}/messages"), &json!({ "event": "message", "content": "x" }))
        .expect(202);
    assert_eq!(list(&inbox, "?limit=1")[0]["user"], "1");
}

#[test]
fn a_message_of_a_user_comes_again_with_its_uuid() {
    let inbox = Inbox::new();
    let message = json!({ "flow": "example/main", "event": "message", "content": "once", "uuid": "1" });
    let first = send(&inbox, "/messages", &message);
    assert_eq!(first.header("flowdock-deduplicates"), Some("uuid"));
    assert_eq!(send(&inbox, "/messages", &message).expect(200), first.json());
    let mut other = message.clone();
    other["content"] = "twice".into();
    let refusal = send(&inbox, "/messages", &other).expect(400);
    assert_eq!(refusal["errors"], json!({ "uuid": ["was used for another message"] }));
    assert_eq!(list(&inbox, "").len(), 1);
}

#[test]
fn what_a_user_may_not_post_is_refused_with_its_reason() {
    let inbox = Inbox::new();
    let thread = inbox.stored(&flux_capacitor())["thread_id"].clone();
    let needs = |key: &str| json!({ key: ["needs a flow token"] });
    let with = |key: &str, value: Value| {
        let mut message = json!({ "flow": "example/main", "event": "message", "content": "x" });
        message[key] = value;
        message
    };
    for (message, errors) in [
        (with("flow", Value::Null), json!({ "flow": ["can't be blank"] })),
        (with("content", json!("")), json!({ "content": ["can't be blank"] })),
        (with("thread", json!({ "title": "mine" })), needs("thread")),
        (with("external_thread_id", json!("1234567")), needs("external_thread_id")),
        (with("thread_id", json!("unknown")), json!({ "thread_id": ["not found"] })),
        (
            with("external_user_name", json!("two words")),
            json!({ "external_user_name": ["must not contain white space"] }),
        ),
    ] {
        let refusal = send(&inbox, "/messages", &message).expect(400);
        assert_eq!(refusal["message"], "Validation error");
        let (found, expected) = (refusal["errors"].as_object(), errors.as_object());
        assert_eq!(
            found.map(|errors| errors.keys().collect::<Vec<_>>()),
            expected.map(|errors| errors.keys().collect())
        );
    }
    let mut activity = flux_capacitor();
    activity["flow"] = "example/main".into();
    let errors = send(&inbox, "/messages", &activity).expect(400)["errors"].clone();
    assert_eq!(errors["event"], json!(["must be `message`; an activity or a discussion needs a flow token"]));

    let message = json!({ "event": "message", "content": "x" });
    for flow in ["example/other", "other:main", "unknown"] {
        let answer = send(&inbox, "/messages", &with("flow", json!(flow))).expect(404);
        assert_eq!(answer, json!({ "message": "Flow not found" }));
    }
    send(&inbox, "/flows/example/other/messages", &message).expect(404);
    assert_eq!(
        send(&inbox, &format!("{FLOW}/threads/unknown/messages"), &message).expect(404)["message"],
        "Thread not found"
    );
    let path = format!("/flows/example/other/threads/{}/messages", thread.as_str().expect("an id"));
    send(&inbox, &path, &message).expect(404);
    // The thread in the path counts, and no other.
    let elsewhere = inbox.with_token(&chat("1234567", "x")).to_string();
    inbox.send("POST", &format!("{FLOW}/threads/unknown/messages"), &[], &elsewhere).expect(404);

    // Neither a token nor a known token.
    let message = with("uuid", json!("1")).to_string();
    let answer = inbox.send("POST", "/messages", &[], &message);
    assert_eq!((answer.status, answer.header("www-authenticate")), (401, None));
    for authorization in ["Bearer wrong", "Basic ?", &basic("wrong", ""), &basic(&inbox.flow_token, "")] {
        inbox.send("POST", "/messages", &[("Authorization", authorization)], &message).expect(401);
    }
    assert_eq!(list(&inbox, "").len(), 1);
}

#[test]
fn an_application_posts_in_the_owners_name_if_it_may_write() {
    let inbox = TimedInbox::new();
    let app = Integration::register(&inbox);
    let message = json!({ "event": "message", "content": "from an application", "flow": "example/main" });
    let (token, _) = app.authorised("flow");
    inbox.send_as(&token, "POST", "/messages", &message).expect(202);
    assert_eq!(list(&inbox, "")[0]["user"], "1");
    inbox.send_as(&token, "POST", &format!("{FLOW}/messages/1/comments"), &json!({ "content": "yes" })).expect(202);
    let (token, _) = app.authorised("integration profile");
    for (path, body) in [("/messages", &message), ("/comments", &json!({ "message": 1, "content": "x" }))] {
        let answer = inbox.send_as(&token, "POST", path, body);
        assert_eq!(answer.expect(403)["message"], "The access token lacks the scope `flow`");
    }
    inbox.later(7200);
    let (expired, _) = app.authorised("flow");
    inbox.later(7200);
    inbox.send_as(&expired, "POST", "/messages", &message).expect(401);
    assert_eq!(list(&inbox, "").len(), 2);
}

#[test]
fn hashtags_in_a_content_become_tags() {
    let inbox = Inbox::new();
    // The example of Flowdock's documentation.
    let mut message = json!({
        "event": "message",
        "content": "@Marty, there's a severe #bug in the flux-capacitor, see http://example.com/#part",
        "tags": ["#space-time-continuum", "BUG"],
    });
    let stored = inbox.stored(&message);
    assert_eq!(
        (&stored["content"], &stored["tags"]),
        (&message["content"], &json!(["space-time-continuum", "BUG", "@Marty"]))
    );
    for tag in ["bug", "%40marty", "space-time-continuum"] {
        assert_eq!(list(&inbox, &format!("?tags={tag}")).len(), 1, "{tag}");
    }
    message["tags"] = json!("a,b");
    message["content"] = "#c".into();
    assert_eq!(inbox.stored(&message)["tags"], json!(["a", "b", "c"]));
    // The body of an activity is HTML, in which nothing is a tag.
    let mut activity = flux_capacitor();
    activity["title"] = "fixes #16".into();
    assert_eq!(inbox.stored(&activity)["tags"], json!([]));
}

#[test]
fn a_page_with_a_session_reads_threads_and_comments_in_them() {
    let inbox = Inbox::new();
    let thread = inbox.stored(&flux_capacitor())["thread_id"].as_str().expect("an id").to_owned();
    let session = inbox.owner("POST", "/session", &Value::Null).expect(201);
    let token = session["token"].as_str().expect("a token");
    let message = json!({ "event": "message", "content": "Great Scott!" });
    let path = format!("{FLOW}/threads/{thread}");
    inbox.send_as(token, "POST", &format!("{path}/messages"), &message).expect(202);
    let read = |path: &str| inbox.send_as(token, "GET", path, &Value::Null).expect(200);
    let list = read(&format!("{FLOW}/threads?include=last_message&source=1&status=green&search=great&limit=1"));
    let last = &list[0]["last_message"];
    assert_eq!(
        (&last["content"], &last["user"], &last["thread_id"]),
        (&json!("Great Scott!"), &json!("1"), &json!(thread))
    );
    assert_eq!(read(&format!("{path}?include=last_message")), list[0]);
    assert_eq!(read(&format!("{path}/messages"))[1]["id"], last["id"]);
    assert_eq!(read(&format!("{FLOW}/threads/counts"))["threads"], 1);
    assert_eq!(read(&format!("{FLOW}/sources"))[0]["name"], "Example source");
    inbox.send_as(token, "POST", &format!("{FLOW}/threads/unknown/messages"), &message).expect(404);
}
