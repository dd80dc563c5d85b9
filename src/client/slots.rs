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
/// assert_eq!(slots.release(7), Some(8));
/// ```
#[derive(Debug)]
pub struct Slots {
    /// The number of slots.
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

    /// Asks for a slot for a message that has none.
    pub fn ask(&mut self, message: u64) {
        self.waiting.push_back(message);
        self.grant();
    }

    /// Whether the message has a slot.
    #[must_use]
    pub fn has(&self, message: u64) -> bool {
        self.holders.contains(&message)
    }

    /// Releases the slot of a message, or stops waiting for one. Returns the message that gets the slot next.
    pub fn release(&mut self, message: u64) -> Option<u64> {
        if !self.holders.remove(&message) {
            self.waiting.retain(|waiting| *waiting != message);
        }
        self.grant()
    }

    fn grant(&mut self) -> Option<u64> {
        if self.holders.len() >= self.count as usize {
            return None;
        }
        let next = self.waiting.pop_front()?;
        self.holders.insert(next);
        Some(next)
    }
}
