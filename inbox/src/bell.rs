//! Wakes the open streams when there is a new message to read, when something that gave access has ended, or when the
//! inbox stops.

use tokio::sync::watch;

/// Rings after each stored message and after each revocation. Closes when the inbox stops.
///
/// The bell carries no message. A listener that hears a ring reads from the database what it has not read yet. A slow
/// listener hears several rings as one and still misses nothing, and there is no queue that could overflow.
#[derive(Clone, Debug)]
pub struct Bell(watch::Sender<State>);

#[derive(Clone, Copy, Debug, Default)]
struct State {
    is_closed: bool,
    /// How often something that gave access has ended.
    revocations: u64,
}

impl Default for Bell {
    fn default() -> Bell {
        Bell(watch::Sender::new(State::default()))
    }
}

impl Bell {
    /// Tells every listener that there is a new message.
    pub fn ring(&self) {
        // Marks the value as changed without changing it, so that a ring never reopens a closed bell.
        self.0.send_modify(|_| ());
    }

    /// Tells every listener that a token, a session or a grant has ended, perhaps the listener's own.
    pub fn announce_revocation(&self) {
        self.0.send_modify(|state| state.revocations += 1);
    }

    /// Tells every listener, present and future, that the inbox stops.
    pub fn close(&self) {
        self.0.send_modify(|state| state.is_closed = true);
    }

    /// Returns a listener that hears every ring from now on.
    pub fn listen(&self) -> Listener {
        let receiver = self.0.subscribe();
        let revocations = receiver.borrow().revocations;
        Listener { receiver, revocations }
    }
}

/// Waits for rings of a [`Bell`].
#[derive(Debug)]
pub struct Listener {
    receiver: watch::Receiver<State>,
    /// The revocations that this listener has seen.
    revocations: u64,
}

impl Listener {
    /// Whether the bell was closed.
    pub fn is_closed(&self) -> bool {
        self.receiver.borrow().is_closed
    }

    /// Whether something that gave access has ended since the last call.
    pub fn has_revocation(&mut self) -> bool {
        let revocations = self.receiver.borrow().revocations;
        std::mem::replace(&mut self.revocations, revocations) != revocations
    }

    /// Waits for a ring. Returns at once if the bell rang since the last call. Returns `false` if the bell is closed.
    pub async fn next_ring(&mut self) -> bool {
        !self.is_closed() && self.receiver.changed().await.is_ok() && !self.is_closed()
    }

    /// Waits until the bell is closed.
    pub async fn closed(&mut self) {
        while self.next_ring().await {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block_on<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(future)
    }

    #[test]
    fn a_ring_before_the_wait_is_heard() {
        let bell = Bell::default();
        let mut listener = bell.listen();
        bell.ring();
        assert!(block_on(listener.next_ring()));
    }

    #[test]
    fn a_revocation_rings_and_is_told_once() {
        let bell = Bell::default();
        let mut listener = bell.listen();
        bell.ring();
        assert!(!listener.has_revocation());
        bell.announce_revocation();
        assert!(block_on(listener.next_ring()) && listener.has_revocation());
        assert!(!listener.has_revocation());
    }

    #[test]
    fn a_ring_does_not_reopen_a_closed_bell() {
        let bell = Bell::default();
        let mut early = bell.listen();
        bell.close();
        bell.ring();
        let mut late = bell.listen();
        assert!(!block_on(early.next_ring()));
        assert!(!block_on(late.next_ring()));
        block_on(late.closed());
    }
}
