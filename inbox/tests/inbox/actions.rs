//! Actions: which request the service gets, and what the page is told about its answer.

use std::collections::HashSet;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::host::{Answer, Client, Inbox, TimedInbox};
use crate::integration::Integration;
use crate::samples::flux_capacitor;
use crate::service::{Service, verified};

fn update_action(url: &str, method: &str) -> Value {
    json!({
        "@type": "UpdateAction",
        "name": "Close",
        "target": { "@type": "EntryPoint", "urlTemplate": url, "httpMethod": method },
    })
}

/// Posts a thread that offers the action, clicks on the action, and returns the answer.
fn click(inbox: &Client, action: &Value) -> Answer {
    let thread = offer(inbox, &inbox.flow_token, action);
    inbox.owner("POST", &format!("{thread}/actions"), action)
}

/// Posts a thread that offers the action, and returns the path of the thread.
fn offer(inbox: &Client, flow_token: &str, action: &Value) -> String {
    let mut message = flux_capacitor();
    message["thread"]["actions"] =
        json!([{ "@type": "ViewAction", "name": "View", "url": "https://app.example/" }, action]);
    message["flow_token"] = flow_token.into();
    let stored = inbox.send("POST", "/messages", &[crate::host::WAIT], &message.to_string()).expect(200);
    format!("/flows/example/main/threads/{}", stored["thread_id"].as_str().expect("an id"))
}

#[test]
fn the_service_gets_the_action_signed_with_its_own_secret() {
    let inbox = TimedInbox::new();
    let app = Integration::register(&inbox);
    let access_token = app.authorised("integration").0;
    let sources = "/flows/example/main/sources";
    let source = inbox.send_as(&access_token, "POST", sources, &json!({ "name": "DeLorean" })).expect(201);
    let flow_token = source["flow_token"].as_str().expect("a token");
    let service = Service::with_status(200, "");

    let mut tokens = HashSet::new();
    for method in ["GET", "POST", "POST", "PUT", "PATCH", "DELETE"] {
        let mut action = update_action(&format!("{}/tickets/1?close{{&by}}=now", service.url), method);
        // The inbox replaces an `agent` that the service wrote.
        action["agent"] = json!({ "@type": "Person", "name": "Biff" });
        let thread = offer(&inbox, flow_token, &action);
        let outcome = inbox.owner("POST", &format!("{thread}/actions"), &action);
        let done = json!({ "outcome": "done", "status": 200, "message": "The service took the action" });
        assert_eq!(outcome.expect(200), done, "{method}");

        let received = service.next();
        assert_eq!(received.line, format!("{method} /tickets/1?close=now"));
        assert_eq!(format!("http://{}", received.headers["host"]), service.url);
        assert!(received.headers["content-type"].starts_with("application/json"));
        let mut body: Value = serde_json::from_slice(&received.body).expect("JSON");
        let agent = json!({ "@type": "Person", "name": "Owner", "image": format!("{}/avatars/1", inbox.url) });
        assert_eq!(body["agent"], agent);
        body["agent"] = action["agent"].clone();
        assert_eq!(body, action);

        let mut claims = verified(&received, &app.client_secret);
        // A second click in the same second gets another token.
        assert!(tokens.insert(received.headers["flowdock-token"].clone()));
        assert_eq!(claims["jti"].as_str().map(str::len), Some(32));
        claims.as_object_mut().expect("claims").remove("jti");
        let signature: String = Sha256::digest(&received.body).iter().map(|byte| format!("{byte:02x}")).collect();
        // The token expires 30 seconds after the time of the stopped clock.
        assert_eq!(claims, json!({ "sub": "1", "exp": 1_445_470_170, "signature": signature }));
    }
}

#[test]
fn the_page_gets_the_status_and_the_login_url_of_the_service_and_nothing_else() {
    let inbox = TimedInbox::new();
    let login = "https://app.example/login?claim=x";
    let (done, refused) = ("The service took the action", "The service refused the action");
    let secret_body = "HTTP/1.1 500 Status\r\nX-Secret: of the network\r\nContent-Length: 14\r\n\r\nof the network";
    for (service, outcome) in [
        (Service::with_status(204, ""), json!({ "outcome": "done", "status": 204, "message": done })),
        (
            Service::with_status(401, &format!("WWW-Authenticate: Flowdock-Token url={login}\r\n")),
            json!({
                "outcome": "login",
                "status": 401,
                "message": "The service wants you to log in first",
                "url": login,
            }),
        ),
        (Service::with_status(401, ""), json!({ "outcome": "refused", "status": 401, "message": refused })),
        (
            Service::with_status(401, "WWW-Authenticate: Flowdock-Token url=javascript:alert(1)\r\n"),
            json!({ "outcome": "refused", "status": 401, "message": refused }),
        ),
        (
            // A login challenge counts only with a 401.
            Service::with_status(403, &format!("WWW-Authenticate: Flowdock-Token url={login}\r\n")),
            json!({ "outcome": "refused", "status": 403, "message": refused }),
        ),
        (Service::answering(secret_body), json!({ "outcome": "refused", "status": 500, "message": refused })),
    ] {
        let answer = click(&inbox, &update_action(&service.url, "POST"));
        assert_eq!(answer.expect(200), outcome);
        assert_eq!(service.next().line, "POST /");
    }
}

#[test]
fn a_redirect_is_not_followed() {
    let inbox = TimedInbox::new();
    let elsewhere = Service::with_status(200, "");
    for status in [301, 302, 303, 307, 308] {
        let service = Service::with_status(status, &format!("Location: {}/\r\n", elsewhere.url));
        let outcome = click(&inbox, &update_action(&service.url, "POST")).expect(200);
        let message = "The service answered with a redirect, which is not followed";
        assert_eq!(outcome, json!({ "outcome": "refused", "status": status, "message": message }));
    }
    assert_eq!(elsewhere.waiting(), 0);
}

#[test]
fn the_page_is_told_why_a_service_gave_no_answer() {
    let inbox = TimedInbox::new();
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
    // This server sends its answer first, so it need not understand the TLS that it receives.
    let plain = TcpListener::bind("127.0.0.1:0").expect("a port");
    let secure_url = format!("https://{}/", plain.local_addr().expect("an address"));
    thread::spawn(move || plain.accept().map(|(mut stream, _)| stream.write_all(b"HTTP/1.1 400 No\r\n\r\n")));
    let no_answer = "The service gave no answer that could be read";
    for (url, message) in [
        (format!("http://{free}/"), "The service cannot be reached"),
        (Service::answering("").url, no_answer),
        (Service::answering("220 mail.example ESMTP\r\n").url, no_answer),
        (secure_url, "No secure connection to the service is possible"),
        (
            "http://169.254.169.254/latest/meta-data/".to_owned(),
            "The address of the action is one that the inbox never calls",
        ),
        ("http://[fe80::1]/".to_owned(), "The address of the action is one that the inbox never calls"),
        // The rules accept this URL, but a request line cannot contain it.
        ("http://127.0.0.1/ö`".to_owned(), "The address of the action cannot be called"),
    ] {
        let outcome = click(&inbox, &update_action(&url, "POST")).expect(200);
        assert_eq!(outcome, json!({ "outcome": "failed", "status": null, "message": message }), "{url}");
    }
}

#[test]
fn a_silent_service_fails_after_the_time_limit() {
    let inbox = TimedInbox::with(|args| args.action_timeout = Duration::from_millis(200));
    // Keeps the stream, since dropping it would close the connection.
    let (kept, keep) = mpsc::channel();
    let silent = Service::doing(move |stream| kept.send(stream.try_clone().expect("a handle")).expect("kept"));
    let outcome = click(&inbox, &update_action(&silent.url, "POST")).expect(200);
    let message = "The service did not answer in time";
    assert_eq!(outcome, json!({ "outcome": "failed", "status": null, "message": message }));
    drop(keep);
}

#[test]
fn the_body_of_an_answer_is_read_only_up_to_a_size_and_a_time_limit() {
    let inbox = TimedInbox::with(|args| args.action_timeout = Duration::from_secs(5));
    const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n";
    let (cut_off, seen) = mpsc::channel();
    let endless = Service::doing(move |stream: &mut TcpStream| {
        let mut written = stream.write(HEAD).expect("written");
        while let Ok(more) = stream.write(&[b'x'; 4096]) {
            written += more;
        }
        cut_off.send(written).expect("told");
    });
    assert_eq!(click(&inbox, &update_action(&endless.url, "POST")).expect(200)["outcome"], "done");
    // The service can write more than the inbox reads, because both sockets have buffers.
    assert!(seen.recv().expect("it ended") < 32 * 1024 * 1024);

    let quick = TimedInbox::with(|args| args.action_timeout = Duration::from_secs(2));
    let (kept, keep) = mpsc::channel();
    let hanging = Service::doing(move |stream: &mut TcpStream| {
        stream.write_all(HEAD).expect("written");
        kept.send(stream.try_clone().expect("a handle")).expect("kept");
    });
    assert_eq!(click(&quick, &update_action(&hanging.url, "POST")).expect(200)["outcome"], "done");
    drop(keep);
}

#[test]
fn only_an_action_that_the_thread_still_offers_is_performed() {
    let inbox = TimedInbox::new();
    let service = Service::with_status(200, "");
    let action = update_action(&service.url, "POST");
    let thread = offer(&inbox, &inbox.flow_token, &action);
    let path = format!("{thread}/actions");
    let not_offered = json!({
        "message": "Validation error",
        "errors": { "base": ["is no UpdateAction of the thread as it is now"] },
    });
    for other in [
        update_action(&service.url, "DELETE"),
        json!({ "@type": "ViewAction", "name": "View", "url": "https://app.example/" }),
        json!({}),
        json!([action]),
    ] {
        assert_eq!(inbox.owner("POST", &path, &other).expect(400), not_offered, "{other}");
    }
    inbox.send_as(&inbox.api_token, "POST", &path, &Value::Null).expect(400);
    inbox.owner("POST", "/flows/example/main/threads/unknown/actions", &action).expect(404);
    inbox.send("POST", &path, &[], &action.to_string()).expect(401);
    inbox.send_as(&inbox.flow_token, "POST", &path, &action).expect(401);

    // The item has changed and no longer offers the action.
    inbox.stored(&flux_capacitor());
    offer(&inbox, &inbox.flow_token, &update_action(&format!("{}/other", service.url), "POST"));
    assert_eq!(inbox.owner("POST", &path, &action).expect(400), not_offered);
    assert_eq!(service.waiting(), 0);

    offer(&inbox, &inbox.flow_token, &action);
    inbox.owner("DELETE", "/flows/example/main/sources/1", &Value::Null);
    inbox.owner("POST", &path, &action).expect(410);
    assert_eq!(service.waiting(), 0);
}

#[test]
fn an_inbox_stops_while_it_waits_for_a_service() {
    let inbox = Inbox::with(&["--stop-timeout", "1"]);
    let (kept, keep) = mpsc::channel();
    let silent = Service::doing(move |stream| kept.send(stream.try_clone().expect("a handle")).expect("kept"));
    let action = update_action(&silent.url, "POST");
    let path = format!("{}/actions", offer(&inbox, &inbox.flow_token, &action));
    let client = inbox.client.clone();
    let clicked = thread::spawn(move || {
        let authorization = format!("Bearer {}", client.api_token);
        client.try_send("POST", &path, &[("Authorization", &authorization)], &action.to_string())
    });
    silent.next();
    assert_eq!(inbox.signal("TERM").code(), Some(0));
    assert!(clicked.join().expect("no panic").is_none(), "the connection broke");
    drop(keep);
}
