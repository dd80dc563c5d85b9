//! The clock of the inbox: the system's time, or a stopped time that tests move.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;

/// The source of time for everything in an inbox. Clones show the same time.
#[derive(Clone, Debug)]
pub struct Clock(Option<Arc<AtomicI64>>);

impl Clock {
    /// The system's clock.
    pub fn system() -> Clock {
        Clock(None)
    }

    /// A clock that shows this time, in milliseconds since 1970, until [`advance`](Clock::advance) moves it. A test can
    /// so let a token expire without waiting.
    pub fn stopped_at(ms: i64) -> Clock {
        Clock(Some(Arc::new(AtomicI64::new(ms))))
    }

    /// Moves a stopped clock forward. Has no effect on the system's clock.
    pub fn advance(&self, by: Duration) {
        if let Clock(Some(stopped)) = self {
            let ms = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
            stopped.fetch_add(ms, Ordering::SeqCst);
        }
    }

    /// The current time, in milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        match &self.0 {
            Some(stopped) => stopped.load(Ordering::SeqCst),
            None => Timestamp::now().as_millisecond(),
        }
    }
}
