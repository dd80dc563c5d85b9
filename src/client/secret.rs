//! A token that no error, log or hook ever shows.

use std::fmt;

/// A token. Its `Debug` is not the token, and [`Secret::redact`] takes it out of what a server says.
#[derive(Clone)]
pub(super) struct Secret(String);

impl Secret {
    pub fn new(token: String) -> Self {
        Self(token)
    }

    /// The token itself, for the request.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// A text of somebody else's without the token in it.
    pub fn redact(&self, text: &str) -> String {
        if self.0.is_empty() { text.to_owned() } else { text.replace(&self.0, "…") }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
