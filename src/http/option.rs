//! The error for an option that cannot be used.

use std::borrow::Cow;
use std::fmt;

use crate::text::fill;

/// An option that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidOption {
    /// The name of the option in JavaScript, such as `baseUrl`.
    pub option: &'static str,
    message: Cow<'static, str>,
}

impl InvalidOption {
    pub(crate) fn new(option: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { option, message: message.into() }
    }

    /// Returns the whole error as a sentence.
    pub(crate) fn sentence(&self) -> String {
        fill("`%` %", &[self.option, &self.message])
    }
}

impl fmt::Display for InvalidOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence())
    }
}

impl std::error::Error for InvalidOption {}
