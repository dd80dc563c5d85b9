//! Limits how many wrong tokens a network may send.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::answer::Refusal;

/// How many wrong tokens a network may send at once, and how many more in each minute.
const AT_ONCE: NonZeroU32 = NonZeroU32::new(60).unwrap();

/// How many networks are remembered before those that have been quiet are forgotten.
const MAX_REMEMBERED: usize = 10_000;

/// Counts the wrong tokens of each network.
///
/// A right token is let through whatever else comes from its network. Otherwise one client with a wrong token would lock
/// out everybody behind the same proxy, and a token has 128 random bits, so nobody finds one by trying. The limit tells a
/// client that goes on with a wrong token to wait, and makes it visible.
#[derive(Clone)]
pub struct WrongTokens(Arc<DefaultKeyedRateLimiter<IpAddr>>);

impl Default for WrongTokens {
    fn default() -> WrongTokens {
        WrongTokens(Arc::new(RateLimiter::keyed(Quota::per_minute(AT_ONCE))))
    }
}

impl WrongTokens {
    /// Counts a wrong token. Refuses it with 429 if there were too many; otherwise the caller says what is wrong.
    pub fn count(&self, network: IpAddr) -> Result<(), Refusal> {
        if self.0.len() >= MAX_REMEMBERED {
            self.0.retain_recent();
        }
        self.0.check_key(&network).map_err(|not_until| {
            Refusal::too_many_wrong_tokens(not_until.wait_time_from(DefaultClock::default().now()).as_secs() + 1)
        })
    }
}
