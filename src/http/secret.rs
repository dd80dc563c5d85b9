//! A token that is never shown in an error, log or hook.

use std::fmt;

/// A token. Its `Debug` does not show it, and [`Secret::redact`] removes it from the texts of a server.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    pub(crate) fn new(token: String) -> Self {
        Self(token)
    }

    /// Returns the token itself, for a request.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// Removes the token from a text that came from a server. A token of less than [`SHORT`] bytes is removed only as a
    /// whole word: no real token is that short, and the text would be hard to read without these letters.
    pub(crate) fn redact(&self, text: &str) -> String {
        let (token, bytes) = (self.0.as_bytes(), text.as_bytes());
        let mut clean = String::with_capacity(text.len());
        let (mut done, mut from) = (0, 0);
        let rest = |from| bytes.get(from..).unwrap_or_default();
        let is_word = |at: usize| bytes.get(at).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        // `str::replace` would add a search algorithm of two kilobytes.
        while let Some(at) = rest(from).windows(token.len().max(1)).position(|bytes| bytes == token) {
            let (begin, end) = (from + at, from + at + token.len());
            from = end;
            // A word continues after an apostrophe, as in `can't`.
            let apostrophe = text.get(..begin).is_some_and(|before| before.ends_with('\''));
            let before = begin.wrapping_sub(1 + usize::from(apostrophe));
            if token.len() < SHORT && (is_word(before) || is_word(end)) {
                continue;
            }
            clean.push_str(text.get(done..begin).unwrap_or_default());
            clean.push('…');
            done = end;
        }
        clean.push_str(text.get(done..).unwrap_or_default());
        clean
    }
}

/// The number of bytes below which a token is removed only as a whole word.
const SHORT: usize = 8;

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn a_token_is_taken_out_of_a_text() {
        for (token, text, clean) in [
            ("be299b91fffe", "unknown token be299b91fffe", "unknown token …"),
            ("be299b91fffe", "xbe299b91fffebe299b91fffex", "x……x"),
            ("12345678", "a12345678", "a…"),
            ("", "abc", "abc"),
            // Short tokens are removed as whole words.
            ("t", "Validation error; content can't be blank", "Validation error; content can't be blank"),
            ("t", "the token t, 't', \"t\", (t) or t", "the token …, '…', \"…\", (…) or …"),
            ("t", "t", "…"),
            ("a", "aa a a_ a1 éa a-a", "aa … a_ a1 é… …-…"),
            ("1234567", "12345678 1234567", "12345678 …"),
            ("aa", "aaa aa", "aaa …"),
            ("é", "é clé", "… clé"),
        ] {
            assert_eq!(Secret::new(token.to_owned()).redact(text), clean, "{token}: {text}");
        }
    }
}
