//! The rules for all requests to the server, whether they post a message or set up a source: where a token may be sent,
//! what a status means, and that no token is ever shown.

mod base_url;
mod failure;
mod option;
mod port;
mod secret;

pub(crate) use base_url::check as check_base_url;
pub use failure::Attempt;
pub(crate) use failure::{Asked, Failure, with_body};
pub use option::InvalidOption;
pub use port::is_blocked_port;
pub(crate) use secret::Secret;
