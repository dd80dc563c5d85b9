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
