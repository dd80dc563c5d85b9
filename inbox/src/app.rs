//! What every handler can reach.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::bell::Bell;
use crate::clock::Clock;
use crate::http::{Tails, WrongTokens};
use crate::metrics::Metrics;
use crate::store::Store;

/// How many large messages are built at once. Each can take 30 MiB of memory.
pub const LARGE_AT_ONCE: usize = 4;

/// The state that every handler can use.
#[derive(Clone)]
pub struct App {
    /// Everything that is kept.
    pub store: Store,
    /// Wakes the open streams: after a stored message, after the end of a token or a flow, and at the stop.
    pub bell: Bell,
    /// The newest messages of the flows that somebody reads.
    pub tails: Tails,
    /// The source of the current time.
    pub clock: Clock,
    /// The settings that handlers use.
    pub settings: Arc<Settings>,
    /// What the inbox counts about itself.
    pub metrics: Metrics,
    /// Limits wrong tokens.
    pub wrong_tokens: WrongTokens,
    /// Limits how many large messages are built at once.
    pub large: Arc<Semaphore>,
    /// The base URL at which others reach the inbox. Every link begins with it.
    pub url: Arc<str>,
}

/// The settings that handlers use.
pub struct Settings {
    /// How long an access token is valid.
    pub token_lifetime: Duration,
    /// How long a service may take to answer an action.
    pub action_timeout: Duration,
    /// Whether only this machine reaches the inbox: it listens on a loopback address, and its URL has a loopback host.
    pub is_local: bool,
    /// The addresses of the proxies whose `X-Forwarded-For` counts.
    pub trusted_proxies: Vec<IpAddr>,
}
