//! One message on its way: it waits for its turn, for a request slot and for the end of a hold, and stops at the latch.
//! The messages of a client share all four.

use std::cell::RefCell;
use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::{Poll, Waker};

use super::timer::{now_ms, sleep};
use crate::client::{Hold, Lanes, Latch, Sent, Slots};

/// The state that the messages of a client share.
#[derive(Debug)]
pub(super) struct Shared {
    lanes: Lanes,
    slots: Slots,
    hold: Hold,
    latch: Latch,
    /// The waker of each message's future, by the number of the message's turn.
    wakers: HashMap<u64, Waker>,
}

impl Shared {
    pub fn new(concurrency: u32) -> RefCell<Self> {
        RefCell::new(Self {
            lanes: Lanes::default(),
            slots: Slots::new(concurrency),
            hold: Hold::default(),
            latch: Latch::default(),
            wakers: HashMap::new(),
        })
    }
}

/// A message on its way. When it is dropped, the message leaves its lanes and releases its slot.
pub(super) struct Way<'a> {
    shared: &'a RefCell<Shared>,
    sent: &'a Sent,
    turn: u64,
}

/// The error of a message whose source was removed by a user.
pub(super) struct Removed;

impl<'a> Way<'a> {
    /// Makes the message join the end of its lanes.
    pub fn join(shared: &'a RefCell<Shared>, sent: &'a Sent, lanes: &[String], concurrency: u32) -> Self {
        let mut all = shared.borrow_mut();
        all.slots.count = concurrency.max(1);
        let turn = all.lanes.join(lanes);
        Self { shared, sent, turn }
    }

    /// Waits until the messages before this one have left its lanes.
    pub async fn turn(&self) -> Result<(), Removed> {
        self.unless_removed(self.when(|all| all.lanes.has_come(self.turn))).await
    }

    /// Waits for a request slot, and then for the end of a hold.
    pub async fn slot(&self) -> Result<(), Removed> {
        {
            let mut all = self.shared.borrow_mut();
            let granted = all.slots.ask(self.turn);
            wake(&mut all, granted);
        }
        self.unless_removed(async {
            self.when(|all| all.slots.has(self.turn)).await;
            loop {
                let left_ms = self.shared.borrow().hold.left_ms(now_ms());
                if left_ms == 0 {
                    break;
                }
                sleep(left_ms).await;
            }
        })
        .await
    }

    /// Releases the request slot, or stops waiting for one.
    pub fn release(&self) {
        let mut all = self.shared.borrow_mut();
        let granted = all.slots.release(self.turn);
        wake(&mut all, granted);
    }

    /// Waits between two requests of the message.
    pub async fn pause(&self, ms: u32) -> Result<(), Removed> {
        self.unless_removed(sleep(ms)).await
    }

    /// Holds all requests of the client that have not been sent.
    pub fn hold(&self, ms: u32) {
        self.shared.borrow_mut().hold.extend(now_ms(), ms);
    }

    /// Notes that a user removed the source of the message. This wakes every message, also those of other sources, and
    /// each checks its own source.
    pub fn remove_source(&self) {
        let mut all = self.shared.borrow_mut();
        all.latch.remove(self.sent);
        let numbers: Vec<_> = all.wakers.keys().copied().collect();
        wake(&mut all, numbers);
    }

    /// Waits until `is_true` holds for the shared state. The message that changes the state wakes this one.
    async fn when(&self, is_true: impl Fn(&Shared) -> bool) {
        poll_fn(|context| {
            let mut all = self.shared.borrow_mut();
            all.wakers.insert(self.turn, context.waker().clone());
            if is_true(&all) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    /// Waits for `work`. Stops with an error as soon as the source is removed.
    async fn unless_removed(&self, work: impl Future<Output = ()>) -> Result<(), Removed> {
        let mut work = pin!(work);
        let mut removed = pin!(self.when(|all| all.latch.is_removed(self.sent)));
        poll_fn(|context| match removed.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(Removed)),
            Poll::Pending => work.as_mut().poll(context).map(Ok),
        })
        .await
    }
}

impl Drop for Way<'_> {
    fn drop(&mut self) {
        self.release();
        let mut all = self.shared.borrow_mut();
        all.wakers.remove(&self.turn);
        let come = all.lanes.leave(self.turn);
        wake(&mut all, come);
    }
}

fn wake(all: &mut Shared, numbers: impl IntoIterator<Item = u64>) {
    for number in numbers {
        if let Some(waker) = all.wakers.remove(&number) {
            waker.wake();
        }
    }
}
