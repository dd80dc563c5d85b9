//! What a client has to know.

use std::fmt;

/// What a [`Client`](super::Client) has to know.
#[derive(Clone)]
pub struct ClientOptions {
    pub(super) base_url: String,
    pub(super) flow_token: String,
    pub(super) allow_http: bool,
}

impl ClientOptions {
    /// The server and the source's flow token.
    ///
    /// There is no default server: the guide's host no longer answers for Flowdock, and a token must not go to whoever
    /// holds that name one day. The URL is https, or http on a loopback address.
    #[must_use]
    pub fn new(base_url: impl Into<String>, flow_token: impl Into<String>) -> Self {
        Self { base_url: base_url.into(), flow_token: flow_token.into(), allow_http: false }
    }

    /// Allows plain http to a host that is not loopback, where everybody on the way can read the token.
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
