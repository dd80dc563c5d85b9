//! Everything that gives access can be ended, and streams end with it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;

use serde_json::{Value, json};

use crate::host::{Client, Events, Inbox, TimedInbox};
use crate::integration::{FORM, Integration};
use crate::place::Place;
use crate::samples::chat;

const FLOW: &str = "/flows/example/main";

fn stream_as(inbox: &Client, token: &str) -> Events {
    inbox.events(FLOW, &[("Authorization", &format!("Bearer {token}")), ("Accept", "text/event-stream")])
}

fn read_as(inbox: &Client, token: &str) -> u16 {
    inbox.send_as(token, "GET", &format!("{FLOW}/messages"), &Value::Null).status
}

fn session(inbox: &Client, browser: &str) -> (i64, String) {
    let authorization = format!("Bearer {}", inbox.api_token);
    let headers = [("Authorization", authorization.as_str()), ("User-Agent", browser)];
    let session = inbox.send("POST", "/session", &headers, "").expect(201);
    (session["id"].as_i64().expect("an id"), session["token"].as_str().expect("a token").to_owned())
}

#[test]
fn an_application_ends_its_own_tokens() {
    let inbox = TimedInbox::new();
    let app = Integration::register(&inbox);
    let other = Integration::register(&inbox);
    let revoke = |app: &Integration<'_>, token: &str| {
        let id_and_secret = [("client_id", app.client_id.as_str()), ("client_secret", &app.client_secret)];
        let mut body = form_urlencoded::Serializer::new(String::new());
        let body = body.extend_pairs(id_and_secret).append_pair("token", token).finish();
        inbox.send("POST", "/oauth/revoke", &[FORM], &body).status
    };
    let (access, refresh) = app.authorised("flow offline_access");

    // A token of another application stays as it is, and the answer does not tell that there is one.
    for (app, token) in [(&other, &access), (&other, &refresh), (&app, &"unknown".to_owned())] {
        assert_eq!(revoke(app, token), 200);
    }
    assert_eq!(read_as(&inbox, &access), 200);

    // An access token ends alone.
    assert_eq!(revoke(&app, &access), 200);
    assert_eq!(read_as(&inbox, &access), 401);
    let again = app.refresh(&refresh).expect(200);
    let text = |key: &str| again[key].as_str().expect("a token").to_owned();
    assert_eq!(read_as(&inbox, &text("access_token")), 200);

    // A refresh token ends everything that its grant gave.
    assert_eq!(revoke(&app, &text("refresh_token")), 200);
    assert_eq!(read_as(&inbox, &text("access_token")), 401);
    assert_eq!(Integration::error(&app.refresh(&text("refresh_token"))), (400, "invalid_grant".into()));

    let no_secret = inbox.send("POST", "/oauth/revoke", &[FORM], "token=x");
    assert_eq!(Integration::error(&no_secret), (401, "invalid_client".into()));
    let wrong = format!("client_id={}&client_secret={}", app.client_id, other.client_secret);
    let wrong_secret = inbox.send("POST", "/oauth/revoke", &[FORM], &format!("{wrong}&token={access}"));
    assert_eq!(Integration::error(&wrong_secret), (401, "invalid_client".into()));
}

#[test]
fn the_owner_sees_the_grants_and_ends_them() {
    let inbox = TimedInbox::new();
    let app = Integration::register(&inbox);
    let (access, refresh) = app.authorised("flow integration offline_access");
    let (short, _) = app.authorised("profile");
    let grants = inbox.get("/oauth/grants").expect(200);
    assert_eq!(
        grants,
        json!([
            {
                "id": 1,
                "application": { "id": app.id, "name": "Garage" },
                "scopes": ["flow", "offline_access", "integration"],
                "created_at": "2015-10-21T23:29:00.000Z",
            },
            {
                "id": 2,
                "application": { "id": app.id, "name": "Garage" },
                "scopes": ["profile"],
                "created_at": "2015-10-21T23:29:00.000Z",
            },
        ])
    );

    assert_eq!(inbox.owner("DELETE", "/oauth/grants/1", &Value::Null).status, 204);
    assert_eq!(read_as(&inbox, &access), 401);
    assert_eq!(Integration::error(&app.refresh(&refresh)), (400, "invalid_grant".into()));
    for path in ["/oauth/grants/1", "/oauth/grants/3", "/oauth/grants/x"] {
        let refusal = inbox.owner("DELETE", path, &Value::Null).expect(404);
        assert_eq!(refusal["message"], "Grant not found", "{path}");
    }
    // The other grant had no refresh token. When its access token has expired, it gives no access any more.
    assert_eq!(inbox.get("/oauth/grants").expect(200).as_array().map(Vec::len), Some(1));
    inbox.later(2 * 60 * 60);
    assert_eq!(inbox.get("/oauth/grants").expect(200), json!([]));
    inbox.send_as(&short, "GET", "/flows", &Value::Null).expect(401);
}

#[test]
fn the_owner_sees_the_sessions_and_ends_them() {
    let inbox = TimedInbox::new();
    let (first, token) = session(&inbox, "Browser/1");
    let (second, other) = session(&inbox, &"B".repeat(500));
    let sessions = inbox.send_as(&token, "GET", "/sessions", &Value::Null).expect(200);
    assert_eq!(
        sessions[0],
        json!({
            "id": first,
            "browser": "Browser/1",
            "current": true,
            "created_at": "2015-10-21T23:29:00.000Z",
            "renewed_at": "2015-10-21T23:29:00.000Z",
            "expires_at": "2015-11-20T23:29:00.000Z",
        })
    );
    assert_eq!((&sessions[1]["id"], &sessions[1]["current"]), (&json!(second), &json!(false)));
    assert_eq!(sessions[1]["browser"].as_str().map(str::len), Some(200));

    // A session gives the owner's access, and lasts for 30 days more each time its page is loaded.
    assert_eq!(read_as(&inbox, &token), 200);
    inbox.later(29 * 24 * 60 * 60);
    let renewed = inbox.send_as(&token, "POST", "/session", &Value::Null).expect(200);
    assert_eq!((&renewed["id"], renewed.get("token")), (&json!(first), None));
    inbox.later(2 * 24 * 60 * 60);
    assert_eq!((read_as(&inbox, &token), read_as(&inbox, &other)), (200, 401));

    assert_eq!(inbox.owner("DELETE", &format!("/sessions/{first}"), &Value::Null).status, 204);
    assert_eq!(read_as(&inbox, &token), 401);
    inbox.owner("DELETE", &format!("/sessions/{first}"), &Value::Null).expect(404);
}

#[test]
fn a_removed_application_ends_with_its_sources_and_its_grants() {
    let inbox = TimedInbox::new();
    let app = Integration::register(&inbox);
    let (access, refresh) = app.authorised("flow integration offline_access");
    let source = inbox.send_as(&access, "POST", &format!("{FLOW}/sources"), &json!({ "name": "DeLorean" })).expect(201);
    let mut message = crate::samples::flux_capacitor();
    message["flow_token"] = source["flow_token"].clone();
    inbox.send("POST", "/messages", &[], &message.to_string()).expect(202);

    let path = format!("/oauth/applications/{}", app.id);
    assert_eq!(inbox.owner("DELETE", &path, &Value::Null).status, 204);
    inbox.send("POST", "/messages", &[], &message.to_string()).expect(410);
    assert_eq!(read_as(&inbox, &access), 401);
    assert_eq!(Integration::error(&app.refresh(&refresh)), (401, "invalid_client".into()));
    assert_eq!(app.ask(&[]).status, 400);
    inbox.get(&path).expect(404);
    inbox.owner("PUT", &path, &json!({ "name": "x" })).expect(404);
    inbox.owner("POST", &format!("{path}/secret"), &Value::Null).expect(404);
    inbox.owner("DELETE", &path, &Value::Null).expect(404);
    let made = inbox.owner("POST", &format!("{FLOW}/sources"), &json!({ "name": "x", "application": app.id }));
    assert_eq!(
        made.expect(400)["errors"],
        json!({ "application": ["must be the id of an application with fewer than 1000 sources"] })
    );
    assert_eq!(inbox.get("/oauth/applications").expect(200).as_array().map(Vec::len), Some(1));
    assert_eq!(inbox.get("/oauth/grants").expect(200), json!([]));
    // Its messages stay, with its name.
    assert_eq!(inbox.get(&format!("{FLOW}/threads")).expect(200)[0]["source"]["application"], "Garage");
}

/// Checks that a stream delivers messages until `end` ends it, and nothing afterwards.
fn ends_with(inbox: &Client, mut stream: Events, end: impl FnOnce()) {
    let before = inbox.stored(&chat("1", "before"));
    assert_eq!(stream.next().expect("an event").1, before);
    end();
    inbox.stored(&chat("1", "after"));
    assert!(stream.next().is_none());
}

#[test]
fn a_stream_ends_with_what_opened_it() {
    let inbox = TimedInbox::new();
    let app = Integration::register(&inbox);

    let (access, _) = app.authorised("flow");
    ends_with(&inbox, stream_as(&inbox, &access), || {
        assert_eq!(inbox.owner("DELETE", "/oauth/grants/1", &Value::Null).status, 204);
    });

    let (id, token) = session(&inbox, "Browser");
    ends_with(&inbox, stream_as(&inbox, &token), || {
        assert_eq!(inbox.owner("DELETE", &format!("/sessions/{id}"), &Value::Null).status, 204);
    });

    // The reuse of a code ends the grant.
    let code = app.code(&[]);
    let tokens = app.exchange(&code, &[]).expect(200);
    let access = tokens["access_token"].as_str().expect("a token");
    ends_with(&inbox, stream_as(&inbox, access), || {
        assert_eq!(Integration::error(&app.exchange(&code, &[])), (400, "invalid_grant".into()));
    });

    // An end that concerns others does not end a stream.
    let (_, kept) = session(&inbox, "Browser");
    let mut stream = stream_as(&inbox, &kept);
    let (other, _) = session(&inbox, "Browser");
    assert_eq!(inbox.owner("DELETE", &format!("/sessions/{other}"), &Value::Null).status, 204);
    let stored = inbox.stored(&chat("1", "still here"));
    assert_eq!(stream.next().expect("an event").1, stored);

    // Time alone ends a stream as well, without any message.
    let (access, _) = app.authorised("flow");
    let (expiring, waiting) = (stream_as(&inbox, &access), stream_as(&inbox, &kept));
    inbox.later(2 * 60 * 60);
    assert_eq!(expiring.count(), 0);
    inbox.later(30 * 24 * 60 * 60);
    assert_eq!(waiting.count(), 0);

    let (access, _) = app.authorised("flow");
    let path = format!("/oauth/applications/{}", app.id);
    ends_with(&inbox, stream_as(&inbox, &access), || {
        assert_eq!(inbox.owner("DELETE", &path, &Value::Null).status, 204);
    });
}

/// A body may take minutes, and the token may end meanwhile.
#[test]
fn a_request_whose_token_ends_before_its_body_has_come_does_nothing() {
    let inbox = TimedInbox::new();
    let app = Integration::register(&inbox);
    let profile = json!({ "name": "x", "redirect_uris": ["https://evil.example/"] }).to_string();
    for (method, path, body) in [
        ("POST", format!("{FLOW}/sources"), json!({ "name": "DeLorean", "application": app.id }).to_string()),
        ("PUT", format!("/oauth/applications/{}", app.id), profile.clone()),
        ("POST", "/oauth/applications".to_owned(), profile),
        ("GET", format!("{FLOW}/messages"), json!({ "limit": 5 }).to_string()),
        ("POST", format!("{FLOW}/threads/x/actions"), "{}".to_owned()),
    ] {
        let (id, token) = session(&inbox, "Browser");
        let (first, last) = body.split_at(body.len() - 1);
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
            body.len()
        );
        let mut connection =
            TcpStream::connect(inbox.url.strip_prefix("http://").expect("a URL")).expect("it connects");
        connection.write_all(head.as_bytes()).expect("it is sent");
        // The inbox asks for the body after it has looked the token up.
        let mut sign = [0; 25];
        connection.read_exact(&mut sign).expect("a sign");
        assert_eq!(&sign, b"HTTP/1.1 100 Continue\r\n\r\n");
        connection.write_all(first.as_bytes()).expect("it is sent");
        assert_eq!(inbox.owner("DELETE", &format!("/sessions/{id}"), &Value::Null).status, 204);
        connection.write_all(last.as_bytes()).expect("it is sent");
        let mut answer = String::new();
        connection.read_to_string(&mut answer).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 401 "), "{method} {path}: {answer}");
    }
    assert_eq!(inbox.get(&format!("{FLOW}/sources")).expect(200).as_array().map(Vec::len), Some(1));
    let application = inbox.get(&format!("/oauth/applications/{}", app.id)).expect(200);
    assert_eq!(application["name"], "Garage");
}

#[test]
fn a_stream_with_a_backlog_ends_when_its_token_expires() {
    let inbox = TimedInbox::new();
    let app = Integration::register(&inbox);
    let (access, _) = app.authorised("flow");
    // More than the sockets between inbox and client hold.
    let content = "x".repeat(8000);
    let messages = 2000;
    for _ in 0..messages {
        inbox.post(&chat("1", &content)).expect(202);
    }
    let authorization = format!("Bearer {access}");
    let headers = [("Authorization", authorization.as_str()), ("Accept", "text/event-stream"), ("Last-Event-ID", "0")];
    let mut stream = inbox.events(FLOW, &headers);
    assert!(stream.next().is_some());
    inbox.later(2 * 60 * 60);
    assert!(stream.count() + 1 < messages);
}

#[test]
fn new_tokens_end_everything_that_gave_access() {
    let place = Place::new();
    let mut inbox = Inbox::start(&place, &[]);
    let app = Integration::register(&inbox);
    let (access, refresh) = app.authorised("flow integration offline_access");
    let code = app.code(&[]);
    let (_, session) = session(&inbox, "Browser");
    let source = inbox.send_as(&access, "POST", &format!("{FLOW}/sources"), &json!({ "name": "DeLorean" })).expect(201);
    let other_token = source["flow_token"].as_str().expect("a token").to_owned();
    let first = Client::new(inbox.url.clone(), inbox.flow_token.clone(), inbox.api_token.clone());
    let (client_id, old_secret, id) = (app.client_id.clone(), app.client_secret.clone(), app.id);
    inbox.kill();

    let mut renewed = Inbox::start(&place, &["--new-tokens"]);
    let app = Integration {
        inbox: &renewed,
        id,
        client_id,
        client_secret: old_secret.clone(),
        redirect_uri: crate::integration::CALLBACK.to_owned(),
    };
    for token in [&access, &session, &first.api_token] {
        assert_eq!(read_as(&renewed, token), 401);
    }
    assert_eq!(Integration::error(&app.refresh(&refresh)), (401, "invalid_client".into()));
    let secret = renewed.get(&format!("/oauth/applications/{id}")).expect(200)["client_secret"].clone();
    assert_ne!(secret, old_secret.as_str());
    let app = Integration { client_secret: secret.as_str().expect("a secret").to_owned(), ..app };
    assert_eq!(Integration::error(&app.refresh(&refresh)), (400, "invalid_grant".into()));
    assert_eq!(Integration::error(&app.exchange(&code, &[])), (400, "invalid_grant".into()));
    for token in [&first.flow_token, &other_token] {
        let mut message = chat("1", "hi");
        message["flow_token"] = token.as_str().into();
        renewed.send("POST", "/messages", &[], &message.to_string()).expect(404);
    }
    renewed.stored(&chat("1", "with the new flow token"));
    assert!(renewed.ready["client_secret"].is_string() && renewed.ready["client_id"].is_string());

    // A flow token is good even if all sources and all applications were removed.
    for id in [1, id] {
        assert_eq!(renewed.owner("DELETE", &format!("/oauth/applications/{id}"), &Value::Null).status, 204);
    }
    renewed.kill();
    let last = Inbox::start(&place, &["--new-tokens"]);
    last.stored(&chat("1", "again"));
}

#[test]
fn two_streams_of_one_session_end_together() {
    let inbox = Inbox::new();
    let (id, token) = session(&inbox, "Browser");
    let streams = [stream_as(&inbox, &token), stream_as(&inbox, &token)];
    let ended = streams.map(|stream| thread::spawn(move || stream.count()));
    assert_eq!(inbox.owner("DELETE", &format!("/sessions/{id}"), &Value::Null).status, 204);
    for stream in ended {
        assert_eq!(stream.join().expect("it ends"), 0);
    }
}
