//! What tools that were written for Flowdock send: other names of paths, users, and the requests of Flowdock's own example
//! application. `owner_posts.rs`, `comments.rs`, `password.rs`, `push.rs` and `search.rs` have the rest.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::host::{Answer, Client, Inbox, TimedInbox, WAIT};
use crate::integration::Integration;
use crate::samples::flux_capacitor;

const FLOW: &str = "/flows/example/main";

pub fn basic(name: &str, password: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{name}:{password}")))
}

/// Sends JSON as Flowdock's Ruby client and npm's `flowdock` do: the API token is the name of HTTP Basic.
pub fn send(inbox: &Client, path: &str, body: &Value) -> Answer {
    let authorization = basic(&inbox.api_token, "");
    let headers = [("Authorization", authorization.as_str()), ("Accept", "application/json"), WAIT];
    inbox.send("POST", path, &headers, &body.to_string())
}

pub fn list(inbox: &Client, query: &str) -> Vec<Value> {
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
