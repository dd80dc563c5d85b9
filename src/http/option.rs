//! Options that cannot be used.

use std::fmt;

use crate::text::fill;

/// An option that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidOption {
    /// Its name in JavaScript: `baseUrl`.
    pub option: &'static str,
    message: &'static str,
}

impl InvalidOption {
    pub(crate) const fn new(option: &'static str, message: &'static str) -> Self {
        Self { option, message }
    }

    /// All of it in a sentence.
    pub(crate) fn sentence(&self) -> String {
        fill("`%` %", &[self.option, self.message])
    }
}

impl fmt::Display for InvalidOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence())
    }
}

impl std::error::Error for InvalidOption {}
