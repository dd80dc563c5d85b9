//! HTML in titles and bodies: read as a browser reads it, with no DOM at hand.
//!
//! `scan` cuts a fragment into tokens, `tree` says what a browser does with its tags, a [`Policy`] what a place allows.
//! [`check`] holds one against the other, [`sanitize`] leaves out what is not allowed, and [`escape`] turns text into HTML
//! that shows it.

mod check;
mod escape;
#[cfg(test)]
mod oracle;
mod policy;
mod sanitize;
mod scan;
mod tree;

use crate::text::concat;
pub use check::{Finding, check, first_tag};
pub use escape::escape;
pub use policy::{BODY, Policy, TITLE};
pub use sanitize::sanitize;

/// Enough of a text to know it by, for a message about it.
pub(crate) fn shorten(text: &str) -> String {
    const ENOUGH: usize = 40;
    match text.char_indices().nth(ENOUGH) {
        Some((at, _)) => concat(&[text.get(..at).unwrap_or_default(), "…"]),
        None => text.to_owned(),
    }
}
