//! Answers with a flow as JSON, or with its messages as a stream: one server-sent event for each message.

use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use tokio::sync::watch;
use tokio::time::sleep;

use super::answer::{Refusal, json_value};
use super::auth::Caller;
use super::path::{self, FlowOrStream, InFlow, missing};
use super::tail::{Events, Next, Recent};
use super::views;
use crate::app::App;
use crate::bell::Listener;
use crate::clock::Clock;
use crate::domain::{FlowKey, Holder};
use crate::metrics::{Metrics, OpenStream};
use crate::secret::Hash;
use crate::store::{Store, StoreError};

/// After this time without an event a stream sends a comment, so that nobody on the way takes it for dead.
const SILENCE: Duration = Duration::from_secs(15);

/// The time between the ends of two streams when the inbox stops, so that their readers do not all come back at once.
const END_INTERVAL: Duration = Duration::from_millis(3);

/// The longest time that a stream goes on after the stop.
const MAX_END_DELAY: Duration = Duration::from_secs(3);

/// `GET /flows/:organization/:flow`: the stream for clients that ask for `text/event-stream`, the flow's JSON for all
/// others.
pub async fn flow_or_stream(
    request: FlowOrStream,
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let InFlow { caller, flow } = match request {
        FlowOrStream::Flow(InFlow { flow, .. }) => {
            return Ok(json_value(StatusCode::OK, views::flow(&flow, &app.url)));
        }
        FlowOrStream::Stream(request) => request,
    };
    // Listens to the bell before it looks up the caller's token and the flow again, so that it does not miss their end.
    let listener = app.bell.listen();
    caller.check_again(&app).await?;
    let last = app.store.last_message_id(flow.key).await?.ok_or_else(missing::<path::Flow>)?;
    // Without a Last-Event-ID the stream starts with the next message. An id that is higher than the last one comes
    // from another database. Waiting until the ids get that high would lose messages.
    let seen = last_event_id(&headers).map_or(last, |seen| seen.min(last));
    let subscription = Subscription {
        token: StreamToken::of(&caller, &app),
        recent: app.tails.follow(flow.key),
        store: app.store,
        flow: flow.key,
        seen,
        listener,
        _open: app.metrics.count_stream(),
        metrics: app.metrics,
    };
    let events = stream::unfold(subscription, |mut subscription| async move {
        let events = subscription.next().await?;
        Some((events, subscription))
    });
    let events = stream::iter([retry()]).chain(events).map(Ok::<_, Infallible>);
    let headers = [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-cache"),
        // nginx would collect events before it passes them on.
        (HeaderName::from_static("x-accel-buffering"), "no"),
    ];
    Ok((headers, Body::from_stream(events)).into_response())
}

/// Tells the reader when to come back: 1 to 5 s after the end, a different time for each stream.
fn retry() -> Bytes {
    format!("retry: {}\n\n", 1000 + part_of(4000)).into()
}

/// A number below `bound`. Successive calls return numbers that are spread evenly.
fn part_of(bound: u64) -> u64 {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    // Multiples of the golden ratio, without the whole part, never come close to each other.
    const GOLDEN: u64 = 0x9e37_79b9;
    let fraction = CALLS.fetch_add(1, Ordering::Relaxed).wrapping_mul(GOLDEN) & 0xffff_ffff;
    (fraction * bound) >> 32
}

fn last_event_id(headers: &HeaderMap) -> Option<i64> {
    headers.get("last-event-id")?.to_str().ok()?.parse().ok()
}

/// The token that opened a stream. When it ends, the stream ends.
struct StreamToken {
    store: Store,
    clock: Clock,
    hash: Hash,
    expires_ms: Option<i64>,
}

impl StreamToken {
    fn of(caller: &Caller, app: &App) -> StreamToken {
        let Caller { hash, expires_ms, .. } = *caller;
        StreamToken { store: app.store.clone(), clock: app.clock.clone(), hash, expires_ms }
    }

    /// Whether the token still gives access. The scopes of a token never change.
    async fn is_valid(&self) -> Result<bool, StoreError> {
        Ok(!matches!(self.store.holder(self.hash).await?, Holder::Expired | Holder::Unknown))
    }

    /// Whether the token has expired. A stream with a backlog never waits, so it asks.
    fn has_expired(&self) -> bool {
        self.expires_ms.is_some_and(|expires_ms| expires_ms <= self.clock.now_ms())
    }

    /// Waits until the token expires.
    async fn expired(&self) {
        match self.expires_ms {
            Some(expires_ms) => self.clock.wait_until(expires_ms).await,
            None => std::future::pending().await,
        }
    }
}

/// One open stream.
struct Subscription {
    token: StreamToken,
    store: Store,
    flow: FlowKey,
    /// The newest events of the flow.
    recent: watch::Receiver<Recent>,
    /// The id of the last message that was taken for this stream.
    seen: i64,
    listener: Listener,
    metrics: Metrics,
    /// Counts the stream as open.
    _open: OpenStream,
}

impl Subscription {
    /// Waits for the next events. `None` ends the stream; its client then connects again and continues after the last
    /// message that it got.
    ///
    /// Old and new messages come in the order of their ids. So a client that continues neither loses nor repeats a
    /// message. A slow reader costs the memory of one page.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            match self.step().await {
                Ok(Step::Send(events)) => return Some(events),
                Ok(Step::Read) => (),
                Ok(Step::End) => return None,
                Err(error) => {
                    tracing::error!("a stream ended: {error}");
                    return None;
                }
            }
        }
    }

    /// Whether the flow is still there.
    async fn has_flow(&self) -> Result<bool, StoreError> {
        Ok(self.store.last_message_id(self.flow).await?.is_some())
    }

    async fn step(&mut self) -> Result<Step, StoreError> {
        if self.listener.is_closed() {
            let delay = END_INTERVAL.saturating_mul(u32::try_from(self.metrics.open_streams()).unwrap_or(u32::MAX));
            let delay = delay.min(MAX_END_DELAY).as_millis();
            sleep(Duration::from_millis(part_of(u64::try_from(delay).unwrap_or_default()))).await;
            return Ok(Step::End);
        }
        if self.token.has_expired() {
            return Ok(Step::End);
        }
        if self.listener.has_end_of_access() && !(self.token.is_valid().await? && self.has_flow().await?) {
            return Ok(Step::End);
        }
        let next = self.recent.borrow_and_update().after(self.seen, self.store.removals());
        match next {
            Next::Events { bytes, newest, read_at } => {
                self.metrics.observe_stream_lag(read_at.elapsed());
                self.seen = newest;
                Ok(Step::Send(bytes))
            }
            Next::Behind { until } => self.catch_up(until).await,
            Next::Nothing => Ok(self.wait().await),
        }
    }

    /// Reads the next events from the database. Once there are none up to `until`, the tail has the rest.
    async fn catch_up(&mut self, until: i64) -> Result<Step, StoreError> {
        match Events::of(self.store.messages_after(self.flow, self.seen).await?) {
            Some(events) => {
                self.seen = events.newest;
                Ok(Step::Send(events.into_bytes()))
            }
            None => {
                self.seen = until;
                Ok(Step::Read)
            }
        }
    }

    async fn wait(&mut self) -> Step {
        tokio::select! {
            () = self.token.expired() => Step::End,
            _ = self.listener.next_end_of_access() => Step::Read,
            changed = self.recent.changed() => if changed.is_ok() { Step::Read } else { Step::End },
            () = sleep(SILENCE) => Step::Send(Bytes::from_static(b":\n\n")),
        }
    }
}

/// What a stream does next.
enum Step {
    /// It sends these events.
    Send(Bytes),
    /// It looks for messages again.
    Read,
    /// It ends.
    End,
}
