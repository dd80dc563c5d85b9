//! Wakes the open streams when there is a new message to read, or when the inbox stops.

use tokio::sync::watch;

/// Rings after each stored message. Closes when the inbox stops.
///
/// The bell carries no message. A listener that hears a ring reads from the database what it has not read yet. A slow
/// listener hears several rings as one and still misses nothing, and there is no queue that could overflow.
#[derive(Clone, Debug)]
pub struct Bell(watch::Sender<State>);

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Open,
    Closed,
}

impl Default for Bell {
    fn default() -> Bell {
        Bell(watch::Sender::new(State::Open))
    }
}

impl Bell {
    /// Tells every listener that there is a new message.
    pub fn ring(&self) {
        // Marks the value as changed without changing it, so that a ring never reopens a closed bell.
        self.0.send_modify(|_| ());
    }

    /// Tells every listener, present and future, that the inbox stops.
    pub fn close(&self) {
        self.0.send_replace(State::Closed);
    }

    /// Returns a listener that hears every ring from now on.
    pub fn listen(&self) -> Listener {
        Listener(self.0.subscribe())
    }
}

/// Waits for rings of a [`Bell`].
#[derive(Debug)]
pub struct Listener(watch::Receiver<State>);

impl Listener {
    /// Whether the bell was closed.
    pub fn is_closed(&self) -> bool {
        *self.0.borrow() == State::Closed
    }

    /// Waits for a ring. Returns at once if the bell rang since the last call. Returns `false` if the bell is closed.
    pub async fn rung(&mut self) -> bool {
        !self.is_closed() && self.0.changed().await.is_ok() && !self.is_closed()
    }

    /// Waits until the bell is closed.
    pub async fn closed(&mut self) {
        while self.rung().await {}
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
        assert!(block_on(listener.rung()));
    }

    #[test]
    fn a_ring_does_not_reopen_a_closed_bell() {
        let bell = Bell::default();
        let mut early = bell.listen();
        bell.close();
        bell.ring();
        let mut late = bell.listen();
        assert!(!block_on(early.rung()));
        assert!(!block_on(late.rung()));
        block_on(late.closed());
    }
}
