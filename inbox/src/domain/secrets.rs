//! The secrets that a start creates.

use std::fmt;

use super::Credentials;

/// The secrets that opening the data file created. They are shown only this once.
#[derive(Debug, Default)]
pub struct Secrets {
    /// The tokens, if this is the first start or `--new-tokens` asked for new ones.
    pub tokens: Option<Tokens>,
    /// The credentials of the first application, if this start created them.
    pub application: Option<Credentials>,
}

impl Secrets {
    /// Whether there are any.
    pub fn exist(&self) -> bool {
        self.tokens.is_some() || self.application.is_some()
    }
}

/// New tokens, which the owner sees only once.
pub struct Tokens {
    /// The flow token, which posts messages to the flow.
    pub flow: String,
    /// The API token, which gives access to everything.
    pub api: String,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens(..)")
    }
}
