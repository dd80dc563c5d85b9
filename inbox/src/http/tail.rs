//! Reads the new messages of a flow once for all its open streams.
//!
//! Each flow that somebody reads has a tail: a task that reads the new messages when the flow's bell rings, and keeps the
//! newest of them as finished events. A stream that is a little behind takes them from there, so a thousand streams cost one
//! query and one text for each message. A stream that is further behind reads from the database.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::bell::{Bell, FlowListener, Ring};
use crate::domain::{FlowKey, StoredMessage};
use crate::store::{Store, StoreError};

/// How many bytes of the newest events a tail keeps. The events that were read last stay even if they are larger.
const KEPT_BYTES: usize = 1024 * 1024;

/// How long a tail pauses after it has read new messages, for each of its streams.
const PAUSE_PER_STREAM: Duration = Duration::from_micros(50);

/// The longest pause.
const MAX_PAUSE: Duration = Duration::from_millis(100);

/// The tails of the flows that somebody reads.
#[derive(Clone)]
pub struct Tails {
    store: Store,
    bell: Bell,
    by_flow: Arc<Mutex<HashMap<FlowKey, watch::Sender<Recent>>>>,
}

impl Tails {
    /// No tail yet.
    pub fn new(store: Store, bell: Bell) -> Tails {
        Tails { store, bell, by_flow: Arc::default() }
    }

    /// The newest events of a flow. The receiver hears when there are more. It closes when the database fails.
    pub fn follow(&self, flow: FlowKey) -> watch::Receiver<Recent> {
        let mut open = self.lock();
        if let Some(tail) = open.get(&flow) {
            return tail.subscribe();
        }
        let (tail, receiver) = watch::channel(Recent::default());
        open.insert(flow, tail.clone());
        // Listens before it reads the id of the last message, so that no message comes in between.
        tokio::spawn(self.clone().run(flow, tail, self.bell.listen_to(flow)));
        receiver
    }

    /// Reads new messages as long as somebody follows the tail.
    async fn run(self, flow: FlowKey, tail: watch::Sender<Recent>, mut listener: FlowListener) {
        loop {
            let read = async {
                self.read(flow, &tail).await?;
                // With many streams, one round of sending takes as long as this. The messages that come meanwhile go
                // out together in the next round; otherwise the streams would take all time from the posts.
                let pause = PAUSE_PER_STREAM.saturating_mul(u32::try_from(tail.receiver_count()).unwrap_or(u32::MAX));
                sleep(pause.min(MAX_PAUSE)).await;
                self.next_news(flow, &tail, &mut listener).await
            };
            tokio::select! {
                read = read => match read {
                    Ok(true) => (),
                    Ok(false) => {
                        tracing::warn!("the database has lost messages, so the streams of a flow begin again");
                        self.lock().remove(&flow);
                        return;
                    }
                    Err(error) => {
                        tracing::error!("the streams of a flow ended: {error}");
                        self.lock().remove(&flow);
                        return;
                    }
                },
                () = tail.closed() => {
                    let mut open = self.lock();
                    // Somebody may have followed meanwhile.
                    if tail.receiver_count() == 0 {
                        open.remove(&flow);
                        return;
                    }
                }
            }
        }
    }

    /// Waits until there may be new messages. Returns `false` if the database has lost messages that the tail has, as after a failover to
    /// a copy without the last of them. The messages that come next have their ids, so the streams end, and their readers begin
    /// again after the last message that there is.
    async fn next_news(
        &self,
        flow: FlowKey,
        tail: &watch::Sender<Recent>,
        listener: &mut FlowListener,
    ) -> Result<bool, StoreError> {
        let known = tail.borrow().newest.unwrap_or_default();
        loop {
            match listener.next_ring().await {
                Ring::Newest(newest) if newest == known => (),
                // The tail may have read messages since the id was looked up.
                Ring::Newest(newest) if newest < known => {
                    if self.store.last_message_id(flow).await?.is_some_and(|last| last < known) {
                        return Ok(false);
                    }
                }
                Ring::Message | Ring::Newest(_) => return Ok(true),
            }
        }
    }

    /// Reads the messages that are new to the tail. The first time, only finds out where the flow ends.
    async fn read(&self, flow: FlowKey, tail: &watch::Sender<Recent>) -> Result<(), StoreError> {
        let Some(newest) = tail.borrow().newest else {
            // A flow that was removed has none. Its streams end by themselves.
            let last = self.store.last_message_id(flow).await?.unwrap_or_default();
            tail.send_modify(|recent| recent.begin_after(last));
            return Ok(());
        };
        let mut newest = newest;
        loop {
            let removals = self.store.removals();
            let Some(events) = Events::of(self.store.messages_after(flow, newest).await?) else { return Ok(()) };
            newest = events.newest;
            tail.send_modify(|recent| recent.add(events, removals));
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<FlowKey, watch::Sender<Recent>>> {
        self.by_flow.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The newest events of a flow, without a gap.
#[derive(Debug, Default)]
pub struct Recent {
    /// The events after this id are here.
    start: i64,
    /// The id of the newest event. `None` until it is known where the flow ends.
    newest: Option<i64>,
    /// From old to new.
    parts: VecDeque<Events>,
    bytes: usize,
    /// The store's count of removals before the parts were read. Any of them may have been removed since, if it has risen.
    removals: u64,
}

/// What [`Recent`] has for a stream.
#[derive(Debug)]
pub enum Next {
    /// Some of the next events.
    Events {
        /// The events.
        bytes: Bytes,
        /// The id of the last of them.
        newest: i64,
        /// When they were read from the database.
        read_at: Instant,
    },
    /// There is no new event.
    Nothing,
    /// The stream is further behind: the next events are in the database only.
    Behind {
        /// The id of the last event that only the database has.
        until: i64,
    },
}

impl Recent {
    /// The next events for a stream that has had those up to `seen`. `removals` is the store's count of removals.
    pub fn after(&self, seen: i64, removals: u64) -> Next {
        let start = if removals == self.removals { self.start } else { self.newest.unwrap_or_default() };
        if seen < start {
            return Next::Behind { until: start };
        }
        let part = self.parts.partition_point(|part| part.newest <= seen);
        match self.parts.get(part) {
            Some(events) => Next::Events { bytes: events.after(seen), newest: events.newest, read_at: events.read_at },
            None => Next::Nothing,
        }
    }

    fn begin_after(&mut self, last: i64) {
        (self.start, self.newest) = (last, Some(last));
    }

    fn add(&mut self, events: Events, removals: u64) {
        if removals != self.removals {
            self.start = self.newest.unwrap_or_default();
            self.parts.clear();
            (self.bytes, self.removals) = (0, removals);
        }
        self.newest = Some(events.newest);
        self.bytes += events.bytes.len();
        self.parts.push_back(events);
        while self.bytes > KEPT_BYTES && self.parts.len() > 1 {
            let Some(oldest) = self.parts.pop_front() else { break };
            self.bytes -= oldest.bytes.len();
            self.start = oldest.newest;
        }
    }
}

/// Messages as server-sent events, in one buffer.
#[derive(Debug)]
pub struct Events {
    /// The id of each event and where the event ends.
    ends: Vec<(i64, usize)>,
    bytes: Bytes,
    /// The id of the last event.
    pub newest: i64,
    read_at: Instant,
}

impl Events {
    /// Writes messages as events. `None` if there are none.
    pub fn of(messages: Vec<StoredMessage>) -> Option<Events> {
        let newest = messages.last()?.id;
        let mut text = String::with_capacity(messages.iter().map(|message| message.json.len() + 32).sum());
        let ends = messages.into_iter().map(|StoredMessage { id, json }| {
            // JSON text of one line: line feeds in strings are escaped.
            text += &format!("id: {id}\ndata: {json}\n\n");
            (id, text.len())
        });
        let ends = ends.collect();
        Some(Events { ends, bytes: text.into(), newest, read_at: Instant::now() })
    }

    /// All of the events.
    pub fn into_bytes(self) -> Bytes {
        self.bytes
    }

    /// The events after this id.
    fn after(&self, seen: i64) -> Bytes {
        match self.ends.partition_point(|(id, _)| *id <= seen).checked_sub(1) {
            Some(last) => self.bytes.slice(self.ends[last].1..),
            None => self.bytes.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(ids: std::ops::RangeInclusive<i64>, length: usize) -> Events {
        let message = |id| StoredMessage { id, json: format!("\"{}\"", "x".repeat(length)) };
        Events::of(ids.map(message).collect()).expect("there are some")
    }

    /// The ids of the events that a stream gets, and `None` if it has to ask the database.
    fn taken(recent: &Recent, mut seen: i64) -> Option<Vec<i64>> {
        let mut ids = Vec::new();
        loop {
            match recent.after(seen, 0) {
                Next::Behind { .. } => return None,
                Next::Nothing => return Some(ids),
                Next::Events { bytes, newest, .. } => {
                    let text = std::str::from_utf8(&bytes).expect("text");
                    ids.extend(text.lines().filter_map(|line| line.strip_prefix("id: ")?.parse::<i64>().ok()));
                    seen = newest;
                }
            }
        }
    }

    #[test]
    fn a_stream_takes_what_it_has_not_had_wherever_it_is() {
        let mut recent = Recent::default();
        assert!(matches!(recent.after(0, 0), Next::Nothing), "nothing is known yet");
        recent.begin_after(10);
        recent.add(events(11..=13, 1), 0);
        recent.add(events(14..=14, 1), 0);
        for seen in 10..=14 {
            assert_eq!(taken(&recent, seen), Some((seen + 1..=14).collect()));
        }
        assert_eq!(taken(&recent, 9), None);
    }

    #[test]
    fn old_events_make_room_and_the_newest_stay() {
        let mut recent = Recent::default();
        recent.begin_after(0);
        recent.add(events(1..=2, KEPT_BYTES / 4), 0);
        recent.add(events(3..=3, KEPT_BYTES / 4), 0);
        recent.add(events(4..=4, KEPT_BYTES / 4 + 1), 0);
        assert_eq!((taken(&recent, 1), taken(&recent, 2)), (None, Some(vec![3, 4])));
        recent.add(events(5..=6, KEPT_BYTES), 0);
        assert_eq!((taken(&recent, 3), taken(&recent, 4)), (None, Some(vec![5, 6])));
    }

    #[test]
    fn what_was_read_before_a_removal_is_not_taken_after_it() {
        let mut recent = Recent::default();
        recent.begin_after(0);
        recent.add(events(1..=2, 1), 0);
        assert!(matches!(recent.after(0, 1), Next::Behind { until: 2 }));
        assert!(matches!(recent.after(2, 1), Next::Nothing));
        recent.add(events(3..=3, 1), 1);
        assert!(matches!(recent.after(1, 1), Next::Behind { until: 2 }));
        assert!(matches!(recent.after(2, 1), Next::Events { newest: 3, .. }));
    }
}
