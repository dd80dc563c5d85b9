//! Answers with a flow as JSON, or with its messages as a stream: one server-sent event for each message.

use std::collections::VecDeque;
use std::convert::Infallible;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;

use super::answer::{Refusal, json_value};
use super::auth::Caller;
use super::path::{FlowOrStream, InFlow};
use super::views;
use crate::app::App;
use crate::bell::Listener;
use crate::clock::Clock;
use crate::domain::{FlowKey, StoredMessage};
use crate::secret::Hash;
use crate::store::{Holder, Store, StoreError};

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
    // Listens to the bell before it reads the id of the last message. So a message that comes between these two steps
    // is not missed, and neither is the end of the caller's token or of the flow, which are looked up again for that.
    let listener = app.bell.listen();
    caller.check_again(&app).await?;
    let last = app.store.last_message_id(flow.key).await?.ok_or_else(|| Refusal::not_found("Flow"))?;
    // Without a Last-Event-ID the stream starts with the next message. An id that is higher than the last one comes
    // from another database. Waiting until the ids get that high would lose messages.
    let seen = last_event_id(&headers).map_or(last, |seen| seen.min(last));
    let subscription = Subscription {
        pass: StreamToken::of(&caller, &app),
        store: app.store,
        flow: flow.key,
        seen,
        listener,
        unsent: VecDeque::new(),
    };
    let events = stream::unfold(subscription, |mut subscription| async move {
        let message = subscription.next().await?;
        let event = Event::default().id(message.id.to_string()).data(message.json);
        Some((Ok::<_, Infallible>(event), subscription))
    });
    // nginx would collect events before it passes them on.
    let unbuffered = [(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"))];
    Ok((unbuffered, Sse::new(events).keep_alive(KeepAlive::default())).into_response())
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
    pass: StreamToken,
    store: Store,
    flow: FlowKey,
    /// The id of the last message that was read for this stream.
    seen: i64,
    listener: Listener,
    unsent: VecDeque<StoredMessage>,
}

impl Subscription {
    /// Waits for the next message, without a time limit. `None` ends the stream; its client then connects again and
    /// continues after the last message that it got.
    ///
    /// Old and new messages both come from the database, in the order of their ids. So a client that continues neither
    /// loses nor repeats a message. A slow reader costs the memory of one page.
    async fn next(&mut self) -> Option<StoredMessage> {
        loop {
            match self.step().await {
                Ok(Step::Send(message)) => return Some(message),
                Ok(Step::Read) => (),
                Ok(Step::End) => return None,
                Err(error) => {
                    eprintln!("flowdock-inbox: a stream ended: {error}");
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
        if self.listener.is_closed() || self.pass.has_expired() {
            return Ok(Step::End);
        }
        if self.listener.has_revocation() && !(self.pass.is_valid().await? && self.has_flow().await?) {
            return Ok(Step::End);
        }
        if let Some(message) = self.unsent.pop_front() {
            return Ok(Step::Send(message));
        }
        self.unsent = self.store.messages_after(self.flow, self.seen).await?.into();
        if let Some(newest) = self.unsent.back() {
            self.seen = newest.id;
            return Ok(Step::Read);
        }
        tokio::select! {
            () = self.pass.expired() => Ok(Step::End),
            is_open = self.listener.next_ring() => Ok(if is_open { Step::Read } else { Step::End }),
        }
    }
}

/// What a stream does next.
enum Step {
    /// It sends this message.
    Send(StoredMessage),
    /// It looks for messages again.
    Read,
    /// It ends.
    End,
}
