//! HTML in titles and bodies: read as a browser reads it, with no DOM at hand.
//!
//! `scan` cuts a fragment into tokens, a [`Policy`] says what a place allows, [`check`] holds one against the other, and
//! [`escape`] turns text into HTML that shows it.

mod check;
mod escape;
mod policy;
mod scan;

pub use check::{Finding, check, first_tag};
pub use escape::escape;
pub use policy::{BODY, Policy, TITLE};

/// Enough of a text to know it by, for a message about it.
pub(crate) fn shorten(text: &str) -> String {
    const ENOUGH: usize = 40;
    match text.char_indices().nth(ENOUGH) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}
