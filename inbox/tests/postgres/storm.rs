//! Writers that post to several inboxes on one database, readers of the streams, and what must hold afterwards.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::{Value, json};

use crate::host::Client;

/// A flow with a source through which the writers post.
#[derive(Clone)]
pub struct Target {
    /// The path of the flow.
    pub flow: String,
    flow_token: String,
}

impl Target {
    /// The flow that the first start has made.
    pub fn first(client: &Client) -> Target {
        Target { flow: "/flows/example/main".to_owned(), flow_token: client.flow_token.clone() }
    }

    /// A new flow.
    pub fn new(client: &Client, name: &str) -> Target {
        client.owner("POST", "/flows/example", &json!({ "name": name })).expect(201);
        let flow = format!("/flows/example/{name}");
        let source = json!({ "name": "Storm", "application": 1 });
        let source = client.owner("POST", &format!("{flow}/sources"), &source).expect(201);
        Target { flow, flow_token: source["flow_token"].as_str().expect("a token").to_owned() }
    }

    /// A message in the thread of a writer.
    fn message(&self, writer: usize, content: &str) -> Value {
        json!({
            "flow_token": self.flow_token, "event": "message", "content": content,
            "external_thread_id": format!("writer {writer}"), "uuid": format!("{writer}-{content}"),
        })
    }
}

/// What one writer has lived through.
#[derive(Default)]
pub struct Written {
    /// The number of answers 503.
    pub unavailable: usize,
    /// The number of connections that broke.
    pub broken: usize,
}

/// Posts messages in one thread, in order, to one inbox after the other. Posts a message again until it is answered, as a client does.
pub fn write(clients: &[Client], target: &Target, writer: usize, posts: usize, posted: &AtomicUsize) -> Written {
    let mut written = Written::default();
    let mut turn = writer;
    for number in 0..posts {
        let body = target.message(writer, &number.to_string()).to_string();
        loop {
            turn += 1;
            let answer = clients[turn % clients.len()].try_send("POST", "/messages", &[], &body);
            match answer {
                Some(answer) if answer.status == 202 => break,
                Some(answer) if answer.status == 503 => {
                    assert!(answer.header("retry-after").is_some(), "{answer:?}");
                    written.unavailable += 1;
                }
                Some(answer) => panic!("{answer:?}"),
                None => written.broken += 1,
            }
            // A client waits before it tries again, and leaves the processors to the server.
            thread::sleep(Duration::from_millis(10));
        }
        posted.fetch_add(1, Ordering::Relaxed);
    }
    written
}

/// A thread that reads the stream of a flow.
pub struct Reader(JoinHandle<Read>);

/// What a reader has read.
pub struct Read {
    /// The ids, in the order in which they came.
    pub ids: Vec<i64>,
    /// How many streams the reader has opened.
    pub streams: usize,
}

/// The content of the message after which readers stop.
const LAST: &str = "last";

impl Reader {
    /// Opens the stream at the first of these inboxes. When it ends, continues at the next one, as an EventSource does.
    pub fn start(clients: Vec<Client>, target: &Target) -> Reader {
        let flow = target.flow.clone();
        // In the long run a stream lasts for minutes.
        let limit = Duration::from_secs(900);
        let patient = |client: Client| Client::with_limit(client.url, client.flow_token, client.api_token, limit);
        let clients: Vec<_> = clients.into_iter().map(patient).collect();
        Reader(thread::spawn(move || {
            let mut read = Read { ids: Vec::new(), streams: 0 };
            for client in clients.iter().cycle() {
                if read.streams > 0 {
                    // As an EventSource does, and leaves the processors to the server.
                    thread::sleep(Duration::from_millis(10));
                }
                let token = format!("Bearer {}", client.api_token);
                let last = read.ids.last().copied().unwrap_or(0).to_string();
                let headers = [("Authorization", &*token), ("Accept", "text/event-stream"), ("Last-Event-ID", &*last)];
                let Some(lines) = client.try_lines(&flow, &headers) else { continue };
                read.streams += 1;
                let mut id = 0;
                for line in lines.map_while(Result::ok) {
                    match line.split_once(": ") {
                        Some(("id", text)) => id = text.parse().expect("a number"),
                        Some(("data", text)) => {
                            read.ids.push(id);
                            let message: Value = serde_json::from_str(text).expect("JSON");
                            assert_eq!(message["id"], id);
                            if message["content"] == LAST {
                                return read;
                            }
                        }
                        _ => (),
                    }
                }
            }
            unreachable!("the inboxes do not end")
        }))
    }

    /// Waits until the reader has seen the last message.
    pub fn end(self) -> Read {
        self.0.join().expect("the reader ends")
    }
}

/// Posts the message after which readers stop.
pub fn post_last(clients: &[Client], target: &Target) {
    let client = &clients[0];
    client.send("POST", "/messages", &[], &target.message(usize::MAX, LAST).to_string()).expect(202);
}

/// Checks that a flow has each message of the writers once, that the ids have no gap, that each thread has its messages in their order,
/// and that each reader has seen all of them in order.
pub fn judge(client: &Client, target: &Target, writers: usize, posts: usize, readers: &[Read]) {
    let messages = client.messages_after(&target.flow, 0);
    let ids: Vec<i64> = messages.iter().map(|message| message["id"].as_i64().expect("an id")).collect();
    assert_eq!(ids, (1..=ids.len() as i64).collect::<Vec<_>>(), "the ids have no gap");
    let mut threads: HashMap<&str, Vec<&str>> = HashMap::new();
    for message in &messages {
        let text = |key: &str| message[key].as_str().expect("a text");
        let (writer, content) = text("uuid").split_once('-').expect("a writer");
        assert_eq!(content, text("content"));
        threads.entry(writer).or_default().push(content);
    }
    let expected: Vec<String> = (0..posts).map(|number| number.to_string()).collect();
    for writer in 0..writers {
        let found = threads.remove(&*writer.to_string()).unwrap_or_default();
        assert_eq!(found, expected, "writer {writer}: each once and in order");
    }
    assert_eq!(threads.into_values().collect::<Vec<_>>(), [[LAST]], "nothing else");
    for read in readers {
        assert_eq!(read.ids, ids, "a stream is complete and in order");
    }
    let path = format!("{}/threads?limit=100", target.flow);
    let counted = client.get(&path).expect(200);
    assert_eq!(counted.as_array().map(Vec::len), Some(writers + 1));
}
