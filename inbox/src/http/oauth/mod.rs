//! The endpoints of OAuth 2.0: the authorization code grant with refresh tokens, and revocation (RFC 7009).
//!
//! `authorize` shows the owner which application asks for what (`page`), and sends the browser back with a code. `token`
//! exchanges the code or a refresh token for tokens, after `client` has authenticated the application. `revoke` ends
//! tokens.

mod authorize;
mod client;
mod error;
mod form_token;
mod page;
mod revoke;
mod token;

pub use authorize::{ask, decide, show_code};
pub use page::{script, style};
pub use revoke::revoke;
pub use token::token;
