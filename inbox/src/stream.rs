//! Answers with a flow as JSON, or with its messages as a stream: one server-sent event for each message.

use std::collections::VecDeque;
use std::convert::Infallible;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;

use crate::answer::{Refusal, json_value};
use crate::auth::InFlow;
use crate::bell::Listener;
use crate::oauth::Scope;
use crate::params::Params;
use crate::server::App;
use crate::shape;
use crate::store::messages::{self, StoredMessage};
use crate::store::{FlowKey, Store};

const EVENT_STREAM: &str = "text/event-stream";

/// `GET /flows/:organization/:flow`: the stream for clients that ask for `text/event-stream`, the flow's JSON for all
/// others.
///
/// The stream consists of messages, so an application needs the scope `flow`, which allows reading them.
pub async fn flow_or_stream(request: InFlow, State(app): State<App>, headers: HeaderMap) -> Result<Response, Refusal> {
    if !wants_stream(&request.params, &headers) {
        return Ok(json_value(StatusCode::OK, shape::flow(&request.flow, &app.url)));
    }
    request.caller.require(Scope::Flow)?;
    // Listens to the bell before it reads the id of the last message. So a message that comes between these two steps
    // is not missed.
    let listener = app.bell.listen();
    let flow = request.flow.key;
    let last = app.store.call(move |database| messages::last_id(database, flow)).await?;
    // Without a Last-Event-ID the stream starts with the next message. An id that is higher than the last one comes
    // from another database. Waiting until the ids get that high would lose messages.
    let seen = last_event_id(&headers).map_or(last, |seen| seen.min(last));
    let subscription = Subscription { store: app.store, flow, seen, listener, unsent: VecDeque::new() };
    let events = stream::unfold(subscription, |mut subscription| async move {
        let message = subscription.next().await?;
        let event = Event::default().id(message.id.to_string()).data(message.json);
        Some((Ok::<_, Infallible>(event), subscription))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()).into_response())
}

fn wants_stream(params: &Params, headers: &HeaderMap) -> bool {
    let names_stream = |accept: &str| {
        accept
            .split(',')
            .filter_map(|range| range.split(';').next())
            .any(|media_type| media_type.trim() == EVENT_STREAM)
    };
    // The query parameter is for clients that cannot set the header, so it counts more than the header.
    match params.get("accept") {
        Some(accept) => names_stream(accept),
        None => headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).any(names_stream),
    }
}

fn last_event_id(headers: &HeaderMap) -> Option<i64> {
    headers.get("last-event-id")?.to_str().ok()?.parse().ok()
}

/// One open stream.
struct Subscription {
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
    /// loses nor repeats a message, and a slow reader costs no memory.
    async fn next(&mut self) -> Option<StoredMessage> {
        loop {
            if self.listener.is_closed() {
                return None;
            }
            if let Some(message) = self.unsent.pop_front() {
                return Some(message);
            }
            let (flow, seen) = (self.flow, self.seen);
            match self.store.call(move |database| messages::after(database, flow, seen)).await {
                Ok(messages) => self.unsent = messages.into(),
                Err(error) => {
                    eprintln!("flowdock-inbox: a stream ended: {error}");
                    return None;
                }
            }
            match self.unsent.back() {
                Some(newest) => self.seen = newest.id,
                None if self.listener.rung().await => (),
                None => return None,
            }
        }
    }
}
