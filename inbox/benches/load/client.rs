//! The client: connections that post, and the messages.

use std::io;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};

use crate::Done;
use crate::server::Server;

/// How many threads the messages are about.
const THREADS: usize = 500;

/// What comes before the number of a message in its event.
pub const STATUS: &str = r#""status":{"color":"green","value":""#;

/// The client runs on this thread.
pub fn runtime() -> io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

/// A connection that posts one message after the other.
pub struct Poster {
    stream: TcpStream,
    host: String,
    buffer: Vec<u8>,
}

impl Poster {
    pub async fn connect(address: &str) -> Done<Poster> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Poster { stream, host: address.to_owned(), buffer: Vec::new() })
    }

    pub async fn post(&mut self, body: &str) -> Done {
        let head = format!(
            "POST /messages HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.host,
            body.len()
        );
        self.stream.write_all(head.as_bytes()).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err("the server closed the connection".into());
            }
            // The answers here have a length, and their bodies are short.
            let text = String::from_utf8_lossy(&self.buffer);
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
            });
            if body.len() < length.unwrap_or_default() {
                continue;
            }
            return if head.starts_with("HTTP/1.1 202") { Ok(()) } else { Err(text.into_owned().into()) };
        }
    }
}

/// A message of 0.7 KB, whose event has 1.1 KB, in one of `THREADS` threads.
pub fn message(server: &Server, number: usize) -> String {
    json!({
        "flow_token": server.flow_tokens[number % server.flow_tokens.len()],
        "uuid": format!("bench-{number}"),
        "event": "activity",
        "title": "changed the status of an issue",
        "author": { "name": "The tracker", "email": "tracker@example.com" },
        "external_thread_id": format!("issue-{}", number % THREADS),
        "thread": {
            "title": format!("Issue {}", number % THREADS),
            "body": format!("<p>{}</p>", "What happened, where and why it matters. ".repeat(8)),
            "external_url": "https://tracker.example/issues/1",
            "fields": [{ "label": "Priority", "value": "high" }, { "label": "Owner", "value": "Ann" }],
            "status": { "color": "green", "value": number.to_string() },
        },
    })
    .to_string()
}

/// The number of the next message, so that no uuid comes twice.
pub static NEXT: AtomicUsize = AtomicUsize::new(0);

/// The next number.
pub fn next() -> usize {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// The time since the start of the benchmark, in microseconds.
pub fn now_us() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_micros() as u64
}

/// The value below which `share` of the sorted values are.
pub fn quantile(sorted: &[u64], share: f64) -> u64 {
    let index = (sorted.len() as f64 * share) as usize;
    sorted.get(index.min(sorted.len().saturating_sub(1))).copied().unwrap_or_default()
}

/// Microseconds as milliseconds.
pub fn ms(us: u64) -> String {
    format!("{:.1}", us as f64 / 1000.0)
}
