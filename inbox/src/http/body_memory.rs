//! Limits the bytes of unfinished requests that the inbox holds in its memory.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many bytes of each request do not count. So a message of usual size is always taken, whatever others hold.
const FREE_BYTES: usize = 16 * 1024;

/// The bytes of bodies that the inbox holds, for all requests together and for each network.
#[derive(Clone)]
pub struct BodyMemory {
    held: Arc<Mutex<Held>>,
    /// The limit, in bytes.
    most: usize,
}

#[derive(Default)]
struct Held {
    all: usize,
    by_network: HashMap<IpAddr, usize>,
}

impl BodyMemory {
    /// Memory of this many bytes. One network may have a quarter of them.
    pub fn new(most: usize) -> BodyMemory {
        BodyMemory { held: Arc::default(), most }
    }

    /// The reservation of a request from this network, which holds nothing yet.
    pub fn reservation(&self, network: IpAddr) -> Reservation {
        Reservation { memory: self.clone(), network, free: FREE_BYTES, bytes: 0 }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The bytes that one request holds. Dropping it releases them.
pub struct Reservation {
    memory: BodyMemory,
    network: IpAddr,
    /// What the request may still take for nothing.
    free: usize,
    bytes: usize,
}

impl Reservation {
    /// Takes more of the memory. Returns `false` if others have taken too much of it.
    ///
    /// What one network may have does not limit this machine: a proxy on it sends the requests of many.
    pub fn reserve(&mut self, bytes: usize) -> bool {
        let free = bytes.min(self.free);
        self.free -= free;
        let bytes = bytes - free;
        if bytes == 0 {
            return true;
        }
        let mut held = self.memory.held();
        let by_network = held.by_network.get(&self.network).copied().unwrap_or_default();
        let is_too_much = by_network + bytes > self.memory.most / 4 && !self.network.is_loopback();
        if is_too_much || held.all + bytes > self.memory.most {
            return false;
        }
        held.all += bytes;
        held.by_network.insert(self.network, by_network + bytes);
        self.bytes += bytes;
        true
    }

    /// Gives everything back.
    pub fn clear(&mut self) {
        let mut held = self.memory.held();
        held.all -= self.bytes;
        if let Some(by_network) = held.by_network.get_mut(&self.network) {
            *by_network -= self.bytes;
            if *by_network == 0 {
                held.by_network.remove(&self.network);
            }
        }
        self.bytes = 0;
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_usual_size_is_taken_whatever_others_hold() {
        let memory = BodyMemory::new(0);
        let mut request = memory.reservation(IpAddr::from([192, 0, 2, 1]));
        assert!(request.reserve(10_000) && request.reserve(FREE_BYTES - 10_000) && !request.reserve(1));
    }

    #[test]
    fn a_network_has_a_quarter_and_all_together_have_the_whole() {
        let whole = BodyMemory::new(100);
        // A request that has used up what is free.
        let request = |network| {
            let mut request = whole.reservation(network);
            request.free = 0;
            request
        };
        let network = |last: u8| IpAddr::from([192, 0, 2, last]);
        let mut first = request(network(1));
        assert!(first.reserve(20) && !first.reserve(6) && first.reserve(5));
        assert!(!request(network(1)).reserve(1), "another request of the same network");
        let mut others: Vec<Reservation> = (2..5).map(|last| request(network(last))).collect();
        assert!(others.iter_mut().all(|request| request.reserve(25)));
        assert!(!request(network(9)).reserve(1), "everything is taken");
        first.clear();
        let mut local = request(IpAddr::from([127, 0, 0, 1]));
        assert!(local.reserve(25));
        drop((others, local));
        assert!(request(IpAddr::from([127, 0, 0, 1])).reserve(100));
        assert!(whole.held().by_network.is_empty() && whole.held().all == 0);
    }
}
