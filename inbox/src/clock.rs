//! The clock of the inbox: the system's time, or a stopped time that tests move.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;

/// The longest sleep before the system's clock is read again, because somebody may have set it.
const MAX_SLEEP: Duration = Duration::from_secs(60);

/// The source of time for everything in an inbox. Clones show the same time.
#[derive(Clone, Debug)]
pub struct Clock(Option<Arc<watch::Sender<i64>>>);

impl Clock {
    /// The system's clock.
    pub fn system() -> Clock {
        Clock(None)
    }

    /// A clock that shows this time, in milliseconds since 1970, until [`advance`](Clock::advance) moves it. A test can
    /// so let a token expire without waiting.
    pub fn stopped_at(ms: i64) -> Clock {
        Clock(Some(Arc::new(watch::Sender::new(ms))))
    }

    /// Moves a stopped clock forward. Has no effect on the system's clock.
    pub fn advance(&self, by: Duration) {
        if let Clock(Some(stopped)) = self {
            let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
            stopped.send_modify(|ms| *ms = ms.saturating_add(by));
        }
    }

    /// Sets a stopped clock back. Has no effect on the system's clock.
    pub fn set_back(&self, by: Duration) {
        if let Clock(Some(stopped)) = self {
            let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
            stopped.send_modify(|ms| *ms = ms.saturating_sub(by));
        }
    }

    /// The current time, in milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        match &self.0 {
            Some(stopped) => *stopped.borrow(),
            None => Timestamp::now().as_millisecond(),
        }
    }

    /// Waits until the clock shows this time, in milliseconds since 1970.
    pub async fn wait_until(&self, ms: i64) {
        match &self.0 {
            Some(stopped) => {
                // The sender lives as long as `self`, so the wait cannot fail.
                let _ = stopped.subscribe().wait_for(|now| *now >= ms).await;
            }
            None => {
                while let Ok(left @ 1..) = u64::try_from(ms.saturating_sub(self.now_ms())) {
                    tokio::time::sleep(Duration::from_millis(left).min(MAX_SLEEP)).await;
                }
            }
        }
    }

    /// Waits for this long. Unlike [`Clock::wait_until`], it does not wait longer if somebody sets the system's clock back.
    pub async fn wait_for(&self, time: Duration) {
        match &self.0 {
            Some(_) => {
                let ms = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
                self.wait_until(self.now_ms().saturating_add(ms)).await;
            }
            None => tokio::time::sleep(time).await,
        }
    }
}

/// A time in ISO 8601 and UTC, always with milliseconds. `ms` is in milliseconds since 1970.
pub fn iso(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map(|at| format!("{at:.3}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_always_have_three_decimals() {
        assert_eq!(iso(1_411_560_930_520), "2014-09-24T12:15:30.520Z");
        assert_eq!(iso(0), "1970-01-01T00:00:00.000Z");
    }
}
