//! Starts inboxes and sends requests to them.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use clap::Parser;
use flowdock_inbox::{Args, Clock};
use serde_json::Value;
use tokio::sync::oneshot;
use ureq::http::{HeaderMap, Request};
use ureq::{Agent, Body};

use crate::place::{Place, data_option};

/// The header that asks for the stored message in the answer.
pub const WAIT: (&str, &str) = ("X-flowdock-wait-for-message", "true");

/// The command that runs the binary with these arguments.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_flowdock-inbox"));
    // A test that is about the log says so.
    command.args(["--log-level", "error"]);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs an inbox that must not start. Returns its one line on stderr.
pub fn refused(arguments: &[&str]) -> String {
    let mut process = command(arguments).spawn().expect("the binary runs");
    // Reads stdout up to its end, which is the end of the process. An inbox that starts by mistake prints a line first,
    // so the test fails at once and does not wait.
    let mut line = String::new();
    BufReader::new(process.stdout.take().expect("stdout")).read_line(&mut line).expect("UTF-8");
    if !line.is_empty() {
        process.kill().expect("it runs");
    }
    let output = process.wait_with_output().expect("it ends");
    let error = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!((line.as_str(), output.status.code()), ("", Some(1)), "{error}");
    assert_eq!(error.lines().count(), 1, "one line: {error}");
    error
}

/// An inbox that runs in a process of its own. Dropping it kills the process.
pub struct Inbox {
    process: Child,
    /// The line that the inbox printed when it was ready.
    pub ready: Value,
    pub client: Client,
    // The last field, so that the place is removed after the process has ended.
    _place: Option<Place>,
}

impl Inbox {
    /// Starts an inbox with an empty place, which is removed with it.
    pub fn new() -> Inbox {
        Inbox::with(&[])
    }

    pub fn with(arguments: &[&str]) -> Inbox {
        let place = Place::new();
        let mut inbox = Inbox::start(&place, arguments);
        inbox._place = Some(place);
        inbox
    }

    /// Starts an inbox on a machine that trusts only these certificates.
    pub fn trusting(certificates: &Path) -> Inbox {
        let place = Place::for_one_start();
        let mut inbox = Inbox::spawn(&place.option(), &[], &[("SSL_CERT_FILE", certificates)]);
        inbox._place = Some(place);
        inbox
    }

    /// Starts an inbox with what is kept in this place.
    pub fn start(place: &Place, arguments: &[&str]) -> Inbox {
        Inbox::spawn(&place.option(), arguments, &[])
    }

    /// Starts an inbox with this SQLite file, for a test that is about the file.
    pub fn on_file(data: &Path, arguments: &[&str]) -> Inbox {
        Inbox::spawn(&data_option(data), arguments, &[])
    }

    fn spawn(place: &[String; 2], arguments: &[&str], environment: &[(&str, &Path)]) -> Inbox {
        let mut process = command(&["--listen", "127.0.0.1:0", "--json"])
            .args(place)
            .args(arguments)
            .env_remove("SSL_CERT_DIR")
            .envs(environment.iter().copied())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the binary runs");
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().expect("stdout")).read_line(&mut line).expect("a line");
        let ready: Value = serde_json::from_str(&line).expect("the line is JSON");
        let client = Client::of(&ready);
        Inbox { process, ready, client, _place: None }
    }

    /// Uses the tokens of an earlier start with the same place.
    pub fn with_tokens_of(mut self, earlier: &Client) -> Inbox {
        self.client.flow_token.clone_from(&earlier.flow_token);
        self.client.api_token.clone_from(&earlier.api_token);
        self
    }

    /// The number of the process.
    #[cfg(target_os = "linux")]
    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// Kills the process with SIGKILL, so that it cannot clean up.
    pub fn kill(&mut self) {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it ends");
    }

    /// Sends the signal with this name.
    #[cfg(unix)]
    pub fn send_signal(&self, name: &str) {
        let id = self.process.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().expect("kill runs").success());
    }

    /// Sends the signal with this name and waits until the process has ended.
    #[cfg(unix)]
    pub fn signal(mut self, name: &str) -> ExitStatus {
        self.send_signal(name);
        self.process.wait().expect("it ends")
    }
}

impl std::ops::Deref for Inbox {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// An inbox in the process of the test. The test speaks HTTP to it and moves its stopped clock.
pub struct TimedInbox {
    pub clock: Clock,
    /// The line that the binary would print when it was ready.
    pub ready: Value,
    pub client: Client,
    stop: Option<oneshot::Sender<()>>,
    served: Option<JoinHandle<Result<(), flowdock_inbox::StartError>>>,
    // The last field, so that the place is removed after the inbox has ended.
    _place: Option<Place>,
}

impl TimedInbox {
    pub fn new() -> TimedInbox {
        TimedInbox::with(|_| ())
    }

    /// Starts an inbox with changed arguments.
    pub fn with(change: impl FnOnce(&mut Args)) -> TimedInbox {
        let place = Place::for_one_start();
        let mut inbox = TimedInbox::start(&place, change);
        inbox._place = Some(place);
        inbox
    }

    /// Starts an inbox with what is kept in this place.
    pub fn start(place: &Place, change: impl FnOnce(&mut Args)) -> TimedInbox {
        let [option, value] = place.option();
        let mut args = Args::parse_from(["inbox", "--listen", "127.0.0.1:0", &option, &value]);
        change(&mut args);
        // 2015-10-21T23:29:00Z.
        let clock = Clock::stopped_at(1_445_470_140_000);
        let inbox = flowdock_inbox::Inbox::open(&args, clock.clone()).expect("it opens");
        let ready: Value = serde_json::from_str(&inbox.ready()).expect("the line is JSON");
        let (stop, stopped) = oneshot::channel();
        let served = thread::spawn(move || {
            inbox.serve(async {
                let _ = stopped.await;
            })
        });
        TimedInbox { clock, client: Client::of(&ready), ready, stop: Some(stop), served: Some(served), _place: None }
    }

    /// Tells the inbox to stop, and does not wait for it.
    pub fn stopping(mut self) -> TimedInbox {
        drop(self.stop.take());
        self
    }

    pub fn later(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

impl std::ops::Deref for TimedInbox {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Drop for TimedInbox {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(served) = self.served.take() {
            let _ = served.join();
        }
    }
}

/// An HTTP client that knows the URL and the tokens of an inbox.
#[derive(Clone)]
pub struct Client {
    agent: Agent,
    pub url: String,
    pub flow_token: String,
    pub api_token: String,
}

/// The answer to a request.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {:?}", self.text))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("ASCII"))
    }

    /// Checks the status and returns the JSON of the body.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header("content-type"), Some("application/json; charset=utf-8"));
        self.json()
    }
}

impl Client {
    pub fn new(url: String, flow_token: String, api_token: String) -> Client {
        Client::with_limit(url, flow_token, api_token, Duration::from_secs(60))
    }

    /// A client whose answers, streams included, may take this long.
    pub fn with_limit(url: String, flow_token: String, api_token: String, limit: Duration) -> Client {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // Returns a redirect as an answer, because tests check it.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(limit));
        Client { agent: config.build().into(), url, flow_token, api_token }
    }

    /// The client of the inbox that printed this line.
    pub fn of(ready: &Value) -> Client {
        let text = |key: &str| ready[key].as_str().map(str::to_owned).unwrap_or_default();
        Client::new(text("local_url"), text("flow_token"), text("api_token"))
    }

    /// Sends a request. Returns `None` if the connection breaks.
    pub fn try_send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Option<Answer> {
        let mut response = self.response(method, path, headers, body.as_bytes())?;
        let headers = response.headers().clone();
        let text = response.body_mut().read_to_string().ok()?;
        Some(Answer { status: response.status().as_u16(), headers, text })
    }

    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.try_send(method, path, headers, body).expect("an answer")
    }

    fn response(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Option<ureq::http::Response<Body>> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let is_declared = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        if !body.is_empty() && !is_declared {
            request = request.header("Content-Type", "application/json");
        }
        if body.is_empty() {
            self.agent.run(request.body(()).expect("a request")).ok()
        } else {
            self.agent.run(request.body(body).expect("a request")).ok()
        }
    }

    /// Posts a body of bytes.
    pub fn send_bytes(&self, path: &str, content_type: &str, body: &[u8]) -> Answer {
        self.try_send_bytes(path, content_type, body).expect("an answer")
    }

    /// Posts a body of bytes. Returns `None` if the connection breaks.
    pub fn try_send_bytes(&self, path: &str, content_type: &str, body: &[u8]) -> Option<Answer> {
        let mut response = self.response("POST", path, &[WAIT, ("Content-Type", content_type)], body)?;
        let text = response.body_mut().read_to_string().ok()?;
        Some(Answer { status: response.status().as_u16(), headers: response.headers().clone(), text })
    }

    /// Reads bytes with this bearer token.
    pub fn download(&self, token: &str, path: &str) -> (HeaderMap, Vec<u8>) {
        self.bytes(path, &[("Authorization", &*format!("Bearer {token}"))])
    }

    /// Reads the headers and the bytes of an answer.
    pub fn bytes(&self, path: &str, headers: &[(&str, &str)]) -> (HeaderMap, Vec<u8>) {
        let mut response = self.response("GET", path, headers, b"").expect("an answer");
        assert_eq!(response.status(), 200, "{path}");
        let content = response.body_mut().with_config().limit(u64::MAX).read_to_vec().expect("a whole body");
        (response.headers().clone(), content)
    }

    /// Sends a GET with the API token.
    pub fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[("Authorization", &format!("Bearer {}", self.api_token))], "")
    }

    /// All messages of a flow after this id, page by page.
    pub fn messages_after(&self, flow: &str, id: i64) -> Vec<Value> {
        let mut messages: Vec<Value> = Vec::new();
        loop {
            let last = messages.last().map_or(id, |message| message["id"].as_i64().expect("an id"));
            let page = self.get(&format!("{flow}/messages?sort=asc&limit=100&since_id={last}")).expect(200);
            let Value::Array(page) = page else { panic!("a list") };
            if page.is_empty() {
                return messages;
            }
            messages.extend(page);
        }
    }

    /// Sends JSON with this bearer token.
    pub fn send_as(&self, token: &str, method: &str, path: &str, body: &Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let headers = [("Authorization", &*format!("Bearer {token}")), ("Content-Type", "application/json")];
        self.send(method, path, &headers, &body)
    }

    /// Sends JSON with the API token, as the owner.
    pub fn owner(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.send_as(&self.api_token, method, path, body)
    }

    /// Posts a message, with the flow token added to it.
    pub fn post(&self, message: &Value) -> Answer {
        self.post_with(&[], message)
    }

    pub fn post_with(&self, headers: &[(&str, &str)], message: &Value) -> Answer {
        self.send("POST", "/messages", headers, &self.with_token(message).to_string())
    }

    /// Posts a message and returns its stored form.
    #[track_caller]
    pub fn stored(&self, message: &Value) -> Value {
        self.post_with(&[WAIT], message).expect(200)
    }

    /// Returns the message with the flow token added to it.
    pub fn with_token(&self, message: &Value) -> Value {
        let mut message = message.clone();
        message["flow_token"] = self.flow_token.as_str().into();
        message
    }

    /// Opens the flow's stream. When this returns, the inbox knows the listener.
    pub fn stream(&self, last_event_id: Option<i64>) -> Events {
        let token = format!("Bearer {}", self.api_token);
        let mut headers = vec![("Authorization", token.as_str()), ("Accept", "text/event-stream")];
        let id = last_event_id.map(|id| id.to_string());
        if let Some(id) = &id {
            headers.push(("Last-Event-ID", id));
        }
        self.events("/flows/example/main", &headers)
    }

    pub fn events(&self, path: &str, headers: &[(&str, &str)]) -> Events {
        let response = self.response("GET", path, headers, b"").expect("an answer");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["x-accel-buffering"], "no");
        let reader = response.into_body().into_with_config().limit(u64::MAX).reader();
        Events { lines: BufReader::new(Box::new(reader)) }
    }

    /// The lines of an answer, each as soon as it has come.
    pub fn lines(&self, path: &str, headers: &[(&str, &str)]) -> impl Iterator<Item = std::io::Result<String>> {
        self.try_lines(path, headers).expect("an answer")
    }

    /// The lines of an answer, each as soon as it has come. Returns `None` if the connection breaks before.
    pub fn try_lines(
        &self,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Option<impl Iterator<Item = std::io::Result<String>> + use<>> {
        let response = self.response("GET", path, headers, b"")?;
        Some(BufReader::new(response.into_body().into_with_config().limit(u64::MAX).reader()).lines())
    }
}

/// An open stream.
pub struct Events {
    lines: BufReader<Box<dyn Read + Send>>,
}

impl Iterator for Events {
    type Item = (i64, Value);

    /// The next event; `None` once the stream has ended.
    fn next(&mut self) -> Option<(i64, Value)> {
        let (mut id, mut data) = (None, None);
        loop {
            let mut line = String::new();
            // If the connection breaks before the stream has ended, this read fails.
            if self.lines.read_line(&mut line).expect("a whole answer") == 0 {
                return None;
            }
            match line.trim_end().split_once(':') {
                Some(("id", text)) => id = Some(text.trim().parse().expect("a number")),
                Some(("data", text)) => data = Some(serde_json::from_str(text).expect("one line of JSON")),
                Some(("", _) | ("retry", _)) => (), // a comment, or when to come back
                Some((field, _)) => panic!("an event has nothing but id and data, found {field}"),
                None => {
                    if let (Some(id), Some(data)) = (id.take(), data.take()) {
                        return Some((id, data));
                    }
                }
            }
        }
    }
}
