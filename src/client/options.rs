//! The options of a client.

use std::fmt;

/// The options of a [`Client`](super::Client).
#[derive(Clone)]
pub struct ClientOptions {
    pub(super) base_url: String,
    pub(super) flow_token: String,
    pub(super) allow_http: bool,
}

impl ClientOptions {
    /// Makes the options from the URL of the server and the source's flow token.
    ///
    /// There is no default server: Flowdock no longer answers at the host in the guide, and a token must not go to a
    /// later owner of its name. The URL must be https, or http on a loopback address.
    #[must_use]
    pub fn new(base_url: impl Into<String>, flow_token: impl Into<String>) -> Self {
        Self { base_url: base_url.into(), flow_token: flow_token.into(), allow_http: false }
    }

    /// Allows plain http to a host that is not loopback. Everybody between here and that host can then read the token.
    #[must_use]
    pub fn allow_http(mut self, allow: bool) -> Self {
        self.allow_http = allow;
        self
    }
}

impl fmt::Debug for ClientOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientOptions").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}
