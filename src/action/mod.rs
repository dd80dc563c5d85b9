//! Actions that come back: checks whether a request is from Flowdock, says which user clicked, and asks that user to
//! log in.
//!
//! Flowdock calls the `urlTemplate` of an UpdateAction with the action as the body. A JWT in the header
//! `FLOWDOCK-TOKEN` proves that the request is from Flowdock (docs). [`Token::read`] reads the token, and
//! [`Token::verify`] verifies it. The caller computes the hashes, because in JavaScript WebCrypto computes them
//! asynchronously.

mod base64url;
mod challenge;
mod token;
mod url;

pub use challenge::challenge;
pub(crate) use token::Target;
pub use token::{ActionError, Callback, Proof, Token, VerifiedAction};
