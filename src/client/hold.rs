//! The hold after a 429: the server has had too many requests, so the client sends no request for a while.

/// How long the requests of a client are held. Times are milliseconds of a monotonic clock.
///
/// ```
/// use flowdock_integration::client::Hold;
///
/// let mut hold = Hold::default();
/// hold.extend(1_000, 500);
/// hold.extend(1_100, 100); // does not shorten it
/// assert_eq!((hold.left_ms(1_200), hold.left_ms(1_500)), (300, 0));
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Hold {
    until_ms: u64,
}

impl Hold {
    /// Holds all requests for at least `ms`, as [`Wait::hold_all`](super::Wait::hold_all) asks for.
    pub fn extend(&mut self, now_ms: u64, ms: u32) {
        self.until_ms = self.until_ms.max(now_ms.saturating_add(ms.into()));
    }

    /// Returns the milliseconds until the hold ends, or 0 if there is no hold.
    #[must_use]
    pub fn left_ms(&self, now_ms: u64) -> u32 {
        u32::try_from(self.until_ms.saturating_sub(now_ms)).unwrap_or(u32::MAX)
    }
}
