//! Request slots: the right to have one request in flight.

use std::collections::{HashSet, VecDeque};

/// The request slots of a client. At most as many requests are in flight as there are slots, and the message that asked
/// first gets the next free slot.
///
/// ```
/// use flowdock_integration::client::Slots;
///
/// let mut slots = Slots::new(1);
/// slots.ask(7);
/// slots.ask(8);
/// assert!(slots.has(7) && !slots.has(8));
/// assert_eq!(slots.release(7), [8]);
/// ```
#[derive(Debug)]
pub struct Slots {
    /// The number of slots. After a change, the next [`ask`](Self::ask) or [`release`](Self::release) grants what has become free.
    pub count: u32,
    holders: HashSet<u64>,
    waiting: VecDeque<u64>,
}

impl Slots {
    /// Makes a number of slots, all of them free.
    #[must_use]
    pub fn new(count: u32) -> Self {
        Self { count, holders: HashSet::new(), waiting: VecDeque::new() }
    }

    /// Asks for a slot for a message that has none. Returns the messages that get a slot now, perhaps this one among them.
    pub fn ask(&mut self, message: u64) -> Vec<u64> {
        self.waiting.push_back(message);
        self.grant()
    }

    /// Whether the message has a slot.
    #[must_use]
    pub fn has(&self, message: u64) -> bool {
        self.holders.contains(&message)
    }

    /// Releases the slot of a message, or stops waiting for one. Returns the messages that get a slot now.
    pub fn release(&mut self, message: u64) -> Vec<u64> {
        if !self.holders.remove(&message) {
            self.waiting.retain(|waiting| *waiting != message);
        }
        self.grant()
    }

    fn grant(&mut self) -> Vec<u64> {
        let free = (self.count as usize).saturating_sub(self.holders.len()).min(self.waiting.len());
        let granted: Vec<u64> = self.waiting.drain(..free).collect();
        self.holders.extend(&granted);
        granted
    }
}

#[cfg(test)]
mod tests {
    use super::Slots;

    #[test]
    fn slots_are_granted_in_the_order_of_asking_and_each_grant_is_told() {
        let mut slots = Slots::new(1);
        assert_eq!(slots.ask(1), [1]);
        for waiting in 2..=5 {
            assert!(slots.ask(waiting).is_empty());
        }
        // More slots: whoever asks next sees to it that those who waited are told.
        slots.count = 3;
        assert_eq!(slots.ask(6), [2, 3]);
        assert!(slots.release(5).is_empty());
        assert_eq!(slots.release(1), [4]);
        assert!(slots.has(4) && !slots.has(1) && !slots.has(6));
    }
}
