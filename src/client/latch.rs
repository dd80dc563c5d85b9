//! The latch after a 410: when a user has removed a source, the client posts nothing more with its token.

use super::Sent;
use crate::http::Secret;

/// The sources that a user has removed.
///
/// ```
/// use flowdock_integration::client::Latch;
/// use flowdock_integration::{ChatMessage, Client, ClientOptions, PostOptions};
///
/// let client = Client::new(ClientOptions::new("http://127.0.0.1:4400", "0123456789abcdef"))?;
/// let message = ChatMessage::builder().content("Great Scott!").external_thread_id("42").build()?;
/// let request = client.post(&message, [7; 16], PostOptions::default());
/// let mut latch = Latch::default();
/// assert!(!latch.is_removed(&request.sent));
/// latch.remove(&request.sent); // the answer was a 410
/// assert!(latch.is_removed(&request.sent));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Latch {
    tokens: Vec<Secret>,
}

impl Latch {
    /// Whether the source of a request was removed.
    #[must_use]
    pub fn is_removed(&self, sent: &Sent) -> bool {
        let token = sent.secrets.last().map(Secret::expose);
        token.is_some_and(|token| self.tokens.iter().any(|removed| removed.expose() == token))
    }

    /// Notes that the server answered a request with a 410: its source was removed.
    pub fn remove(&mut self, sent: &Sent) {
        if !self.is_removed(sent) {
            self.tokens.extend(sent.secrets.last().cloned());
        }
    }
}
