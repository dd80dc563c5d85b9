//! What one client may take, so that it cannot stop the others: time, memory, connections, wrong tokens.
//!
//! The limits are small here. No test measures time: each waits for what the inbox does when a limit is reached, and fails
//! if that never happens.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use flowdock_inbox::Limits;
use serde_json::{Value, json};

use crate::host::{Client, Inbox, TimedInbox};
use crate::place::{Place, file_sql};
use crate::samples::{chat, flux_capacitor};

const SHORT: Duration = Duration::from_millis(200);
const LONG: Duration = Duration::from_secs(600);

/// Limits that nothing reaches.
fn wide() -> Limits {
    Limits { head: LONG, body: LONG, write: LONG, ..Limits::default() }
}

fn inbox_with(limits: Limits) -> TimedInbox {
    TimedInbox::with(|args| args.limits = limits)
}

/// A connection that sends what a test writes and nothing else.
struct Raw(TcpStream);

impl Raw {
    fn open(inbox: &Client, text: &str) -> Raw {
        let address = inbox.url.strip_prefix("http://").expect("an http URL");
        let mut stream = TcpStream::connect(address).expect("it connects");
        // Only keeps a broken inbox from blocking the tests forever.
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a socket");
        stream.write_all(text.as_bytes()).expect("it is sent");
        Raw(stream)
    }

    /// Everything that the inbox sends until it closes the connection.
    fn rest(mut self) -> String {
        let mut bytes = Vec::new();
        self.0.read_to_end(&mut bytes).expect("the inbox closes the connection");
        String::from_utf8(bytes).expect("UTF-8")
    }

    /// Whether the inbox has answered.
    fn has_answer(&self) -> bool {
        self.0.set_nonblocking(true).expect("a socket");
        let is_there = self.0.peek(&mut [0]).is_ok();
        self.0.set_nonblocking(false).expect("a socket");
        is_there
    }

    /// The status of the next answer.
    fn status(&self) -> u16 {
        let mut line = String::new();
        BufReader::new(&self.0).read_line(&mut line).expect("an answer");
        line.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("no status: {line:?}"))
    }
}

fn post_head(more: &str, length: usize) -> String {
    format!("POST /messages{more} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n")
}

fn form_head(query: &str, length: usize) -> String {
    post_head(query, length) + "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
}

fn part(name: &str, value: &str) -> String {
    format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
}

const FILE: &str = "--b\r\nContent-Disposition: form-data; name=\"attachments[]\"; filename=\"a\"\r\n\r\n";

#[test]
fn a_silent_or_idle_connection_is_closed() {
    let inbox = inbox_with(Limits { head: SHORT, ..wide() });
    assert_eq!(Raw::open(&inbox, "").rest(), "");
    let half = Raw::open(&inbox, "GET /flows HTTP/1.1\r\nHost: ").rest();
    assert!(half.is_empty() || half.starts_with("HTTP/1.1 408 "), "{half}");
    let idle = Raw::open(&inbox, "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n").rest();
    assert!(idle.starts_with("HTTP/1.1 404 "), "{idle}");
}

#[test]
fn a_body_that_comes_too_slowly_is_refused() {
    let inbox = inbox_with(Limits { body: SHORT, ..wide() });
    let json = "Content-Type: application/json\r\n\r\n{";
    let form = format!("{}{}", form_head(&format!("?flow_token={}", inbox.flow_token), 1000), part("event", "message"));
    for request in [format!("{}{json}", post_head("", 1000)), form] {
        let answer = Raw::open(&inbox, &request).rest();
        assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("The body came too slowly"), "{answer}");
    }
}

#[test]
fn a_client_that_does_not_read_its_answer_loses_its_connection() {
    // There is one place. The next request is answered only after the slow reader has lost it.
    let inbox = inbox_with(Limits { write: SHORT, connections: 1, head: SHORT, ..wide() });
    let content = "x".repeat(8000);
    for _ in 0..1000 {
        inbox.post(&chat("1", &content)).expect(202);
    }
    let stream = format!(
        "GET /flows/example/main HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nLast-Event-ID: 0\r\n\
         Authorization: Bearer {}\r\n\r\n",
        inbox.api_token
    );
    let list = stream.replace(" HTTP", "/messages?limit=100 HTTP");
    for request in [stream, list.repeat(100)] {
        let unread = Raw::open(&inbox, &request);
        // Now it has the place, which the connection of an earlier post had before.
        assert_eq!(unread.status(), 200);
        inbox.get("/flows").expect(200);
    }
}

#[test]
fn only_so_many_connections_are_served_and_the_others_wait() {
    let inbox = inbox_with(Limits { connections: 2, ..wide() });
    let first = Raw::open(&inbox, "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!(first.status(), 404);
    let second = Raw::open(&inbox, "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!(second.status(), 404);
    let waiting = Raw::open(&inbox, "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(!waiting.has_answer());
    drop(first);
    assert_eq!(waiting.status(), 404);
}

#[test]
fn a_form_is_refused_by_its_token_before_its_files_come() {
    let inbox = inbox_with(Limits { body: SHORT, ..wide() });
    let head = form_head("", 10_000_000);
    let (text, good) = ("x".repeat(70_000), inbox.flow_token.clone());
    let late = "must come before the files";
    for (start, status, message) in [
        (part("flow_token", "unknown") + FILE, 404, "Flow token not found"),
        (part("event", "activity") + FILE, 401, late),
        (part("body", &text), 401, late),
        (part("body", &text) + &part("flow_token", &good) + FILE, 401, late),
    ] {
        // The rest of the form never comes. An inbox that waited for it would answer 408.
        let answer = Raw::open(&inbox, &format!("{head}{start}")).rest();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")) && answer.contains(message), "{answer}");
    }
    let wrong = form_head("?flow_token=unknown", 10_000_000);
    assert!(Raw::open(&inbox, &wrong).rest().starts_with("HTTP/1.1 404 "));
}

/// Everything before a part is searched for it again and again.
#[test]
fn a_form_without_parts_is_refused_before_it_has_come() {
    let inbox = inbox_with(Limits { body: SHORT, ..wide() });
    let query = format!("?flow_token={}", inbox.flow_token);
    let (much, file) = ("x".repeat(1_000_000), format!("{FILE}x"));
    for (query, start) in [("", much.clone()), (&query, much.clone()), (&query, file + "\r\n--b\r\nX: " + &much)] {
        let answer = Raw::open(&inbox, &format!("{}{start}", form_head(query, 10_000_000))).rest();
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    }
}

#[test]
fn a_form_has_at_most_a_thousand_fields() {
    let inbox = Inbox::new();
    let multipart = |fields: usize| {
        let mut form = part("flow_token", &inbox.flow_token);
        for index in 1..fields {
            form += &part(&format!("x{index}"), "y");
        }
        inbox.send_bytes("/messages", "multipart/form-data; boundary=b", (form + "--b--\r\n").as_bytes())
    };
    let plain = |path: &str, fields: usize| {
        let mut form = format!("flow_token={}", inbox.flow_token);
        for index in 1..fields {
            write!(form, "&x{index}=y").expect("a string");
        }
        inbox.send_bytes(path, "application/x-www-form-urlencoded", form.as_bytes())
    };
    let too_many = json!({ "message": "The form has more than 1000 fields" });
    for (at_most, more) in [(multipart(1000), multipart(1001)), (plain("/messages", 1000), plain("/messages", 1001))] {
        assert_eq!(at_most.expect(400)["message"], "Validation error");
        assert_eq!(more.expect(400), too_many);
    }
    let token_request = plain("/oauth/token", 1001);
    assert!(token_request.text.contains("more+than+1000+fields"), "{}", token_request.text);
}

#[test]
fn bodies_take_only_so_much_memory_together() {
    let inbox = inbox_with(Limits { bytes: 1_000_000, body: SHORT, ..wide() });
    let query = format!("?flow_token={}", inbox.flow_token);
    let start = format!("{}{FILE}{}", form_head(&query, 950_000), "x".repeat(900_000));
    let large = inbox.with_token(&chat("1", &"x".repeat(7_000))).to_string() + &" ".repeat(200_000);
    let mut held = Raw::open(&inbox, &start);
    // The form may come in after a message, and may then be the one that is refused.
    let refused = loop {
        let answer = inbox.send("POST", "/messages", &[], &large);
        if answer.status != 202 {
            break answer;
        }
        if held.has_answer() {
            held = Raw::open(&inbox, &start);
        }
    };
    assert_eq!(refused.expect(503), json!({ "message": "The inbox is busy" }));
    assert_eq!(refused.header("retry-after"), Some("1"));
    drop(held);
    while inbox.send("POST", "/messages", &[], &large).status == 503 {}
    inbox.send("POST", "/messages", &[], &large).expect(202);
}

#[test]
fn wrong_tokens_are_limited_by_address_and_right_tokens_are_not() {
    let inbox = TimedInbox::with(|args| args.trusted_proxy = vec!["127.0.0.1".parse().expect("an address")]);
    let get = |address: &str, token: &str| {
        let headers = [("Authorization", &*format!("Bearer {token}")), ("X-Forwarded-For", address)];
        inbox.send("GET", "/flows", &headers, "")
    };
    let attempts: Vec<u16> = (0..100).map(|index| get("192.0.2.1", &format!("wrong{index}")).status).collect();
    assert!(attempts[..60].iter().all(|status| *status == 401), "{attempts:?}");
    assert!(attempts.iter().filter(|status| **status == 429).count() >= 20, "{attempts:?}");
    let refused = loop {
        let wrong = get("192.0.2.1", "wrong");
        if wrong.status == 429 {
            break wrong;
        }
    };
    assert_eq!(refused.expect(429)["message"], "Too many wrong tokens came from this address");
    assert!(refused.header("retry-after").is_some_and(|seconds| ["1", "2"].contains(&seconds)));
    // A right token is let through, also one that the inbox has not seen before.
    let unseen =
        inbox.owner("POST", "/session", &Value::Null).expect(201)["token"].as_str().expect("a token").to_owned();
    for token in [&unseen, &inbox.api_token] {
        assert_eq!(get("192.0.2.1", token).status, 200);
    }
    assert_eq!(get("192.0.2.2", "wrong").status, 401);

    // Every kind of token counts.
    let form = [("Content-Type", "application/x-www-form-urlencoded"), ("X-Forwarded-For", "192.0.2.3")];
    let json = [("X-Forwarded-For", "192.0.2.3")];
    let client_id = inbox.ready["client_id"].as_str().expect("an id");
    let wrong = [
        &|| get("192.0.2.3", "wrong").status,
        &|| inbox.send("POST", "/messages", &json, r#"{"flow_token":"wrong"}"#).status,
        &|| inbox.send("POST", "/oauth/token", &form, &format!("client_id={client_id}&client_secret=wrong")).status,
    ] as [&dyn Fn() -> u16; 3];
    for index in 0..60 {
        let status = wrong[index % 3]();
        assert_eq!(status, [401, 404, 401][index % 3]);
    }
    for attempt in wrong {
        assert!((0..40).any(|_| attempt() == 429));
    }
    inbox.send("POST", "/messages", &json, &inbox.with_token(&chat("1", "hi")).to_string()).expect(202);
}

#[test]
fn a_request_for_another_host_is_refused() {
    let with_port = |inbox: &Client, host: &str| {
        Raw::open(inbox, &format!("GET /flows HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")).rest()
    };
    let inbox = TimedInbox::with(|args| {
        args.public_url = Some("https://flows.example/inbox".to_owned());
        args.allow_host = vec!["other.example".to_owned()];
    });
    for host in
        ["localhost", "localhost:4400", "127.0.0.1", "[::1]:4400", "192.0.2.7", "flows.example", "OTHER.example:1"]
    {
        let answer = with_port(&inbox, host);
        assert!(answer.starts_with("HTTP/1.1 401 "), "{host}: {answer}");
    }
    for host in [
        "[::1].evil.example",
        "evil.example",
        "flows.example.evil.example",
        "evil.example:4400",
        "",
        "\"",
        "127.0.0.1.evil.example",
    ] {
        let answer = with_port(&inbox, host);
        assert!(answer.starts_with("HTTP/1.1 421 "), "{host}: {answer}");
    }
    let absolute = "GET http://evil.example/flows HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    assert!(Raw::open(&inbox, absolute).rest().starts_with("HTTP/1.1 421 "));
    let twice = "GET /flows HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    assert!(Raw::open(&inbox, twice).rest().starts_with("HTTP/1.1 4"));
    let page = "GET /oauth/authorize?client_id=x HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    assert!(Raw::open(&inbox, page).rest().starts_with("HTTP/1.1 421 "));
}

/// The inbox serves only as many connections as the operating system has files for, so it never runs out of them.
#[cfg(unix)]
#[test]
fn when_there_are_few_file_descriptors_the_log_says_so_and_the_service_goes_on() {
    let inbox = env!("CARGO_BIN_EXE_flowdock-inbox");
    let place = Place::for_one_start();
    let mut process = Command::new("sh")
        .args(["-c", "ulimit -n 40; exec \"$0\" \"$@\"", inbox, "--listen", "127.0.0.1:0", "--json"])
        .args(place.option())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut line = String::new();
    BufReader::new(process.stdout.as_mut().expect("stdout")).read_line(&mut line).expect("a line");
    let ready: Value = serde_json::from_str(&line).expect("JSON");
    let text = |key: &str| ready[key].as_str().expect("a text").to_owned();
    let client = Client::new(text("local_url"), text("flow_token"), text("api_token"));

    let idle: Vec<Raw> = (0..60).map(|_| Raw::open(&client, "")).collect();
    let mut line = String::new();
    BufReader::new(process.stderr.as_mut().expect("stderr")).read_line(&mut line).expect("a line");
    assert!(line.ends_with("  WARN all 8 connections are in use\n"), "{line}");
    drop(idle);
    client.get("/flows").expect(200);
    process.kill().and_then(|()| process.wait()).expect("it runs");
}

#[test]
fn every_answer_forbids_frames_guesses_and_caches() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("index.html"), "<!doctype html>").expect("written");
    let inbox = TimedInbox::with(|args| args.www = Some(folder.path().to_owned()));
    for (path, cache) in [
        ("/flows", "no-store"),
        ("/nothing", "no-cache"),
        ("/", "no-cache"),
        ("/avatars/1", "no-store"),
        ("/oauth/consent.js", "no-store"),
        ("/oauth/page.css", "no-store"),
        ("/oauth/authorize", "no-store"),
        ("/flows/example/main?accept=text/event-stream", "no-cache"),
    ] {
        let headers = [("Authorization", &*format!("Bearer {}", inbox.api_token))];
        let is_stream = path.contains("event-stream");
        let answer = if is_stream { continue } else { inbox.send("GET", path, &headers, "") };
        let policy = answer.header("content-security-policy").expect("a policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
        assert_eq!(answer.header("x-frame-options"), Some("DENY"), "{path}");
        assert_eq!(answer.header("cache-control"), Some(cache), "{path}");
        assert_eq!(answer.header("referrer-policy"), Some("same-origin"), "{path}");
    }
}

#[test]
fn a_filter_has_at_most_twenty_tags_and_events() {
    let inbox = Inbox::new();
    inbox.post(&flux_capacitor()).expect(202);
    let many = |count: usize| (0..count).map(|index| format!("x{index}")).collect::<Vec<_>>().join(",");
    for name in ["tags", "event"] {
        inbox.get(&format!("/flows/example/main/messages?{name}={}", many(20))).expect(200);
        let refusal = inbox.get(&format!("/flows/example/main/messages?{name}={}", many(21))).expect(400);
        assert_eq!(refusal["errors"], json!({ name: ["must not be more than 20"] }));
    }
    for (count, status) in [(900, 400), (1100, 400), (100_000, 413)] {
        let body = json!({ "tags": (0..count).map(|index| format!("x{index}")).collect::<Vec<_>>() });
        inbox.send_as(&inbox.api_token, "GET", "/flows/example/main/messages", &body).expect(status);
    }
}

/// Each message shows the whole state of its thread, but the state is stored once.
#[test]
fn a_short_message_in_a_thread_with_a_long_description_takes_little_space() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("inbox.sqlite");
    let mut inbox = Inbox::on_file(&data, &[]);
    let mut message = flux_capacitor();
    let body = "x".repeat(100_000);
    message["thread"]["body"] = body.as_str().into();
    inbox.stored(&message);
    // A description that says nothing new takes no space either.
    inbox.stored(&message);
    for _ in 0..50 {
        inbox.stored(&chat("1234567", "hi"));
    }
    let messages = inbox.get("/flows/example/main/messages?limit=100").expect(200);
    let list = messages.as_array().expect("a list");
    assert_eq!(list.len(), 52);
    assert!(list.iter().all(|message| message["thread"]["body"] == body.as_str()));
    inbox.kill();
    file_sql(&data, "PRAGMA wal_checkpoint(TRUNCATE)");
    let bytes = fs::metadata(&data).expect("a file").len();
    assert!(bytes < 600_000, "{bytes}");
}

/// Lists in lists take 150 times as much memory as their text.
#[test]
fn a_message_has_at_most_a_hundred_thousand_values() {
    let inbox = Inbox::new();
    let mut message = inbox.with_token(&chat("1", "hi"));
    message["x"] = vec![0; 99_994].into();
    inbox.send("POST", "/messages", &[], &message.to_string()).expect(202);
    message["x"] = vec![0; 99_995].into();
    let refusal = inbox.send("POST", "/messages", &[], &message.to_string()).expect(400);
    assert_eq!(refusal["message"], "The body has more than 100000 values");
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_is_built_of_a_message_before_its_token_is_known() {
    let inbox = Inbox::new();
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    let nested = vec![deep.as_str(); 900].join(",");
    let json = [("Content-Type", "application/json")];
    inbox.send("POST", "/messages", &json, r#"{"flow_token":"wrong"}"#).expect(404);
    let before = peak_memory(inbox.process_id());
    for (content_type, token, status) in [
        ("application/json", "", 401),
        ("application/json", r#""flow_token":"wrong","#, 404),
        ("application/x-www-form-urlencoded", "", 401),
    ] {
        let body = format!("{{{token}\"x\":[{nested}]}}");
        inbox.send("POST", "/messages", &[("Content-Type", content_type)], &body).expect(status);
    }
    let more = peak_memory(inbox.process_id()) - before;
    assert!(more < 5_000_000, "{more} bytes more for bodies of 0.2 MB");
}

/// The largest memory that the process has had, in bytes.
#[cfg(target_os = "linux")]
fn peak_memory(process: u32) -> u64 {
    let status = fs::read_to_string(Path::new("/proc").join(process.to_string()).join("status")).expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("a peak");
    let kilobytes: u64 = line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number");
    kilobytes * 1024
}

#[cfg(target_os = "linux")]
#[test]
fn readers_of_large_messages_take_little_memory() {
    let inbox = Inbox::new();
    let mut message = flux_capacitor();
    message["thread"]["body"] = "x".repeat(600_000).into();
    let messages = 24;
    for index in 0..messages {
        message["external_thread_id"] = index.to_string().into();
        inbox.post(&message).expect(202);
    }
    let before = peak_memory(inbox.process_id());
    // All streams and lists are open before any of them is read.
    let streams: Vec<_> = (0..8).map(|_| inbox.stream(Some(0))).collect();
    let list = format!(
        "GET /flows/example/main/messages?limit=100 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Authorization: Bearer {}\r\n\r\n",
        inbox.api_token
    );
    let threads = list.replace("/messages?", "/threads?");
    let lists: Vec<_> = (0..8).map(|index| Raw::open(&inbox, [&list, &threads][index % 2])).collect();
    for stream in streams {
        assert_eq!(stream.take(messages).count(), messages);
    }
    for list in lists {
        assert!(list.rest().len() > messages * 600_000);
    }
    let more = peak_memory(inbox.process_id()) - before;
    assert!(more < 60_000_000, "{more} bytes more than without readers");
}

#[test]
fn the_texts_of_sources_and_applications_have_a_length() {
    let inbox = TimedInbox::new();
    let (good, long) = ("x".repeat(2000), "x".repeat(2001));
    let too_long = "must not be longer than 2000 bytes";
    let sources = "/flows/example/main/sources";
    inbox.owner("POST", sources, &json!({ "name": good, "application": 1 })).expect(201);
    let refusal = inbox.owner("POST", sources, &json!({ "name": long, "application": 1 })).expect(400);
    assert_eq!(refusal["errors"], json!({ "name": [too_long] }));
    let refusal = inbox.owner("PUT", &format!("{sources}/1"), &json!({ "error_message": long })).expect(400);
    assert_eq!(refusal["errors"], json!({ "error_message": [too_long] }));
    let url = format!("https://app.example/{good}");
    let profile = json!({ "name": long, "setup_uri": url, "redirect_uris": [url] });
    let refusal = inbox.owner("POST", "/oauth/applications", &profile).expect(400);
    let uris = "must be at most 100 URLs of at most 2000 bytes";
    assert_eq!(refusal["errors"], json!({ "setup_uri": [too_long], "name": [too_long], "redirect_uris": [uris] }));
    let profile = json!({ "name": "x", "redirect_uris": vec!["https://app.example/"; 101] });
    let refusal = inbox.owner("POST", "/oauth/applications", &profile).expect(400);
    assert_eq!(refusal["errors"], json!({ "redirect_uris": [uris] }));
}
