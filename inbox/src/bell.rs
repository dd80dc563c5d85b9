//! Wakes the open streams when there is a new message to read, when something that gave access has ended, or when the
//! inbox stops.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::domain::FlowKey;

/// Rings for a flow after each message that was stored in it, and for everybody after each end of access. Closes when the
/// inbox stops.
///
/// The bell carries no message. A listener that hears a ring reads from the database what it has not read yet. A slow
/// listener hears several rings as one and still misses nothing, and there is no queue that could overflow.
#[derive(Clone, Debug, Default)]
pub struct Bell {
    all: watch::Sender<State>,
    /// The flows to which somebody listens.
    flows: Arc<Mutex<HashMap<FlowKey, watch::Sender<Rings>>>>,
}

/// What the listeners of a flow have been told.
#[derive(Clone, Copy, Debug, Default)]
struct Rings {
    /// How often the bell rang.
    rings: u64,
    /// The id of the flow's last message, as it was last looked up.
    newest: i64,
}

#[derive(Clone, Copy, Debug, Default)]
struct State {
    is_closed: bool,
    /// How often something that gave access has ended.
    ends_of_access: u64,
}

impl Bell {
    /// Tells the listeners of a flow that it has a new message.
    pub fn ring(&self, flow: FlowKey) {
        self.tell(flow, |told| told.rings += 1);
    }

    /// Tells the listeners of a flow the id of its last message, which somebody has looked up.
    pub fn tell_newest(&self, flow: FlowKey, newest: i64) {
        self.tell(flow, |told| told.newest = newest);
    }

    fn tell(&self, flow: FlowKey, change: impl FnOnce(&mut Rings)) {
        let mut flows = self.flows();
        let Some(told) = flows.get(&flow) else { return };
        told.send_modify(change);
        if told.is_closed() {
            // Nobody listens any more.
            flows.remove(&flow);
        }
    }

    /// Returns a listener that hears every ring for this flow from now on.
    pub fn listen_to(&self, flow: FlowKey) -> FlowListener {
        let receiver = self.flows().entry(flow).or_default().subscribe();
        let rings = receiver.borrow().rings;
        FlowListener { receiver, rings }
    }

    /// The flows to which somebody listens.
    pub fn listened(&self) -> Vec<FlowKey> {
        self.flows().keys().copied().collect()
    }

    fn flows(&self) -> MutexGuard<'_, HashMap<FlowKey, watch::Sender<Rings>>> {
        self.flows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells every listener that a token, a session, a grant or a flow has ended, perhaps the listener's own.
    pub fn announce_end_of_access(&self) {
        self.all.send_modify(|state| state.ends_of_access += 1);
    }

    /// Tells every listener, present and future, that the inbox stops.
    pub fn close(&self) {
        self.all.send_modify(|state| state.is_closed = true);
    }

    /// Returns a listener that hears every end of access from now on, and the stop.
    pub fn listen(&self) -> Listener {
        let receiver = self.all.subscribe();
        let ends_of_access = receiver.borrow().ends_of_access;
        Listener { receiver, ends_of_access }
    }
}

/// Waits for new messages of one flow.
#[derive(Debug)]
pub struct FlowListener {
    receiver: watch::Receiver<Rings>,
    /// The rings that this listener has heard.
    rings: u64,
}

/// What a listener of a flow hears.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ring {
    /// The flow has a new message.
    Message,
    /// The flow's last message had this id a moment ago.
    Newest(i64),
}

impl FlowListener {
    /// Waits for a ring. Returns at once if the bell rang for the flow since the last call.
    pub async fn next_ring(&mut self) -> Ring {
        if self.receiver.changed().await.is_err() {
            // Nobody can ring any more.
            std::future::pending::<()>().await;
        }
        let Rings { rings, newest } = *self.receiver.borrow_and_update();
        if std::mem::replace(&mut self.rings, rings) == rings { Ring::Newest(newest) } else { Ring::Message }
    }
}

/// Waits for what a [`Bell`] tells everybody.
#[derive(Debug)]
pub struct Listener {
    receiver: watch::Receiver<State>,
    /// The ends_of_access that this listener has seen.
    ends_of_access: u64,
}

impl Listener {
    /// Whether the bell was closed.
    pub fn is_closed(&self) -> bool {
        self.receiver.borrow().is_closed
    }

    /// Whether something that gave access has ended since the last call.
    pub fn has_end_of_access(&mut self) -> bool {
        let ends_of_access = self.receiver.borrow().ends_of_access;
        std::mem::replace(&mut self.ends_of_access, ends_of_access) != ends_of_access
    }

    /// Waits for an end of access. Returns at once if there was one since the last call. Returns `false` if the bell is closed.
    pub async fn next_end_of_access(&mut self) -> bool {
        !self.is_closed() && self.receiver.changed().await.is_ok() && !self.is_closed()
    }

    /// Waits until the bell is closed.
    pub async fn closed(&mut self) {
        while self.next_end_of_access().await {}
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn a_ring_before_the_wait_is_heard_by_the_listeners_of_its_flow() {
        let bell = Bell::default();
        let (mut listener, mut other) = (bell.listen_to(1), bell.listen_to(2));
        bell.ring(1);
        assert!(listener.next_ring().now_or_never().is_some());
        assert!(listener.next_ring().now_or_never().is_none());
        assert!(other.next_ring().now_or_never().is_none());
    }

    #[test]
    fn a_flow_to_which_nobody_listens_is_forgotten() {
        let bell = Bell::default();
        drop(bell.listen_to(1));
        bell.ring(1);
        assert!(bell.flows().is_empty());
        let mut listener = bell.listen_to(1);
        bell.ring(1);
        assert!(listener.next_ring().now_or_never().is_some());
    }

    #[test]
    fn a_ring_counts_more_than_an_id_that_was_looked_up() {
        let bell = Bell::default();
        let mut listener = bell.listen_to(1);
        bell.tell_newest(1, 7);
        assert_eq!(listener.next_ring().now_or_never(), Some(Ring::Newest(7)));
        bell.ring(1);
        bell.tell_newest(1, 7);
        assert_eq!(listener.next_ring().now_or_never(), Some(Ring::Message));
        assert_eq!(bell.listened(), [1]);
    }

    #[test]
    fn a_revocation_is_told_once() {
        let bell = Bell::default();
        let mut listener = bell.listen();
        bell.ring(1);
        assert!(listener.next_end_of_access().now_or_never().is_none() && !listener.has_end_of_access());
        bell.announce_end_of_access();
        assert_eq!(listener.next_end_of_access().now_or_never(), Some(true));
        assert!(listener.has_end_of_access());
        assert!(!listener.has_end_of_access());
    }

    #[test]
    fn a_revocation_does_not_reopen_a_closed_bell() {
        let bell = Bell::default();
        let mut early = bell.listen();
        bell.close();
        bell.announce_end_of_access();
        let mut late = bell.listen();
        for listener in [&mut early, &mut late] {
            assert_eq!(listener.next_end_of_access().now_or_never(), Some(false));
            assert!(listener.closed().now_or_never().is_some());
        }
    }
}
