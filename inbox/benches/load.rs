//! Measures how many posts the inbox stores, beside what the machine can do at all. Run by `cargo xtask bench inbox`.
//!
//! Each round times, one after the other and with the same client:
//!
//! - *route*: a bare axum route that reads the body and answers 202. It is the limit of HTTP.
//! - *route + disk*: the same route, which first writes the body to a file. One thread writes what has arrived and calls
//!   `fdatasync` once for all of it. It is the limit of HTTP and of this disk together.
//! - *inbox*: the inbox with a data file.
//! - *inbox in memory*: the inbox with `:memory:`, which never waits for a disk.
//! - *other inbox*: the program that FLOWDOCK_OTHER_INBOX names, for example of an older version.
//!
//! The client is a thread of this process, and each server a process of its own. They share the processors. The last part
//! opens 1,000 streams of one flow and posts to it at a constant rate; a post that is late is counted from the time at which
//! it was due.

use std::env;
use std::error::Error;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use axum::routing::post;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{MissedTickBehavior, interval, timeout};

type Done<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

const ROUNDS: usize = 5;
const TIME: Duration = Duration::from_secs(3);
const CONNECTIONS: [usize; 2] = [64, 1];
const THREADS: usize = 500;

const STREAMS: usize = 1000;
/// How many streams note the time of each event. The others only count events, so that the client costs little.
const WATCHED_STREAMS: usize = 20;
const RATES: [u64; 3] = [1000, 300, 100];
const STREAM_TIME: Duration = Duration::from_secs(10);
/// How many connections post beside the streams.
const POSTERS: usize = 64;

fn main() -> Done {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve"] => serve(None),
        ["serve", file] => serve(Some(PathBuf::from(file))),
        ["posts", ..] => measure_posts(),
        ["streams", ..] => measure_streams(),
        _ => measure_posts().and_then(|()| measure_streams()),
    }
}

// ---- the bare routes

/// Answers 202 to every post; with a file, after the body is in it.
fn serve(file: Option<PathBuf>) -> Done {
    let disk = file.map(Disk::start).transpose()?;
    let route = post(move |body: Bytes| {
        let disk = disk.clone();
        async move {
            match disk {
                Some(disk) => disk.keep(body).await,
                None => StatusCode::ACCEPTED,
            }
        }
    });
    tokio::runtime::Runtime::new()?.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", json!({ "url": format!("http://{}", listener.local_addr()?) }));
        axum::serve(listener, Router::new().route("/messages", route)).await?;
        Ok(())
    })
}

/// A thread that writes bodies to a file, as many with one `fdatasync` as have arrived.
#[derive(Clone)]
struct Disk(mpsc::Sender<(Bytes, oneshot::Sender<()>)>);

impl Disk {
    fn start(path: PathBuf) -> Done<Disk> {
        let mut file = File::create(path)?;
        let (sender, mut waiting) = mpsc::channel(1024);
        std::thread::spawn(move || {
            let mut bodies: Vec<(Bytes, oneshot::Sender<()>)> = Vec::new();
            while waiting.blocking_recv_many(&mut bodies, 64) > 0 {
                let written = bodies.iter().try_for_each(|(body, _)| file.write_all(body));
                if written.and_then(|()| file.sync_data()).is_err() {
                    return;
                }
                for (_, done) in bodies.drain(..) {
                    let _ = done.send(());
                }
            }
        });
        Ok(Disk(sender))
    }

    async fn keep(&self, body: Bytes) -> StatusCode {
        let (done, written) = oneshot::channel();
        if self.0.send((body, done)).await.is_ok() && written.await.is_ok() {
            StatusCode::ACCEPTED
        } else {
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

// ---- the servers

struct Server {
    name: &'static str,
    process: Child,
    address: String,
    flow_token: String,
    api_token: String,
}

impl Server {
    fn start(name: &'static str, command: &mut Command) -> Done<Server> {
        let mut process = command.stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        BufReader::new(process.stdout.take().ok_or("no output")?).read_line(&mut line)?;
        let ready: Value = serde_json::from_str(&line)?;
        let text = |name: &str| ready[name].as_str().unwrap_or("none").to_owned();
        let address = text("url").trim_start_matches("http://").to_owned();
        Ok(Server { name, process, address, flow_token: text("flow_token"), api_token: text("api_token") })
    }

    fn route(name: &'static str, file: Option<&Path>) -> Done<Server> {
        Server::start(name, Command::new(env::current_exe()?).arg("serve").args(file))
    }

    fn inbox(name: &'static str, program: impl AsRef<std::ffi::OsStr>, data: &Path) -> Done<Server> {
        let mut command = Command::new(program);
        Server::start(name, command.args(["--json", "--listen", "127.0.0.1:0", "--data"]).arg(data))
    }

    /// The most memory that the process has had, in MB. Only Linux tells it.
    fn peak_memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? / 1024)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

// ---- the client

/// A connection that posts one message after the other.
struct Poster {
    stream: TcpStream,
    host: String,
    buffer: Vec<u8>,
}

impl Poster {
    async fn connect(address: &str) -> Done<Poster> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Poster { stream, host: address.to_owned(), buffer: Vec::new() })
    }

    async fn post(&mut self, body: &str) -> Done {
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
fn message(server: &Server, number: usize) -> String {
    json!({
        "flow_token": server.flow_token,
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
static NEXT: AtomicUsize = AtomicUsize::new(0);

fn next() -> usize {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

fn now_us() -> u64 {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_micros() as u64
}

/// The value below which `share` of the sorted values are.
fn quantile(sorted: &[u64], share: f64) -> u64 {
    let index = (sorted.len() as f64 * share) as usize;
    sorted.get(index.min(sorted.len().saturating_sub(1))).copied().unwrap_or_default()
}

fn ms(us: u64) -> String {
    format!("{:.1}", us as f64 / 1000.0)
}

/// How many posts a second get through, with this many connections, and the time of each in microseconds.
async fn load(server: &Server, connections: usize, time: Duration) -> Done<(f64, Vec<u64>)> {
    let mut posters = Vec::new();
    for _ in 0..connections {
        posters.push(Poster::connect(&server.address).await?);
    }
    let end = Instant::now() + time;
    let loops = posters.into_iter().map(|mut poster| async move {
        let mut times = Vec::new();
        while Instant::now() < end {
            let body = message(server, next());
            let start = now_us();
            poster.post(&body).await?;
            times.push(now_us() - start);
        }
        Done::Ok(times)
    });
    let times: Vec<u64> = futures_util::future::try_join_all(loops).await?.into_iter().flatten().collect();
    Ok((times.len() as f64 / time.as_secs_f64(), times))
}

// ---- what is measured

/// The client runs on this thread.
fn client() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

fn measure_posts() -> Done {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let program = env!("CARGO_BIN_EXE_flowdock-inbox");
    let mut servers = vec![
        Server::route("route", None)?,
        Server::route("route + disk", Some(&folder.path().join("bodies")))?,
        Server::inbox("inbox", program, &folder.path().join("inbox.sqlite"))?,
        Server::inbox("inbox in memory", program, Path::new(":memory:"))?,
    ];
    if let Some(other) = env::var_os("FLOWDOCK_OTHER_INBOX") {
        servers.push(Server::inbox("other inbox", other, &folder.path().join("other.sqlite"))?);
    }
    let client = client()?;
    println!("fdatasync of 4 KB: {:.0} a second", syncs(&folder.path().join("sync"))?);
    for connections in CONNECTIONS {
        let mut rates: Vec<Vec<f64>> = vec![Vec::new(); servers.len()];
        let mut times: Vec<Vec<u64>> = vec![Vec::new(); servers.len()];
        for round in 0..=ROUNDS {
            progress(&format!("{connections} connections, round {round} of {ROUNDS}"))?;
            for (index, server) in servers.iter().enumerate() {
                let (rate, taken) = client.block_on(load(server, connections, TIME))?;
                // The first round warms up.
                if round > 0 {
                    rates[index].push(rate);
                    times[index].extend(taken);
                }
            }
        }
        progress("")?;
        println!("\n{connections} connections          posts/s (lowest - highest)   p50 ms   p99 ms   memory MB");
        for ((server, rates), times) in servers.iter().zip(&mut rates).zip(&mut times) {
            rates.sort_by(f64::total_cmp);
            times.sort_unstable();
            println!(
                "{:<22}  {:>7.0} ({:.0} - {:.0})  {:>18} {:>8} {:>9}",
                server.name,
                rates[rates.len() / 2],
                rates[0],
                rates[rates.len() - 1],
                ms(quantile(times, 0.5)),
                ms(quantile(times, 0.99)),
                server.peak_memory().map_or("?".to_owned(), |mb| mb.to_string()),
            );
        }
    }
    Ok(())
}

fn measure_streams() -> Done {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let (client, program) = (client()?, env!("CARGO_BIN_EXE_flowdock-inbox"));
    println!(
        "\n{STREAMS} streams of one flow      posts/s   post p50 ms   p99   events/s   event p50 ms   p99   memory MB"
    );
    for rate in RATES {
        for (name, program) in [("inbox", Some(program.into())), ("other inbox", env::var_os("FLOWDOCK_OTHER_INBOX"))] {
            let Some(program) = program else { continue };
            progress(&format!("{STREAMS} streams, {rate} posts/s, {name}"))?;
            let data = folder.path().join(format!("streams-{rate}-{}.sqlite", name.len()));
            let server = Server::inbox(name, program, &data)?;
            let figures = client.block_on(streams(&server, rate))?;
            progress("")?;
            println!("{name:<15} {rate:>5}/s {figures} {:>9}", server.peak_memory().unwrap_or_default());
        }
    }
    Ok(())
}

fn progress(what: &str) -> io::Result<()> {
    eprint!("\r{what:<60}\r");
    io::stderr().flush()
}

/// How often a second this disk stores 4 KB for good.
fn syncs(path: &Path) -> Done<f64> {
    let mut file = File::create(path)?;
    let (start, mut count) = (Instant::now(), 0);
    while start.elapsed() < TIME {
        file.write_all(&[0; 4096])?;
        file.sync_data()?;
        count += 1;
    }
    Ok(f64::from(count) / start.elapsed().as_secs_f64())
}

/// Opens the streams, posts at `rate` a second and tells how long posts and events took.
async fn streams(server: &Server, rate: u64) -> Done<String> {
    let events = Arc::new(AtomicU64::new(0));
    // When each message was due, by the number in its status.
    let first = NEXT.load(Ordering::Relaxed);
    let due: Arc<Vec<AtomicU64>> =
        Arc::new((0..rate * STREAM_TIME.as_secs() + 64).map(|_| AtomicU64::new(0)).collect());
    let (latency, mut latencies) = mpsc::unbounded_channel();
    for index in 0..STREAMS {
        let stream = open_stream(server).await?;
        let (events, due, latency) = (Arc::clone(&events), Arc::clone(&due), latency.clone());
        tokio::spawn(read_stream(stream, events, (index < WATCHED_STREAMS).then_some((due, latency, first))));
    }
    drop(latency);
    let (work, waiting) = async_queue();
    let (times, mut taken) = mpsc::unbounded_channel();
    for _ in 0..POSTERS {
        let mut poster = Poster::connect(&server.address).await?;
        let (waiting, times) = (Arc::clone(&waiting), times.clone());
        tokio::spawn(async move {
            while let Some((due, body)) = { waiting.lock().await.recv().await } {
                if poster.post(&body).await.is_err() {
                    return;
                }
                let _ = times.send(now_us() - due);
            }
        });
    }
    drop(times);
    let mut clock = interval(Duration::from_secs(1) / rate as u32);
    clock.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let (start, begun) = (Instant::now(), now_us());
    for number in 0..rate * STREAM_TIME.as_secs() {
        clock.tick().await;
        let time = begun + number * 1_000_000 / rate;
        let id = next();
        due[id - first].store(time, Ordering::Relaxed);
        work.send((time, message(server, id)))?;
    }
    drop(work);
    let mut posts = Vec::new();
    while let Some(time) = taken.recv().await {
        posts.push(time);
    }
    let elapsed = start.elapsed().as_secs_f64();
    let count = posts.len() as u64;
    // The last events come a moment after the answers of their posts.
    let _ = timeout(Duration::from_secs(30), async {
        while events.load(Ordering::Relaxed) < count * STREAMS as u64 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let all = events.load(Ordering::Relaxed);
    let drained = start.elapsed().as_secs_f64();
    let mut seen = Vec::new();
    while let Ok(time) = latencies.try_recv() {
        seen.push(time);
    }
    posts.sort_unstable();
    seen.sort_unstable();
    Ok(format!(
        "{:>14.0} {:>13} {:>7} {:>9.0} {:>13} {:>7}{}",
        count as f64 / elapsed,
        ms(quantile(&posts, 0.5)),
        ms(quantile(&posts, 0.99)),
        all as f64 / drained,
        ms(quantile(&seen, 0.5)),
        ms(quantile(&seen, 0.99)),
        if all == count * STREAMS as u64 {
            String::new()
        } else {
            format!(" ({all} events of {})", count * STREAMS as u64)
        }
    ))
}

type Waiting = Arc<tokio::sync::Mutex<mpsc::UnboundedReceiver<(u64, String)>>>;

fn async_queue() -> (mpsc::UnboundedSender<(u64, String)>, Waiting) {
    let (sender, receiver) = mpsc::unbounded_channel();
    (sender, Arc::new(tokio::sync::Mutex::new(receiver)))
}

async fn open_stream(server: &Server) -> Done<TcpStream> {
    let mut stream = TcpStream::connect(&server.address).await?;
    let request = format!(
        "GET /flows/example/main HTTP/1.1\r\nhost: {}\r\naccept: text/event-stream\r\nauthorization: Bearer {}\r\n\r\n",
        server.address, server.api_token
    );
    stream.write_all(request.as_bytes()).await?;
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if stream.read_buf(&mut head).await? == 0 {
            return Err("a stream was refused".into());
        }
    }
    Ok(stream)
}

/// What comes before the id of an event.
const ID: &str = "\nid: ";
/// What comes before the number of a message in its event.
const STATUS: &str = r#""status":{"color":"green","value":""#;

type Watch = (Arc<Vec<AtomicU64>>, mpsc::UnboundedSender<u64>, usize);

/// Counts the events of a stream.
async fn read_stream(mut stream: TcpStream, events: Arc<AtomicU64>, watch: Option<Watch>) {
    let mut buffer = vec![0; 64 * 1024];
    let mut rest = 0;
    let (id, status) = (memchr::memmem::Finder::new(ID), memchr::memmem::Finder::new(STATUS));
    loop {
        let read = match stream.read(&mut buffer[rest..]).await {
            Ok(read) if read > 0 => read,
            _ => return,
        };
        let text = &buffer[..rest + read];
        let now = now_us();
        // A watched stream finds events by their status, another one by their id. What is left may hold the beginning of one
        // that has not come whole, so it is kept.
        let keep = match &watch {
            Some((due, latency, first)) => {
                let mut end = 0;
                for at in status.find_iter(text) {
                    let value = &text[at + STATUS.len()..];
                    let Some(quote) = value.iter().position(|byte| *byte == b'"') else { break };
                    let number: Option<usize> =
                        std::str::from_utf8(&value[..quote]).ok().and_then(|id| id.parse().ok());
                    if let Some(due) = number.and_then(|number| due.get(number.checked_sub(*first)?)) {
                        events.fetch_add(1, Ordering::Relaxed);
                        let _ = latency.send(now.saturating_sub(due.load(Ordering::Relaxed)));
                    }
                    end = at + STATUS.len() + 1;
                }
                end.max(text.len().saturating_sub(2 * STATUS.len()))
            }
            None => {
                let mut end = 0;
                for at in id.find_iter(text) {
                    events.fetch_add(1, Ordering::Relaxed);
                    end = at + ID.len();
                }
                end.max(text.len().saturating_sub(ID.len() - 1))
            }
        };
        let length = rest + read;
        buffer.copy_within(keep..length, 0);
        rest = length - keep;
    }
}
