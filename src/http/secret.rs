//! A token that no error, log or hook ever shows.

use std::fmt;

/// A token. Its `Debug` is not the token, and [`Secret::redact`] takes it out of what a server says.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    pub(crate) fn new(token: String) -> Self {
        Self(token)
    }

    /// The token itself, for the request.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// A text of somebody else's without the token in it.
    pub(crate) fn redact(&self, text: &str) -> String {
        let token = self.0.as_bytes();
        let mut clean = String::with_capacity(text.len());
        let mut rest = text;
        // `str::replace` would bring a search algorithm of two kilobytes.
        while let Some(at) = rest.as_bytes().windows(token.len().max(1)).position(|bytes| bytes == token) {
            clean.push_str(rest.get(..at).unwrap_or_default());
            clean.push('…');
            rest = rest.get(at + token.len()..).unwrap_or_default();
        }
        clean.push_str(rest);
        clean
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
