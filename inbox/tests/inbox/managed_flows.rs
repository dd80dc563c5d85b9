//! The owner creates, renames and removes flows, and renames the organisation.

use serde_json::{Value, json};

use crate::files;
use crate::host::{Client, Inbox, TimedInbox};
use crate::integration::Integration;
use crate::place::Place;
use crate::samples::{chat, flux_capacitor};

const MAIN: &str = "/flows/example/main";

fn create(inbox: &Client, name: &str) -> Value {
    inbox.owner("POST", "/flows/example", &json!({ "name": name })).expect(201)
}

/// Creates a source in a flow and returns its flow token.
fn source(inbox: &Client, flow: &str) -> String {
    let source = json!({ "name": "Of this flow", "application": 1 });
    let created = inbox.owner("POST", &format!("/flows/example/{flow}/sources"), &source).expect(201);
    created["flow_token"].as_str().expect("a token").to_owned()
}

fn with_flow_token(inbox: &Client, flow_token: &str) -> Client {
    Client::new(inbox.url.clone(), flow_token.to_owned(), inbox.api_token.clone())
}

fn remove(inbox: &Client, path: &str) {
    let removed = inbox.owner("DELETE", path, &Value::Null);
    assert_eq!((removed.status, removed.text.as_str()), (204, ""));
}

#[test]
fn a_new_flow_has_the_shape_of_every_flow_and_takes_messages() {
    let inbox = TimedInbox::new();
    let created = create(&inbox, "  Ops & Co. ");
    let url = &inbox.url;
    assert_eq!(
        created,
        json!({
            "id": created["id"],
            "name": "Ops & Co.",
            "parameterized_name": "ops-co",
            "organization": {
                "id": 1,
                "name": "Example",
                "parameterized_name": "example",
                "active": true,
                "url": format!("{url}/organizations/example"),
            },
            "open": true,
            "joined": true,
            "url": format!("{url}/flows/example/ops-co"),
            "web_url": format!("{url}/#organization=example&flow=ops-co"),
            "links": { "sources": { "url": format!("{url}/flows/example/ops-co/sources"), "methods": ["GET", "POST"] } },
        })
    );
    assert_eq!(inbox.get("/flows/example/ops-co").expect(200), created);
    assert_eq!(inbox.get("/flows").expect(200), json!([inbox.get(MAIN).expect(200), created]));

    let ops = with_flow_token(&inbox, &source(&inbox, "ops-co"));
    inbox.stored(&chat("1", "in the other flow"));
    let stored = ops.stored(&chat("1", "in this flow"));
    assert_eq!((&stored["id"], &stored["flow"]), (&json!(1), &created["id"]), "each flow counts by itself");
    assert_eq!(inbox.get("/flows/example/ops-co/messages").expect(200), json!([stored]));
}

#[test]
fn names_and_paths_of_flows_are_unique() {
    let inbox = TimedInbox::new();
    assert_eq!(create(&inbox, "Ops & Co.")["parameterized_name"], "ops-co");
    assert_eq!(create(&inbox, "ops co")["parameterized_name"], "ops-co-2");
    assert_eq!(create(&inbox, "日本")["parameterized_name"], "flow");
    for (name, problem) in [
        (json!("Ops & Co."), "has already been taken"),
        (json!("Main "), "has already been taken"),
        (json!(" "), "can't be blank"),
        (json!(null), "can't be blank"),
        (json!(1), "must be a string"),
        (json!("x".repeat(101)), "is too long (maximum is 100 characters)"),
    ] {
        let refused = json!({ "message": "Validation error", "errors": { "name": [problem] } });
        for (method, path) in [("POST", "/flows/example"), ("PUT", "/flows/example/flow")] {
            assert_eq!(inbox.owner(method, path, &json!({ "name": name })).expect(400), refused, "{method} {name}");
        }
    }
    create(&inbox, &"x".repeat(100));
    let unknown = inbox.owner("POST", "/flows/other", &json!({ "name": "x" })).expect(404);
    assert_eq!(unknown, json!({ "message": "Organization not found" }));
}

#[test]
fn another_name_of_a_flow_changes_no_path() {
    let inbox = TimedInbox::new();
    let mut stream = inbox.stream(None);
    let before = inbox.get(MAIN).expect(200);
    let renamed = inbox.owner("PUT", MAIN, &json!({ "name": "Operations", "open": true })).expect(200);
    let mut expected = before.clone();
    expected["name"] = "Operations".into();
    assert_eq!(renamed, expected);
    assert_eq!(inbox.get(MAIN).expect(200), renamed);
    assert_eq!(inbox.get(&format!("{MAIN}/sources/1")).expect(200)["url"], format!("{}{MAIN}/sources/1", inbox.url));

    let message = inbox.with_token(&chat("1", "as before")).to_string();
    inbox.send("POST", &format!("{MAIN}/messages"), &[], &message).expect(202);
    assert_eq!(stream.next().expect("an event").1["content"], "as before");
    // The old name is free now. Its path is not.
    assert_eq!(create(&inbox, "Main")["parameterized_name"], "main-2");

    assert_eq!(inbox.owner("PUT", MAIN, &json!({})).expect(200), renamed);
    assert_eq!(inbox.owner("PUT", MAIN, &json!({ "name": "Operations" })).expect(200), renamed, "its own name");
    let refused = inbox.owner("PUT", MAIN, &json!({ "name": "x", "disabled": true })).expect(400);
    assert_eq!(refused["errors"]["disabled"].as_array().map(Vec::len), Some(1));
    assert_eq!(inbox.get(MAIN).expect(200), renamed);
}

#[test]
fn the_organisation_is_shown_and_renamed() {
    let inbox = TimedInbox::new();
    const PATH: &str = "/organizations/example";
    let organization = inbox.get(PATH).expect(200);
    assert_eq!(organization, inbox.get(MAIN).expect(200)["organization"]);
    assert_eq!(inbox.get("/organizations").expect(200), json!([organization]));
    assert_eq!(inbox.get("/organizations/find?id=1").expect(200), organization);
    for path in ["/organizations/other", "/organizations/find?id=2", "/organizations/find", "/organizations/%FF"] {
        assert_eq!(inbox.get(path).expect(404), json!({ "message": "Organization not found" }), "{path}");
    }
    let mut expected = organization.clone();
    expected["name"] = "Hill Valley".into();
    assert_eq!(inbox.owner("PUT", PATH, &json!({ "name": " Hill Valley " })).expect(200), expected);
    assert_eq!(inbox.owner("PUT", PATH, &json!({})).expect(200), expected);
    assert_eq!(inbox.get(PATH).expect(200), expected);
    assert_eq!(inbox.get(MAIN).expect(200)["organization"], expected);
    let refused = inbox.owner("PUT", PATH, &json!({ "name": "" })).expect(400);
    assert_eq!(refused["errors"], json!({ "name": ["can't be blank"] }));
}

#[test]
fn no_application_and_no_flow_token_manages_anything() {
    let inbox = TimedInbox::new();
    let stored = inbox.stored(&flux_capacitor());
    let thread = format!("{MAIN}/threads/{}", stored["thread_id"].as_str().expect("an id"));
    let all = Integration::register(&inbox).authorised("flow private manage profile integration").0;
    let requests = [
        ("POST", "/flows/example", json!({ "name": "x" })),
        ("PUT", MAIN, json!({ "name": "x" })),
        ("DELETE", MAIN, Value::Null),
        ("DELETE", &format!("{MAIN}/messages/1"), Value::Null),
        ("DELETE", &thread, Value::Null),
        ("PUT", "/organizations/example", json!({ "name": "x" })),
    ];
    create(&inbox, "Another");
    for (method, path, body) in &requests {
        inbox.send_as(&all, method, path, body).expect(403);
        inbox.send_as(&inbox.flow_token, method, path, body).expect(401);
        inbox.send(method, path, &[], &if body.is_null() { String::new() } else { body.to_string() }).expect(401);
    }
    assert_eq!(inbox.get(MAIN).expect(200)["name"], "Main");
    assert_eq!(inbox.get(&format!("{MAIN}/messages")).expect(200), json!([stored]));

    let session = inbox.owner("POST", "/session", &json!({})).expect(201)["token"].as_str().expect("one").to_owned();
    for (method, path, body) in &requests[..2] {
        let answer = inbox.send_as(&session, method, path, body);
        assert!(answer.status < 300 || answer.text.contains("taken"), "a page of the owner may: {}", answer.text);
    }
}

#[test]
fn nothing_is_left_of_a_removed_flow_and_its_tokens_get_410() {
    let inbox = TimedInbox::new();
    let kept = inbox.stored(&flux_capacitor());
    let flow = create(&inbox, "Docs");
    let docs = with_flow_token(&inbox, &source(&inbox, "docs"));
    let stored = files::post(&docs, &[("name=\"attachments[]\"; filename=a", "", b"content")]).expect(200);
    let file = stored["attachments"][0]["path"].as_str().expect("a path");
    let thread = format!("/threads/{}", stored["thread_id"].as_str().expect("an id"));
    let accept = [("Authorization", &*format!("Bearer {}", inbox.api_token)), ("Accept", "text/event-stream")];
    let mut gone = inbox.events("/flows/example/docs", &accept);
    let mut others = inbox.stream(None);

    remove(&inbox, "/flows/example/docs");
    assert!(gone.next().is_none(), "its streams end");
    for path in ["", "/messages", "/messages/1", "/threads", &thread, &format!("{thread}/messages"), "/sources"] {
        inbox.get(&format!("/flows/example/docs{path}")).expect(404);
    }
    inbox.get(file).expect(404);
    inbox.get(&format!("/flows/find?id={}", flow["id"].as_str().expect("an id"))).expect(404);
    assert_eq!(inbox.get("/flows").expect(200).as_array().map(Vec::len), Some(1));
    assert_eq!(inbox.get("/sources").expect(200).as_array().map(Vec::len), Some(1));
    inbox.owner("DELETE", "/flows/example/docs", &Value::Null).expect(404);

    let removed = json!({ "message": "This source was removed" });
    let message = docs.with_token(&chat("1", "hello?")).to_string();
    for path in ["/messages", "/flows/example/docs/messages", "/flows/example/main/messages"] {
        assert_eq!(inbox.send("POST", path, &[], &message).expect(410), removed, "{path}");
    }

    // The name is free. The new flow is another one.
    let again = create(&inbox, "Docs");
    assert_eq!(again["parameterized_name"], "docs");
    assert_ne!(again["id"], flow["id"]);
    assert_eq!(inbox.get("/flows/example/docs/messages").expect(200), json!([]));
    assert_eq!(inbox.send("POST", "/flows/example/docs/messages", &[], &message).expect(410), removed);
    inbox.get(file).expect(404);

    assert_eq!(inbox.get(&format!("{MAIN}/messages")).expect(200), json!([kept]));
    let next = inbox.stored(&chat("1", "next"));
    assert_eq!(others.next().expect("an event").1, next, "the streams of other flows stay open");
}

#[test]
fn the_only_flow_cannot_be_removed() {
    let inbox = TimedInbox::new();
    let refused = json!({ "message": "It is the only flow of this inbox; create another one first" });
    assert_eq!(inbox.owner("DELETE", MAIN, &Value::Null).expect(409), refused);
    inbox.stored(&flux_capacitor());
    create(&inbox, "Docs");
    remove(&inbox, MAIN);
    assert_eq!(inbox.owner("DELETE", "/flows/example/docs", &Value::Null).expect(409), refused);
}

#[test]
fn an_inbox_without_its_first_flow_starts_and_makes_new_tokens() {
    let place = Place::new();
    let mut first = Inbox::start(&place, &[]);
    first.stored(&flux_capacitor());
    create(&first, "Docs");
    create(&first, "Ops");
    remove(&first, MAIN);
    first.kill();

    let mut second = Inbox::start(&place, &[]).with_tokens_of(&first);
    assert_eq!((&second.ready["organization"], &second.ready["flow"]), (&json!("example"), &json!("docs")));
    second.get(MAIN).expect(404);
    second.post(&chat("1", "hello?")).expect(410);
    let ops = source(&second, "ops");
    second.kill();

    // The announced flow is that of the announced token.
    let mut third = Inbox::start(&place, &["--new-tokens"]);
    assert_eq!(third.ready["flow"], "ops");
    third.stored(&chat("1", "with the new token"));
    assert_eq!(third.get("/flows/example/ops/messages").expect(200).as_array().map(Vec::len), Some(1));
    with_flow_token(&third, &ops).post(&chat("1", "with the old token")).expect(404);
    remove(&third, "/flows/example/ops");
    third.kill();

    let fourth = Inbox::start(&place, &["--new-tokens"]);
    assert_eq!(fourth.ready["flow"], "docs");
    fourth.stored(&chat("1", "with a new source"));
    assert_eq!(fourth.get("/flows/example/docs/messages").expect(200).as_array().map(Vec::len), Some(1));
}
