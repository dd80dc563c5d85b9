//! The Push API: messages whose flow token is in the path, as the tools of Flowdock's first years send them.

use serde_json::{Value, json};

use crate::host::{Answer, Client, Inbox};
use crate::integration::FORM;
use crate::samples::flux_capacitor;

fn push(inbox: &Client, kind: &str, tokens: &str, body: &Value) -> Answer {
    inbox.send("POST", &format!("/v1/messages/{kind}/{tokens}"), &[], &body.to_string())
}

fn list(inbox: &Client) -> Vec<Value> {
    inbox.get("/flows/example/main/messages?limit=100").expect(200).as_array().expect("a list").clone()
}

/// Makes another source of the first application. Returns its flow token.
fn another_source(inbox: &Client) -> String {
    let source = json!({ "name": "Another", "application": 1 });
    let made = inbox.owner("POST", "/flows/example/main/sources", &source).expect(201);
    made["flow_token"].as_str().expect("a token").to_owned()
}

#[test]
fn a_chat_message_is_pushed() {
    let inbox = Inbox::new();
    let token = &inbox.flow_token;
    let posted = json!({ "content": "Howdy-Doo @Jackie #awesome", "external_user_name": "Stevie", "tags": ["todo", "#feedback", "@all"] });
    assert_eq!(push(&inbox, "chat", token, &posted).expect(200), json!({}));
    let stored = list(&inbox).remove(0);
    assert_eq!(
        (&stored["event"], &stored["user"], &stored["thread_id"]),
        (&json!("message"), &json!("0"), &Value::Null)
    );
    assert_eq!(
        (&stored["content"], &stored["external_user_name"]),
        (&posted["content"], &posted["external_user_name"])
    );
    assert_eq!(stored["tags"], json!(["todo", "feedback", "@all", "@Jackie", "awesome"]));
    // As Flowdock's Ruby client sends it, and without the prefix.
    for path in [format!("/v1/messages/chat/{token}"), format!("/messages/chat/{token}.json")] {
        inbox.send("POST", &path, &[FORM], "content=A+form&external_user_name=Stevie&tags=cool%2Cstuff").expect(200);
        assert_eq!(list(&inbox).pop().expect("a message")["tags"], json!(["cool", "stuff"]));
    }

    // A comment on a message.
    let activity = inbox.stored(&flux_capacitor());
    let comment = format!("content=Nice&external_user_name=Stevie&message_id={}", activity["id"]);
    inbox.send("POST", &format!("/v1/messages/chat/{token}"), &[FORM], &comment).expect(200);
    assert_eq!(list(&inbox).pop().expect("a message")["thread_id"], activity["thread_id"]);
    push(&inbox, "chat", token, &json!({ "content": "Yes", "external_user_name": "Doc", "message_id": 1 })).expect(200);
    let messages = list(&inbox);
    let thread = &messages.last().expect("a message")["thread_id"];
    assert_eq!((&messages[0]["thread_id"], thread.is_string()), (thread, true), "the message got a thread");
    let in_thread = json!({ "content": "There", "external_user_name": "Doc", "thread_id": thread });
    push(&inbox, "chat", token, &in_thread).expect(200);
    assert_eq!(list(&inbox).pop().expect("a message")["thread_id"], *thread);
}

#[test]
fn a_mail_to_the_team_inbox_is_an_activity_in_a_thread_of_its_own() {
    let inbox = Inbox::new();
    let form = "source=Capistrano&format=html&from_address=marty%40example.org&subject=Deployed+%3Cweb1%3E&\
                content=%3Cp+onclick%3D%22x%28%29%22%3EDone%3Cscript%3Ealert%281%29%3C%2Fscript%3E%3C%2Fp%3E&\
                from_name=Marty+McFly&reply_to=doc%40example.org&tags=deploy%2C%23web&project=DeLorean&\
                link=https%3A%2F%2Fexample.org%2F42";
    let path = format!("/v1/messages/team_inbox/{}", inbox.flow_token);
    assert_eq!(inbox.send("POST", &path, &[FORM], form).expect(200), json!({}));
    let stored = list(&inbox).remove(0);
    let thread = &stored["thread"];
    assert_eq!((&stored["event"], &stored["title"]), (&json!("activity"), &json!("Deployed &lt;web1&gt;")));
    assert_eq!(stored["author"], json!({ "name": "Marty McFly", "email": "marty@example.org" }));
    assert_eq!((&stored["tags"], &stored["reply_to"]), (&json!(["deploy", "web"]), &json!("doc@example.org")));
    assert_eq!((&thread["title"], &thread["body"]), (&json!("Deployed &lt;web1&gt;"), &json!("<p>Done</p>")));
    assert_eq!(thread["external_url"], "https://example.org/42");
    assert_eq!(
        thread["fields"],
        json!([{ "label": "Source", "value": "Capistrano" }, { "label": "Project", "value": "DeLorean" }])
    );

    // The example of the documentation, twice: each mail has its own thread.
    let digest = json!({
        "source": "News digest service", "from_address": "news@example.com", "subject": "Daily digest",
        "content": "Interesting news of today", "tags": ["news", "#digest", "@all"],
    });
    for _ in 0..2 {
        push(&inbox, "team_inbox", &inbox.flow_token, &digest).expect(200);
    }
    let messages = list(&inbox);
    assert_eq!((&messages[1]["author"]["name"], messages.len()), (&json!("news@example.com"), 3));
    assert_ne!(messages[1]["thread_id"], messages[2]["thread_id"]);
    // With a uuid, a mail that comes again is stored once.
    let mut once = digest.clone();
    once["uuid"] = "1".into();
    for _ in 0..2 {
        push(&inbox, "team_inbox", &inbox.flow_token, &once).expect(200);
    }
    assert_eq!(list(&inbox).len(), 4);
}

#[test]
fn each_of_several_tokens_gets_the_message() {
    let inbox = Inbox::new();
    let (one, other) = (inbox.flow_token.clone(), another_source(&inbox));
    let chat = json!({ "content": "to both", "external_user_name": "CI" });
    push(&inbox, "chat", &format!("{one},{other}"), &chat).expect(200);
    push(&inbox, "chat", &format!("{one}%2C{other}"), &chat).expect(200);
    assert_eq!(list(&inbox).len(), 4);
    let mail = json!({ "source": "CI", "from_address": "ci@example.org", "subject": "s", "content": "c" });
    push(&inbox, "team_inbox", &format!("{one},{other}"), &mail).expect(200);
    assert_eq!(list(&inbox).len(), 6);

    // If one of them is unknown or removed, nobody gets it.
    for (tokens, status) in
        [(format!("{one},unknown"), 404), (format!("{one},"), 404), (vec![one.as_str(); 21].join(","), 400)]
    {
        push(&inbox, "chat", &tokens, &chat).expect(status);
    }
    assert_eq!(inbox.owner("DELETE", "/flows/example/main/sources/2", &Value::Null).status, 204);
    push(&inbox, "chat", &format!("{one},{other}"), &chat).expect(410);
    assert_eq!(list(&inbox).len(), 6);
}

#[test]
fn a_push_that_breaks_a_rule_is_refused_by_field() {
    let inbox = Inbox::new();
    let chat = |key: &str, value: Value| {
        let mut chat = json!({ "content": "x", "external_user_name": "Stevie" });
        chat[key] = value;
        ("chat", chat)
    };
    let mail = |key: &str, value: Value| {
        let mut mail = json!({ "source": "CI", "from_address": "ci@example.org", "subject": "s", "content": "c" });
        mail[key] = value;
        ("team_inbox", mail)
    };
    for ((kind, body), field) in [
        (chat("content", json!("")), "content"),
        (chat("content", json!("x".repeat(8097))), "content"),
        (chat("external_user_name", Value::Null), "external_user_name"),
        (chat("external_user_name", json!("two words")), "external_user_name"),
        (chat("external_user_name", json!("x".repeat(17))), "external_user_name"),
        (chat("message_id", json!(99)), "message_id"),
        (chat("message_id", json!("x")), "message_id"),
        (chat("thread_id", json!("unknown")), "thread_id"),
        (mail("source", Value::Null), "source"),
        (mail("from_address", json!("nobody")), "from_address"),
        (mail("subject", json!(" ")), "subject"),
        (mail("content", json!({})), "content"),
        (mail("link", json!("javascript:alert(1)")), "link"),
        (mail("format", json!("plain")), "format"),
    ] {
        let refusal = push(&inbox, kind, &inbox.flow_token, &body).expect(400);
        assert_eq!(refusal["message"], "Validation error", "{body}");
        let fields: Vec<_> = refusal["errors"].as_object().expect("errors").keys().collect();
        assert_eq!(fields, [field], "{body}");
    }
    for body in ["[]", "{"] {
        inbox.send("POST", &format!("/messages/chat/{}", inbox.flow_token), &[], body).expect(400);
    }
    assert_eq!(list(&inbox), [] as [Value; 0]);
}

#[test]
fn a_flow_token_in_the_path_is_in_no_answer() {
    let inbox = Inbox::new();
    let chat = json!({ "content": "x", "external_user_name": "Stevie" });
    for kind in ["chat", "team_inbox"] {
        let unknown = push(&inbox, kind, "not-a-token", &chat);
        assert_eq!(unknown.expect(404), json!({ "message": "Flow token not found" }));
        assert!(!format!("{:?}{}", unknown.headers, unknown.text).contains("not-a-token"));
        // The API token opens no flow here.
        push(&inbox, kind, &inbox.api_token, &chat).expect(404);
        let bad = push(&inbox, kind, &inbox.flow_token, &json!({}));
        assert_eq!(bad.status, 400);
        assert!(!format!("{:?}{}", bad.headers, bad.text).contains(&inbox.flow_token));
        let answer = inbox.send("GET", &format!("/v1/messages/{kind}/{}", inbox.flow_token), &[], "");
        assert_eq!(answer.expect(405), json!({ "message": "Method not allowed" }));
    }
    // Wrong tokens are counted as everywhere.
    let status = (0..100).map(|_| push(&inbox, "chat", "wrong", &chat).status).find(|status| *status != 404);
    assert_eq!(status, Some(429));
    push(&inbox, "chat", &inbox.flow_token, &chat).expect(200);
}

#[test]
fn a_comment_goes_to_one_flow_and_a_repeated_token_counts_once() {
    let inbox = Inbox::new();
    let (first, second) = (&inbox.flow_token, another_source(&inbox));
    let message = json!({ "content": "hello", "external_user_name": "Stevie" });
    push(&inbox, "chat", &format!("{first},{first}"), &message).expect(200);
    assert_eq!(list(&inbox).len(), 1);
    let comment = json!({ "content": "hello", "external_user_name": "Stevie", "message_id": 1 });
    let refusal = push(&inbox, "chat", &format!("{first},{second}"), &comment).expect(400);
    assert_eq!(refusal["errors"], json!({ "message_id": ["needs a path with one flow token"] }));
    assert_eq!(list(&inbox).len(), 1, "nothing was stored");
    push(&inbox, "chat", first, &comment).expect(200);
}
