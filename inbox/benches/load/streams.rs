//! Measures posts to a flow that many streams read.

use std::env;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use memchr::memmem::Finder;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Mutex, mpsc};
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::client::{NEXT, Poster, STATUS, message, ms, next, now_us, quantile, runtime};
use crate::server::Server;
use crate::{Done, progress};

const STREAMS: usize = 1000;
/// How many streams note the time of each event. The others only count events, so that the client costs little.
const WATCHED_STREAMS: usize = 20;
/// The posts a second.
const RATES: [u64; 3] = [1000, 300, 100];
/// How long it is posted at each rate.
const TIME: Duration = Duration::from_secs(10);
/// How many connections post beside the streams.
const POSTERS: usize = 64;

/// Prints a line for each rate.
pub fn measure() -> Done {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let (client, program) = (runtime()?, env!("CARGO_BIN_EXE_flowdock-inbox"));
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

/// Opens the streams, posts at `rate` a second and tells how long posts and events took.
async fn streams(server: &Server, rate: u64) -> Done<String> {
    let events = Arc::new(AtomicU64::new(0));
    // When each message was due, by the number in its status.
    let first = NEXT.load(Ordering::Relaxed);
    let due: Arc<Vec<AtomicU64>> = Arc::new((0..rate * TIME.as_secs() + 64).map(|_| AtomicU64::new(0)).collect());
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
        let mut poster = Poster::connect(&server.addresses[0]).await?;
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
    for number in 0..rate * TIME.as_secs() {
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

type Waiting = Arc<Mutex<mpsc::UnboundedReceiver<(u64, String)>>>;

fn async_queue() -> (mpsc::UnboundedSender<(u64, String)>, Waiting) {
    let (sender, receiver) = mpsc::unbounded_channel();
    (sender, Arc::new(Mutex::new(receiver)))
}

async fn open_stream(server: &Server) -> Done<TcpStream> {
    let mut stream = TcpStream::connect(&server.addresses[0]).await?;
    let request = format!(
        "GET /flows/example/main HTTP/1.1\r\nhost: {}\r\naccept: text/event-stream\r\nauthorization: Bearer {}\r\n\r\n",
        server.addresses[0], server.api_token
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
type Watch = (Arc<Vec<AtomicU64>>, mpsc::UnboundedSender<u64>, usize);

/// Counts the events of a stream.
async fn read_stream(mut stream: TcpStream, events: Arc<AtomicU64>, watch: Option<Watch>) {
    let mut buffer = vec![0; 64 * 1024];
    let mut rest = 0;
    let (id, status) = (Finder::new(ID), Finder::new(STATUS));
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
