//! What the person who runs the inbox sees: the log, the admin address, and how the inbox stops.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::host::{Client, Inbox, TimedInbox, command};
use crate::place::Place;
use crate::samples::{chat, flux_capacitor};

/// Runs an inbox, sends requests with `use_it` and returns what the inbox printed on stderr, and its ready line.
#[cfg(unix)]
fn log_of(arguments: &[&str], use_it: impl FnOnce(&Client)) -> (Vec<String>, Value) {
    let place = Place::for_one_start();
    let mut process = command(&["--listen", "127.0.0.1:0", "--json", "--log-level", "info"])
        .args(place.option())
        .args(arguments)
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut line = String::new();
    BufReader::new(process.stdout.as_mut().expect("stdout")).read_line(&mut line).expect("a line");
    let ready: Value = serde_json::from_str(&line).expect("JSON");
    let client = Client::of(&ready);
    use_it(&client);
    drop(client);
    let id = process.id().to_string();
    assert!(std::process::Command::new("kill").args(["-s", "TERM", &id]).status().expect("kill runs").success());
    let mut log = String::new();
    process.stderr.take().expect("stderr").read_to_string(&mut log).expect("UTF-8");
    assert_eq!(process.wait().expect("it ends").code(), Some(0));
    (log.lines().map(str::to_owned).collect(), ready)
}

#[test]
#[cfg(unix)]
fn each_request_is_a_line_of_the_log_with_its_route_and_without_a_secret() {
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let (lines, ready) = log_of(&["--log-format", "json"], |client| {
        let token = &client.api_token;
        client.stored(&flux_capacitor());
        client.post(&json!({ "event": "message", "content": "" })).expect(400);
        client.get("/flows/example/main/messages?tags=secret-tag").expect(200);
        let path = format!("/flows/example/main?accept=text/event-stream&access_token={token}");
        drop(client.events(&path, &[]));
        let traced = [("traceparent", &*format!("00-{trace}-b7ad6b7169203331-01"))];
        client.send("GET", "/no-such/path-with-secret?token=secret-token", &traced, "").expect(404);
        let answer = client.send("GET", "/flows", &[("Authorization", "Bearer wrong-token")], "");
        assert!(answer.header("x-request-id").is_some());
    });
    let lines: Vec<Value> =
        lines.iter().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("JSON: {line}"))).collect();
    let answered = |line: &&Value| line["message"] == "answered";
    let short = |line: &Value| json!([line["method"], line["route"], line["status"]]);
    assert_eq!(
        lines.iter().filter(answered).map(short).collect::<Vec<_>>(),
        [
            json!(["POST", "/messages", 200]),
            json!(["POST", "/messages", 400]),
            json!(["GET", "/flows/{organization}/{flow}/messages", 200]),
            json!(["GET", "/flows/{organization}/{flow}", 200]),
            json!(["GET", "other", 404]),
            json!(["GET", "/flows", 401]),
        ]
    );
    for (index, line) in lines.iter().filter(answered).enumerate() {
        let id = line["span"]["id"].as_str().expect("text");
        assert!(id.ends_with(&format!("-{}", index + 1)), "{line}");
        assert!(line["ms"].as_f64().is_some_and(|ms| ms > 0.0) && line["timestamp"].is_string(), "{line}");
    }
    assert_eq!(lines[4]["span"]["trace"], trace);
    let all = Value::from(lines).to_string();
    let secrets =
        ["flow_token", "api_token", "client_id", "client_secret"].map(|name| ready[name].as_str().expect("text"));
    for secret in secrets.into_iter().chain(["secret-tag", "secret-token", "with-secret", "wrong-token", "Flux"]) {
        assert!(!all.contains(secret), "{secret} is in the log: {all}");
    }
}

#[test]
#[cfg(unix)]
fn a_line_of_the_log_is_text_for_people_by_default() {
    let (lines, _) = log_of(&[], |client| drop(client.get("/flows")));
    assert!(lines[0].contains("-1}: answered method=\"GET\" route=\"/flows\" status=200 ms="), "{lines:?}");
}

/// The client of the admin address.
fn admin(ready: &Value) -> Client {
    Client::new(ready["admin_url"].as_str().expect("an admin address").to_owned(), String::new(), String::new())
}

fn read(admin: &Client, path: &str) -> (u16, String) {
    let answer = admin.send("GET", path, &[], "");
    (answer.status, answer.text)
}

#[test]
fn the_admin_address_tells_whether_the_inbox_works_and_nothing_of_the_api() {
    let inbox = Inbox::with(&["--admin", "127.0.0.1:0"]);
    let admin = admin(&inbox.ready);
    assert_eq!(read(&admin, "/healthz").0, 200);
    assert_eq!(read(&admin, "/readyz"), (200, "The inbox is ready\n".to_owned()));
    assert_eq!(read(&admin, "/flows").0, 404);
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(inbox.get(path).status, 404, "{path} is no path of the API");
    }
    assert!(Inbox::new().ready["admin_url"].is_null());
}

#[test]
fn the_metrics_count_what_happened_and_name_nobody() {
    let inbox = Inbox::with(&["--admin", "127.0.0.1:0"]);
    let admin = admin(&inbox.ready);
    let mut stream = inbox.stream(None);
    let mut message = flux_capacitor();
    message["uuid"] = json!("0c5d5b4e-2f0b-4f40-9d45-5b4f4f0f8a10");
    inbox.stored(&message);
    inbox.stored(&message);
    inbox.post(&json!({ "event": "message", "content": "" })).expect(400);
    inbox.send("POST", &format!("/v1/messages/chat/{}", inbox.flow_token), &[], "{}").expect(400);
    inbox.send("TRACE", "/flows", &[], "").expect(405);
    stream.next().expect("an event");
    let (status, text) = read(&admin, "/metrics");
    assert_eq!(status, 200);
    for line in [
        "flowdock_inbox_posts_total{result=\"stored\"} 1",
        "flowdock_inbox_posts_total{result=\"repeated\"} 1",
        "flowdock_inbox_posts_total{result=\"refused\"} 2",
        "flowdock_inbox_streams_open 1",
        "flowdock_inbox_queue_waiting 0",
        "flowdock_inbox_batch_posts_count 2",
        "flowdock_inbox_commit_seconds_count 2",
        "flowdock_inbox_stream_lag_seconds_count 1",
        "flowdock_inbox_http_requests_seconds_count{route=\"/messages\",method=\"POST\",status_class=\"2xx\"} 2",
        "flowdock_inbox_http_requests_seconds_count{route=\"/messages\",method=\"POST\",status_class=\"4xx\"} 1",
        "flowdock_inbox_http_requests_seconds_count{route=\"/flows\",method=\"other\",status_class=\"4xx\"} 1",
        "# EOF",
    ] {
        assert!(text.lines().any(|found| found == line), "no line {line}:\n{text}");
    }
    let flow = inbox.get("/flows/example/main").json();
    for name in [&inbox.flow_token, &inbox.api_token, "main", "example", flow["id"].as_str().expect("an id")] {
        assert!(!text.contains(name), "{name} is in the metrics:\n{text}");
    }
}

#[test]
fn a_stopping_inbox_says_that_it_is_not_ready_and_still_answers() {
    let inbox = TimedInbox::with(|args| {
        args.admin = Some("127.0.0.1:0".parse().expect("an address"));
        args.drain_delay = std::time::Duration::from_secs(2);
    });
    let admin = admin(&inbox.ready);
    let mut stream = inbox.stream(None);
    assert_eq!(read(&admin, "/readyz").0, 200);
    let inbox = inbox.stopping();
    while read(&admin, "/readyz").0 == 200 {}
    assert_eq!(read(&admin, "/readyz"), (503, "The inbox is about to stop\n".to_owned()));
    // The streams and the API work until the delay has passed.
    let stored = inbox.stored(&chat("1", "late"));
    assert_eq!(stream.next().expect("an event").1, stored);
    assert_eq!(stream.next(), None, "the stream has ended");
}

#[test]
fn a_stream_says_when_to_come_back_and_no_two_say_the_same() {
    let inbox = Inbox::new();
    let retry = || {
        let headers = [("Authorization", &*format!("Bearer {}", inbox.api_token)), ("Accept", "text/event-stream")];
        let first = inbox.lines("/flows/example/main", &headers).next().expect("a line").expect("text");
        first.strip_prefix("retry: ").expect("it begins with when to come back").parse::<u64>().expect("a number")
    };
    let mut times: Vec<u64> = (0..20).map(|_| retry()).collect();
    assert!(times.iter().all(|time| (1000..5000).contains(time)), "{times:?}");
    times.sort_unstable();
    assert!(times.windows(2).all(|pair| pair[1] - pair[0] > 40), "spread evenly: {times:?}");
}

#[test]
#[cfg(target_os = "linux")]
fn nobody_waits_for_the_log_and_nothing_ends_when_it_cannot_be_written() {
    // A full disk, and a pipe that nobody reads, which holds 64 KB.
    for stderr in [std::fs::File::options().write(true).open("/dev/full").expect("a device").into(), Stdio::piped()] {
        let place = Place::for_one_start();
        let mut process = command(&["--listen", "127.0.0.1:0", "--json", "--log-level", "info"])
            .args(place.option())
            .stderr(stderr)
            .spawn()
            .expect("the binary runs");
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().expect("stdout")).read_line(&mut line).expect("a line");
        let client = Client::of(&serde_json::from_str(&line).expect("JSON"));
        for _ in 0..1500 {
            client.post(&chat("1", "logged")).expect(202);
        }
        let id = process.id().to_string();
        assert!(std::process::Command::new("kill").args(["-s", "TERM", &id]).status().expect("kill runs").success());
        assert_eq!(process.wait().expect("it ends").code(), Some(0));
    }
}
