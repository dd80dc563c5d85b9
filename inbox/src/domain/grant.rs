//! Grants: what the owner allowed an application, and the codes and tokens that are issued for it.
//!
//! A code or a refresh token is valid for one use. If it comes a second time, somebody has copied it, and nobody can
//! tell the copy from the original. So the grant ends, with everything that was issued for it.

/// How long a code is valid.
pub const CODE_MS: i64 = 10 * 60 * 1000;

/// How long an expired code or access token is remembered, so that its user is told that it expired rather than that it is
/// unknown.
pub const REMEMBERED_MS: i64 = 24 * 60 * 60 * 1000;

/// What the owner allowed an application.
#[derive(Debug)]
pub struct Grant {
    /// The application's id.
    pub application: i64,
    /// The names of the granted scopes, separated by spaces.
    pub scopes: String,
    /// The redirect URI, if the application's request named one.
    pub redirect_uri: Option<String>,
    /// The hash that the code's verifier must have (PKCE).
    pub code_challenge: Option<String>,
}

/// Why a code or a token was refused.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The code or token was never issued, or it was issued to another application, or its grant has ended.
    #[error("it is unknown or was revoked")]
    Unknown,
    /// The code or token was used before. Its grant has just ended because of that.
    #[error("it was used before, so everything that was issued because of it is revoked")]
    Reused,
    /// The code or token has expired.
    #[error("it has expired")]
    Expired,
    /// The request does not match the grant.
    #[error("{0}")]
    Mismatch(&'static str),
}

/// The kinds of tokens that can be exchanged for an access token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A code, from the authorisation.
    Code,
    /// A refresh token, from an earlier answer.
    Refresh,
}

impl Kind {
    /// The name of the kind in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Code => "code",
            Kind::Refresh => "refresh",
        }
    }
}

/// The tokens that an application gets for a code or a refresh token.
pub struct Issued {
    /// The access token, which gives access to the API.
    pub access_token: String,
    /// The next refresh token, if the grant allows one.
    pub refresh_token: Option<String>,
    /// The scopes of the grant.
    pub scopes: String,
}

/// The application that an access token identifies, and its scopes.
#[derive(Debug)]
pub struct Access {
    /// The application's id.
    pub application: i64,
    /// The scopes of the grant.
    pub scopes: String,
    /// When the token expires, in milliseconds since 1970.
    pub expires_ms: Option<i64>,
}

/// A grant, as the owner sees it.
#[derive(Debug)]
pub struct GrantSummary {
    /// The grant's id.
    pub id: i64,
    /// The application's id.
    pub application: i64,
    /// The name of the application.
    pub application_name: String,
    /// The names of the granted scopes, separated by spaces.
    pub scopes: String,
    /// When the owner consented, in milliseconds since 1970. It is 0 for a grant of an older inbox.
    pub created_ms: i64,
}
