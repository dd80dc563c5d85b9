//! When a failed request is made again: the limits, and how long to wait.

use super::http_date;
use crate::text::decimal;

/// How often and how long a message is tried, all in milliseconds where it says so.
///
/// Each wait is a random part of `base_ms`, doubled with every request up to `cap_ms` (full jitter), so that clients which
/// failed together do not come back together. What the server asks for in `Retry-After` is waited for in full, with at most
/// a tenth added.
///
/// ```
/// use flowdock_integration::RetryOptions;
/// let patient = RetryOptions { max_elapsed_ms: 600_000, ..RetryOptions::default() };
/// assert_eq!((patient.max_attempts, patient.base_ms, patient.cap_ms), (6, 500, 30_000));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryOptions {
    /// The most requests for one message, the first included. Default: 6.
    pub max_attempts: u32,
    /// The most time for one message, from its first request to its last answer. Default: 120 000.
    pub max_elapsed_ms: u32,
    /// The longest first wait. Default: 500.
    pub base_ms: u32,
    /// The longest wait that is not the server's wish. Default: 30 000.
    pub cap_ms: u32,
    /// The longest `Retry-After` that is waited for; after a longer one the message fails. Default: 120 000.
    pub max_retry_after_ms: u32,
}

impl Default for RetryOptions {
    fn default() -> Self {
        Self { max_attempts: 6, max_elapsed_ms: 120_000, base_ms: 500, cap_ms: 30_000, max_retry_after_ms: 120_000 }
    }
}

impl RetryOptions {
    /// One request a message, and no limit but that of the request itself.
    #[must_use]
    pub fn never() -> Self {
        Self { max_attempts: 1, max_elapsed_ms: LONGEST_MS, ..Self::default() }
    }

    /// How long to wait after so many failed requests, the last of them with this wish of the server's; none when it is
    /// time to give up.
    pub(super) fn wait_ms(&self, attempts: u32, retry_after_ms: Option<u32>, at: Moment) -> Option<u32> {
        let floor = retry_after_ms.unwrap_or_default();
        if attempts >= self.max_attempts || floor > self.max_retry_after_ms {
            return None;
        }
        let doubled = u64::from(self.base_ms) << (attempts.max(1) - 1).min(31);
        // A floor of nothing is no reason to come back at once.
        let most = if floor > 0 { u64::from(floor / 10) } else { doubled.min(self.cap_ms.into()) };
        let part = ((most + 1) * u64::from(at.random)) >> 32;
        let wait = floor.saturating_add(part as u32).min(LONGEST_MS);
        (at.elapsed_ms.saturating_add(wait) < self.max_elapsed_ms).then_some(wait)
    }
}

/// The longest time that a timer takes.
pub(crate) const LONGEST_MS: u32 = 2_147_483_647;

/// What a decision depends on beside the answer; it comes from outside, so that tests have a clock of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds since the message's first request began.
    pub elapsed_ms: u32,
    /// The time of day, in seconds since 1970, rounded down; for a `Retry-After` that is a date.
    pub unix_seconds: u32,
    /// A random number, every one as likely as any other.
    pub random: u32,
}

/// Milliseconds from now, of a `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3). One that is neither says
/// nothing, one that is past says now.
pub(super) fn retry_after_ms(text: &str, unix_seconds: u32) -> Option<u32> {
    let text = text.trim_ascii();
    let seconds = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        decimal(text).unwrap_or(u32::MAX)
    } else {
        http_date::unix_seconds(text)?.saturating_sub(unix_seconds)
    };
    Some(seconds.saturating_mul(1000))
}
