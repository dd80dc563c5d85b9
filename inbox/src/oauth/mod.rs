//! OAuth 2.0 (RFC 6749), the authorization code grant with refresh tokens and PKCE (RFC 7636, S256 alone).
//!
//! `authorize` shows the owner who asks for what (`page`) and sends the browser back with a code; `token` takes the code, or
//! a refresh token, from an application that proves to be one (`client`). What was allowed is kept by `store::grants`.

mod authorize;
mod client;
mod page;
mod scope;
mod session;
mod token;

pub use authorize::{ask, decide, show_code};
pub use scope::{Scope, Scopes};
pub use session::begin as sign_in;
pub use token::token;

/// The redirect URI of an application that no browser can be sent back to: the code is shown instead.
pub const OUT_OF_BAND: &str = "urn:ietf:wg:oauth:2.0:oob";
