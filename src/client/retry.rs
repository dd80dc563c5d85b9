//! Decides when a failed request is retried: the limits and the waits.

use super::http_date;
use crate::text::decimal;

/// How often and for how long the client tries to post a message.
///
/// Each wait is a random part of `base_ms`, which is doubled after every request up to `cap_ms` (full jitter). So
/// clients that failed together do not retry together. A `Retry-After` of the server is waited for in full, and at most
/// a tenth is added.
///
/// ```
/// use flowdock_integration::RetryOptions;
/// let patient = RetryOptions { max_elapsed_ms: 600_000, ..RetryOptions::default() };
/// assert_eq!((patient.max_attempts, patient.base_ms, patient.cap_ms), (6, 500, 30_000));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryOptions {
    /// The largest number of requests for one message, including the first. Default: 6.
    pub max_attempts: u32,
    /// The time limit of one message, from its first request to its last answer. Default: 120 000.
    pub max_elapsed_ms: u32,
    /// The upper limit of the first wait. Default: 500.
    pub base_ms: u32,
    /// The upper limit of every wait without a `Retry-After`. Default: 30 000.
    pub cap_ms: u32,
    /// The longest `Retry-After` that the client waits for. After a longer one the message fails. Default: 120 000.
    pub max_retry_after_ms: u32,
}

impl Default for RetryOptions {
    fn default() -> Self {
        Self { max_attempts: 6, max_elapsed_ms: 120_000, base_ms: 500, cap_ms: 30_000, max_retry_after_ms: 120_000 }
    }
}

impl RetryOptions {
    /// Never retries: one request for each message, and no time limit except that of the request.
    #[must_use]
    pub fn never() -> Self {
        Self { max_attempts: 1, max_elapsed_ms: LONGEST_MS, ..Self::default() }
    }

    /// Returns how long to wait after a number of failed requests. `retry_after_ms` is what the server asked for with
    /// the last failure. Returns `None` when the message must be given up.
    pub(super) fn wait_ms(&self, attempts: u32, retry_after_ms: Option<u32>, at: Moment) -> Option<u32> {
        let floor = retry_after_ms.unwrap_or_default();
        if attempts >= self.max_attempts || floor > self.max_retry_after_ms {
            return None;
        }
        let doubled = u64::from(self.base_ms) << (attempts.max(1) - 1).min(31);
        // A `Retry-After` of 0 does not mean that the client should retry at once.
        let most = if floor > 0 { u64::from(floor / 10) } else { doubled.min(self.cap_ms.into()) };
        let part = ((most + 1) * u64::from(at.random)) >> 32;
        let wait = floor.saturating_add(part as u32).min(LONGEST_MS);
        (at.elapsed_ms.saturating_add(wait) < self.max_elapsed_ms).then_some(wait)
    }
}

/// The longest time that a timer of the runtime can wait.
pub(crate) const LONGEST_MS: u32 = 2_147_483_647;

/// The time and the randomness that a decision depends on. They are arguments, so that tests can set them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds since the message's first request began.
    pub elapsed_ms: u32,
    /// The time of day in seconds since 1970, rounded down. It is needed for a `Retry-After` that is a date.
    pub unix_seconds: u32,
    /// A random number. All values must be equally likely.
    pub random: u32,
}

/// Returns the milliseconds that a `Retry-After` asks for, from seconds or from a date (RFC 9110, section 10.2.3).
/// Returns `None` for any other text, and 0 for a date in the past.
pub(crate) fn retry_after_ms(text: &str, unix_seconds: u32) -> Option<u32> {
    let text = text.trim_ascii();
    let seconds = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        decimal(text).unwrap_or(u32::MAX)
    } else {
        http_date::unix_seconds(text)?.saturating_sub(unix_seconds)
    };
    Some(seconds.saturating_mul(1000))
}
