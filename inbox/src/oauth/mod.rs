//! The rules of OAuth 2.0 (RFC 6749): scopes, and what a request for tokens must have in common with its grant. PKCE
//! (RFC 7636) is supported, only with S256. `http::oauth` holds the endpoints.

mod scope;
mod token_request;

pub use scope::{Scope, Scopes};
pub use token_request::{CodeRequest, fits_scopes, is_challenge};

/// The redirect URI of an application to which no browser can go back. The inbox shows the code to the user instead.
pub const OUT_OF_BAND: &str = "urn:ietf:wg:oauth:2.0:oob";
