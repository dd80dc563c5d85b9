//! Sessions. A session is a sign-in of the owner, mostly of a page in a browser.
//!
//! The page exchanges the API token for the token of a session and keeps only the latter. So the API token is in no
//! browser, and the owner can end each session by itself.

/// How long a session lasts after the page was last loaded: 30 days.
pub const SESSION_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// A session.
#[derive(Clone, Debug)]
pub struct Session {
    /// The session's id.
    pub id: i64,
    /// The browser, by its own words.
    pub browser: String,
    /// When the owner signed in, in milliseconds since 1970.
    pub created_ms: i64,
    /// When the page was last loaded, in milliseconds since 1970.
    pub renewed_ms: i64,
    /// When the session ends by itself, in milliseconds since 1970.
    pub expires_ms: i64,
}
