//! What tools that were written for Flowdock send: other names of paths, chat messages of a user, comments, users, and the
//! requests of Flowdock's own example application and set-up script. `push.rs` has the Push API, `search.rs` the search.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::host::{Answer, Client, Inbox, TimedInbox, WAIT};
use crate::integration::{FORM, Integration, OUT_OF_BAND};
use crate::samples::{chat, flux_capacitor};

const FLOW: &str = "/flows/example/main";

fn basic(name: &str, password: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{name}:{password}")))
}

/// Sends JSON as Flowdock's Ruby client and npm's `flowdock` do: the API token is the name of HTTP Basic.
fn send(inbox: &Client, path: &str, body: &Value) -> Answer {
    let authorization = basic(&inbox.api_token, "");
    let headers = [("Authorization", authorization.as_str()), ("Accept", "application/json"), WAIT];
    inbox.send("POST", path, &headers, &body.to_string())
}

fn list(inbox: &Client, query: &str) -> Vec<Value> {
    inbox.get(&format!("{FLOW}/messages{query}")).expect(200).as_array().expect("a list").clone()
}

#[test]
fn paths_have_a_prefix_and_a_suffix() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("v1")).expect("a folder");
    for file in ["data.json", "v1/data.json"] {
        std::fs::write(folder.path().join(file), format!("\"{file}\"")).expect("a file");
    }
    let inbox = Inbox::with(&["--www", folder.path().to_str().expect("UTF-8")]);
    let flows = inbox.get("/flows").expect(200);
    for path in ["/v1/flows", "/flows.json", "/v1/flows.json"] {
        assert_eq!(inbox.get(path).expect(200), flows, "{path}");
    }
    let id = flows[0]["id"].as_str().expect("an id");
    assert_eq!(inbox.get(&format!("/v1/flows/find.json?id={id}")).expect(200), flows[0]);
    let message = inbox.with_token(&flux_capacitor()).to_string();
    inbox.send("POST", "/v1/messages.json", &[], &message).expect(202);
    let stored = inbox.get(&format!("/v1{FLOW}/messages.json?limit=1")).expect(200)[0].clone();
    assert_eq!(inbox.get(&format!("/v1{FLOW}/messages/1.json")).expect(200), stored);
    let thread = stored["thread_id"].as_str().expect("an id");
    inbox.get(&format!("/v1{FLOW}/threads/{thread}/messages.json")).expect(200);
    inbox.get("/v1/flows/example/other.json").expect(404);
    inbox.send("GET", "/v1/flows.json", &[], "").expect(401);

    // Files keep their names.
    for (path, file) in [("/data.json", "data.json"), ("/v1/data.json", "v1/data.json")] {
        assert_eq!(inbox.send("GET", path, &[], "").text, format!("\"{file}\""), "{path}");
    }
    let mut form = String::new();
    let fields = [("flow_token", inbox.flow_token.as_str()), ("event", "activity"), ("title", "x")];
    for (name, value) in
        fields.into_iter().chain([("author[name]", "x"), ("external_thread_id", "1"), ("thread[title]", "x")])
    {
        form += &format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    form += "--b\r\nContent-Disposition: form-data; name=\"attachments[]\"; filename=\"a.json\"\r\n\r\n{}\r\n--b--\r\n";
    let posted = inbox.send_bytes("/v1/messages", "multipart/form-data; boundary=b", form.as_bytes()).expect(200);
    let path = posted["attachments"][0]["path"].as_str().expect("a path");
    assert!(path.ends_with("/a.json"));
    for path in [path.to_owned(), format!("/v1{path}")] {
        assert_eq!(inbox.download(&inbox.api_token, &path).1, b"{}");
    }
}

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
fn users_are_the_owner() {
    let inbox = TimedInbox::new();
    let owner = json!({
        "id": 1, "email": null, "name": "Owner", "nick": "Owner",
        "avatar": format!("{}/avatars/1", inbox.url), "website": null,
    });
    assert_eq!(inbox.get("/user").expect(200), owner);
    assert_eq!(inbox.get("/v1/user.json").expect(200), owner);
    for path in ["/users", "/v1/users", "/flows/example/main/users"] {
        assert_eq!(inbox.get(path).expect(200), json!([owner]), "{path}");
    }
    inbox.get("/flows/example/other/users").expect(404);
    for path in ["/user", "/users", "/flows/example/main/users"] {
        inbox.send("GET", path, &[], "").expect(401);
        inbox.send_as(&inbox.flow_token, "GET", path, &Value::Null).expect(401);
    }
    let app = Integration::register(&inbox);
    for (scope, user, users) in
        [("profile", 200, 403), ("integration", 200, 200), ("flow", 200, 200), ("offline_access", 403, 403)]
    {
        let (token, _) = app.authorised(scope);
        assert_eq!(inbox.send_as(&token, "GET", "/user", &Value::Null).status, user, "{scope}");
        for path in ["/users", "/flows/example/main/users"] {
            assert_eq!(inbox.send_as(&token, "GET", path, &Value::Null).status, users, "{scope} {path}");
        }
    }
}

/// Flowdock's example application makes `integrations`, and posts to `/activities`.
#[test]
fn the_example_application_sets_itself_up_and_posts_activities() {
    let inbox = TimedInbox::new();
    let app = Integration::register(&inbox);
    let (token, _) = app.authorised("profile integration");
    assert_eq!(inbox.send_as(&token, "GET", "/user", &Value::Null).expect(200)["name"], "Owner");
    let flow = inbox.get("/flows").expect(200)[0].clone();
    let found =
        inbox.send_as(&token, "GET", &format!("/flows/find?id={}", flow["id"].as_str().expect("an id")), &Value::Null);
    let path = found.expect(200)["url"].as_str().and_then(|url| url.strip_prefix(&inbox.url)).expect("ours").to_owned();
    let made =
        inbox.send_as(&token, "POST", &format!("{path}/integrations"), &json!({ "name": "All polls" })).expect(201);
    let one = format!("{path}/integrations/{}", made["id"]);
    assert_eq!(inbox.send_as(&token, "GET", &one, &Value::Null).expect(200)["name"], "All polls");
    assert_eq!(
        inbox.get(&format!("{path}/integrations")).expect(200),
        inbox.get(&format!("{path}/sources")).expect(200)
    );

    let flow_token = made["flow_token"].as_str().expect("a token");
    let post = |event: &str, title: &str, token: &Value| {
        let activity = json!({
            "author": { "name": "Marty", "email": "marty@example.org", "avatar": "https://secure.gravatar.com/avatar/0?s=120&r=pg" },
            "body": "", "event": event, "excerpt": "", "thread_id": "example:poll:5",
            "thread": {
                "external_url": "http://127.0.0.1:3000/5",
                "fields": [{ "label": "Pizza", "value": "2" }],
                "status": { "value": "open", "color": "green" },
                "title": "Lunch",
            },
            "title": title, "token": token,
        });
        inbox.send("POST", "/activities", &[WAIT], &activity.to_string())
    };
    let first = post("activity", "created poll", &json!(flow_token)).expect(200);
    let second = post("discussion", "commented", &json!(flow_token)).expect(200);
    assert_eq!((&first["event"], &second["event"]), (&json!("activity"), &json!("discussion")));
    assert_eq!(first["thread_id"], second["thread_id"], "one poll is one thread");
    assert_eq!((&second["thread"]["title"], &second["thread"]["external_comments"]), (&json!("Lunch"), &json!(1)));
    let texts = format!("{first}{second}{}", inbox.get(&format!("{path}/messages")).text);
    assert!(!texts.contains(flow_token), "the token is not stored");
    let form = format!(
        "event=activity&title=voted&author[name]=Marty&thread_id=example:poll:5&thread[title]=Lunch&token={flow_token}"
    );
    let third = inbox.send_bytes("/activities", "application/x-www-form-urlencoded", form.as_bytes()).expect(200);
    assert_eq!((&third["thread_id"], third.get("token")), (&first["thread_id"], None));

    assert_eq!(post("activity", "x", &json!("unknown")).expect(404), json!({ "message": "Flow token not found" }));
    post("activity", "x", &Value::Null).expect(401);
    assert_eq!(post("activity", "", &json!(flow_token)).expect(400)["errors"], json!({ "title": ["can't be blank"] }));
    assert_eq!(inbox.send_as(&token, "DELETE", &one, &Value::Null).status, 204);
    post("activity", "x", &json!(flow_token)).expect(410);
}

/// Flowdock's set-up script registers an application and takes a password grant, with the name and the password that its
/// user types.
#[test]
fn the_set_up_script_gets_from_nothing_to_a_message() {
    let inbox = Inbox::new();
    let authorization = basic("marty@example.org", &inbox.api_token);
    let headers = [("Authorization", authorization.as_str()), ("Accept", "application/json")];
    let application = json!({ "application": { "name": "Garage", "redirect_uri": OUT_OF_BAND } });
    let application = inbox.send("POST", "/oauth/applications", &headers, &application.to_string()).expect(201);
    assert_eq!((&application["name"], &application["redirect_uris"]), (&json!("Garage"), &json!([OUT_OF_BAND])));
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let (client_id, client_secret) = (text(&application["client_id"]), text(&application["client_secret"]));

    let grant = format!(
        "grant_type=password&username=marty%40example.org&password={}&client_id={client_id}&client_secret={client_secret}\
         &redirect_uri=urn%3Aietf%3Awg%3Aoauth%3A2.0%3Aoob&scope=flow+integration",
        inbox.api_token
    );
    let answer = inbox.send("POST", "/oauth/token", &[FORM, ("Accept", "application/json")], &grant).expect(200);
    assert_eq!((&answer["token_type"], &answer["scope"]), (&json!("bearer"), &json!("flow,integration")));
    let token = text(&answer["access_token"]);
    let flows = inbox.send_as(&token, "GET", "/flows.json", &Value::Null).expect(200);
    assert_eq!(flows[0]["open"], true, "the script takes only the flows that are open");
    let sources =
        format!("{}/sources", flows[0]["url"].as_str().and_then(|url| url.strip_prefix(&inbox.url)).expect("ours"));
    let bearer = format!("Bearer {token}");
    let made = inbox.send("POST", &sources, &[("Authorization", &bearer), FORM], "name=Tickets").expect(201);
    let mut message = flux_capacitor();
    message["flow_token"] = made["flow_token"].clone();
    inbox.send("POST", "/messages", &[], &message.to_string()).expect(202);
    let grants = inbox.get("/oauth/grants").expect(200);
    assert_eq!(grants[0]["scopes"], json!(["flow", "integration"]), "the owner sees the grant and can revoke it");

    // The fields of a form, and an application in the owner's own words.
    let form = "application[name]=Form&application[redirect_uri]=http%3A%2F%2F127.0.0.1%2Fcallback";
    let registered = inbox.send("POST", "/oauth/applications", &[headers[0], FORM], form).expect(201);
    assert_eq!(
        (&registered["name"], &registered["redirect_uris"]),
        (&json!("Form"), &json!(["http://127.0.0.1/callback"]))
    );
    let refused =
        inbox.send("POST", "/oauth/applications", &headers, r#"{"application":{"name":"x","redirect_uri":"x"}}"#);
    assert_eq!(refused.expect(400)["errors"].as_object().map(|errors| errors.contains_key("redirect_uri")), Some(true));
}

#[test]
fn the_password_is_the_api_token_and_nothing_else() {
    let inbox = Inbox::new();
    let application = r#"{"application":{"name":"x","redirect_uri":"urn:ietf:wg:oauth:2.0:oob"}}"#;
    let register = |authorization: &str| {
        inbox.send("POST", "/oauth/applications", &[("Authorization", authorization)], application).status
    };
    let session =
        inbox.owner("POST", "/session", &Value::Null).expect(201)["token"].as_str().expect("a token").to_owned();
    for password in ["", "wrong", inbox.flow_token.as_str(), &session] {
        assert_eq!(register(&basic("marty", password)), 401, "{password}");
    }
    assert_eq!(register(&basic(&inbox.api_token, "")), 201);
    assert_eq!(register(&basic(&inbox.api_token, "wrong")), 201, "the token is the name, as everywhere");
    // Only registering an application takes the password.
    for (method, path) in [("GET", "/oauth/applications"), ("GET", "/flows"), ("POST", "/session")] {
        let authorization = basic("marty", &inbox.api_token);
        inbox.send(method, path, &[("Authorization", &authorization)], "").expect(401);
    }
    let app = Integration::register(&inbox);
    let grant = |changes: &[(&str, &str)]| {
        let usual = [("grant_type", "password"), ("username", "marty"), ("password", inbox.api_token.as_str())];
        app.token(&[&usual, changes].concat())
    };
    assert_eq!(Integration::error(&grant(&[("password", "wrong")])), (400, "invalid_grant".to_owned()));
    assert_eq!(Integration::error(&grant(&[("password", &session)])), (400, "invalid_grant".to_owned()));
    assert_eq!(Integration::error(&grant(&[("password", "")])), (400, "invalid_request".to_owned()));
    assert_eq!(Integration::error(&grant(&[("scope", "everything")])), (400, "invalid_scope".to_owned()));
    assert_eq!(Integration::error(&grant(&[("client_secret", "wrong")])).0, 401);
    let tokens = grant(&[("scope", "flow offline_access")]).expect(200);
    app.refresh(tokens["refresh_token"].as_str().expect("a token")).expect(200);
}

#[test]
fn the_password_is_for_this_machine_alone() {
    // The address is that of this machine, but others may reach it through a proxy or by another address.
    type Change = fn(&mut flowdock_inbox::Args);
    let proxied: &[(&str, &str)] = &[("X-Forwarded-For", "127.0.0.1")];
    let cases: [(Change, &[(&str, &str)]); 5] = [
        (|args| args.listen = "0.0.0.0:0".parse().expect("an address"), &[]),
        (|args| args.public_url = Some("https://inbox.example".to_owned()), &[]),
        (|args| args.trusted_proxy = vec!["127.0.0.1".parse().expect("an address")], &[]),
        (|args| args.trusted_proxy = vec!["127.0.0.1".parse().expect("an address")], proxied),
        (|_| (), proxied),
    ];
    for (change, headers) in cases {
        let mut inbox = TimedInbox::with(change);
        inbox.client.url = inbox.url.replace("0.0.0.0", "127.0.0.1");
        let app = Integration::register(&inbox);
        let grant = format!(
            "grant_type=password&username=x&password={}&client_id={}&client_secret={}",
            inbox.api_token, app.client_id, app.client_secret
        );
        let headers = |more: &[(&'static str, &'static str)]| [headers, more].concat();
        let answer = inbox.send("POST", "/oauth/token", &headers(&[FORM, ("Accept", "application/json")]), &grant);
        assert_eq!(Integration::error(&answer), (400, "unauthorized_client".to_owned()));
        let authorization = basic("x", &inbox.api_token);
        let application = r#"{"application":{"name":"x","redirect_uri":"urn:ietf:wg:oauth:2.0:oob"}}"#;
        let mut with_password = headers(&[]);
        with_password.push(("Authorization", &authorization));
        inbox.send("POST", "/oauth/applications", &with_password, application).expect(401);
        // The owner registers it there as everywhere.
        let authorization = basic(&inbox.api_token, "");
        inbox.send("POST", "/oauth/applications", &[("Authorization", &authorization)], application).expect(201);
    }
}
