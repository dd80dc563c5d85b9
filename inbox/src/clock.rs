//! What time it is: the system's time, or one that stands still until it is moved.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;

/// Where everything in an inbox gets its time from. Clones show the same time.
#[derive(Clone, Debug)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// The system's clock.
    pub fn system() -> Clock {
        Clock(None)
    }

    /// A clock that shows this time, in milliseconds since 1970, until [`advance`](Clock::advance) moves it: what
    /// expires can be tested without waiting for it.
    pub fn stopped_at(ms: i64) -> Clock {
        Clock(Some(Arc::new(AtomicI64::new(ms))))
    }

    /// Moves a stopped clock on. The system's clock goes by itself.
    pub fn advance(&self, by: Duration) {
        if let Clock(Some(stopped)) = self {
            let ms = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
            stopped.fetch_add(ms, Ordering::SeqCst);
        }
    }

    /// Milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        match &self.0 {
            Some(stopped) => stopped.load(Ordering::SeqCst),
            None => Timestamp::now().as_millisecond(),
        }
    }
}
