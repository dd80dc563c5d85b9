//! Actions that come back: whether a request is Flowdock's, whose click it was, and how to ask that user to log in.
//!
//! Flowdock calls the `urlTemplate` of an UpdateAction with the action as its body, and vouches for it with a JWT in the
//! header `FLOWDOCK-TOKEN` (docs). [`Token::read`] takes it apart, [`Token::verify`] says whether all of it holds. The
//! hashes are made by the caller: by WebCrypto in JavaScript, which has no other way than to wait for them.

mod base64url;
mod challenge;
mod token;
mod url;

pub use challenge::challenge;
pub(crate) use token::Target;
pub use token::{ActionError, Callback, Proof, Token, VerifiedAction};
