//! Accepts connections and serves them, within limits that keep silent or slow clients from using everything up.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout};
use tower::Service;

use super::body_memory::BodyMemory;
use super::peer::{self, Peer};
use super::upload::Upload;
use super::write_deadline::WriteDeadline;
use crate::bell::Bell;

/// How long the service rests after the operating system could not accept a connection.
const RETRY_ACCEPT_AFTER: Duration = Duration::from_millis(100);

/// The shortest time between two warnings.
const WARN_INTERVAL: Duration = Duration::from_secs(10);

/// How many files the process needs for other things than connections.
const OTHER_FILES: u64 = 32;

/// How many connections are served however few files the operating system allows.
const MIN_CONNECTIONS: u64 = 8;

/// The longest head of a request, in bytes.
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// What a client may take.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How long the head of a request may take, and how long a connection may be idle before it.
    pub head: Duration,
    /// The time that every body has. Each 8 KiB that have come add a second.
    pub body: Duration,
    /// How long a client may take nothing of an answer.
    pub write: Duration,
    /// How many connections may be open. One network may have a quarter of them.
    pub connections: usize,
    /// How many bytes of bodies the inbox may hold. One network may have a quarter of them.
    pub bytes: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            head: Duration::from_secs(30),
            body: Duration::from_secs(30),
            write: Duration::from_secs(30),
            connections: 4000,
            bytes: 128 * 1024 * 1024,
        }
    }
}

/// What every connection is served with.
#[derive(Clone)]
pub struct Server {
    /// Answers the requests.
    pub router: Router,
    /// Closes when the inbox stops.
    pub bell: Bell,
    /// What a client may take.
    pub limits: Limits,
    /// The proxies whose `X-Forwarded-For` counts.
    pub proxies: Arc<[IpAddr]>,
    /// The memory for bodies.
    pub memory: BodyMemory,
}

/// Serves until the bell closes. Then waits up to `grace` for the requests in progress.
pub async fn serve(listener: TcpListener, server: Server, grace: Duration) {
    let Server { bell, limits, proxies, .. } = &server;
    let connections = possible(limits.connections);
    let permits = Arc::new(Semaphore::new(connections));
    let counts_by_network = NetworkCounts { most: (connections / 4).max(1), ..NetworkCounts::default() };
    let mut stopping = bell.listen();
    let mut warnings = Warnings::default();
    loop {
        if permits.available_permits() == 0 {
            warnings.report(&format!("all {connections} connections are in use"));
        }
        let accepted = tokio::select! {
            () = stopping.closed() => break,
            // Takes a permit before it accepts, so that clients beyond the limit wait in the queue of the operating system.
            accepted = accept(&listener, &permits) => accepted,
        };
        let (stream, peer, permit) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Other connections go on, and some of them end.
                warnings.report(&format!("cannot accept a connection: {error}"));
                sleep(RETRY_ACCEPT_AFTER).await;
                continue;
            }
        };
        let Some(counted) = counts_by_network.admit(peer.ip(), proxies) else { continue };
        // Sends each event of a stream at once, instead of collecting several (Nagle's algorithm).
        let _ = stream.set_nodelay(true);
        let server = server.clone();
        tokio::spawn(async move {
            connection(stream, peer, server).await;
            drop((permit, counted));
        });
    }
    drop(listener);
    let all = u32::try_from(connections).unwrap_or(u32::MAX);
    let _ = timeout(grace, permits.acquire_many(all)).await;
}

/// How many connections are possible: as many as `wanted`, if the operating system allows that many files.
fn possible(wanted: usize) -> usize {
    let files = u64::try_from(wanted).unwrap_or(u64::MAX).saturating_add(OTHER_FILES);
    // An error means that there is no such limit here.
    let allowed = rlimit::increase_nofile_limit(files).unwrap_or(files);
    let connections = allowed.saturating_sub(OTHER_FILES).max(MIN_CONNECTIONS);
    wanted.min(usize::try_from(connections).unwrap_or(wanted))
}

/// Logs what goes wrong, and not more often than every `WARN_INTERVAL`.
#[derive(Default)]
struct Warnings {
    reported: Option<Instant>,
}

impl Warnings {
    fn report(&mut self, what: &str) {
        if self.reported.is_none_or(|last| last.elapsed() >= WARN_INTERVAL) {
            self.reported = Some(Instant::now());
            tracing::warn!("{what}");
        }
    }
}

type Permit = tokio::sync::OwnedSemaphorePermit;

async fn accept(listener: &TcpListener, permits: &Arc<Semaphore>) -> io::Result<(TcpStream, SocketAddr, Permit)> {
    let permit = Arc::clone(permits).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    Ok((stream, peer, permit))
}

/// Serves one connection until it ends. When the bell closes, the request in progress is the last one.
async fn connection(stream: TcpStream, peer: SocketAddr, server: Server) {
    let Server { router, bell, limits, proxies, memory } = server;
    let Limits { body: time, .. } = limits;
    let service = service_fn(move |request: Request<Incoming>| {
        let mut router = router.clone();
        let (mut parts, body) = request.into_parts();
        parts.extensions.insert(Peer(peer));
        let reservation = memory.reservation(peer::client_network(&parts, &proxies));
        async move {
            let upload = Upload::new(body, &parts.headers, reservation, time);
            let answer = router.call(Request::from_parts(parts, upload.body())).await;
            upload.discard().await;
            answer
        }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(WriteDeadline::new(stream, limits.write)), service);
    tokio::pin!(served);
    let mut stopping = bell.listen();
    tokio::select! {
        // An error is the client's: it broke the connection, or sent no HTTP.
        _ = served.as_mut() => return,
        () = stopping.closed() => served.as_mut().graceful_shutdown(),
    }
    let _ = served.await;
}

/// The connections that are open, by the network of their peers.
#[derive(Clone, Default)]
struct NetworkCounts {
    counts: Arc<Mutex<HashMap<IpAddr, usize>>>,
    /// How many connections may come from one network.
    most: usize,
}

/// One connection that is counted, until this is dropped.
struct CountedConnection {
    all: NetworkCounts,
    network: IpAddr,
}

impl NetworkCounts {
    /// Counts a connection, unless its network has as many as it may. Connections from this machine and from a trusted
    /// proxy are not limited: they may come from many people.
    fn admit(&self, peer: IpAddr, proxies: &[IpAddr]) -> Option<CountedConnection> {
        let network = peer::network(peer);
        let peer = peer.to_canonical();
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(network).or_default();
        if *count >= self.most && !peer.is_loopback() && !proxies.contains(&peer) {
            return None;
        }
        *count += 1;
        Some(CountedConnection { all: self.clone(), network })
    }
}

impl Drop for CountedConnection {
    fn drop(&mut self) {
        let mut counts = self.all.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.network);
            }
        }
    }
}
