//! OAuth 2.0 (RFC 6749): the authorization code grant with refresh tokens and PKCE (RFC 7636, only S256).
//!
//! `authorize` shows the owner which application asks for what (`page`), and sends the browser back with a code.
//! `token` exchanges the code or a refresh token for tokens, after `client` has authenticated the application.
//! `store::grants` stores what the owner allowed.

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

/// The redirect URI of an application to which no browser can go back. The inbox shows the code to the user instead.
pub const OUT_OF_BAND: &str = "urn:ietf:wg:oauth:2.0:oob";
