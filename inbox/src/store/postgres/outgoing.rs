//! What an inbox is about to tell other inboxes on the same database.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::domain::FlowKey;
use crate::secret::{self, NoRandom};

/// The longest payload of a NOTIFY, in bytes. PostgreSQL allows 7,999.
const MAX_PAYLOAD: usize = 7000;

/// What other inboxes are about to be told.
#[derive(Debug)]
pub struct Outgoing {
    /// Marks the NOTIFYs of this inbox, which has heard of them already.
    pub id: String,
    pending: Mutex<Pending>,
    wake: Notify,
}

#[derive(Debug, Default)]
struct Pending {
    /// The flows with new messages.
    flows: BTreeSet<FlowKey>,
    /// Whether the counters have changed.
    has_state: bool,
}

/// The word in a payload for counters that have changed.
const STATE: &str = "state";

impl Outgoing {
    /// Nothing yet.
    pub fn new() -> Result<Outgoing, NoRandom> {
        Ok(Outgoing { id: secret::random_hex()?, pending: Mutex::default(), wake: Notify::new() })
    }

    /// Tells the others that these flows have new messages.
    pub fn messages(&self, flows: impl Iterator<Item = FlowKey>) {
        self.pending().flows.extend(flows);
        self.wake.notify_one();
    }

    /// Tells the others that the counters have changed.
    pub fn state(&self) {
        self.pending().has_state = true;
        self.wake.notify_one();
    }

    /// Waits until there is something to tell.
    pub async fn news(&self) {
        self.wake.notified().await;
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The payloads of what is to be told now.
    pub fn take(&self) -> Vec<String> {
        let Pending { flows, has_state } = std::mem::take(&mut *self.pending());
        let words = has_state.then(|| STATE.to_owned()).into_iter().chain(flows.iter().map(i64::to_string));
        let mut payloads: Vec<String> = Vec::new();
        for word in words {
            match payloads.last_mut().filter(|payload| payload.len() + word.len() < MAX_PAYLOAD) {
                Some(payload) => *payload += &format!(" {word}"),
                None => payloads.push(format!("{} {word}", self.id)),
            }
        }
        payloads
    }
}
