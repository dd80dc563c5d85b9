//! Who has a token.

use super::grant::Access;
use super::session::Session;

/// Whose token it is, as far as the store knows the token.
#[derive(Debug)]
pub enum Holder {
    /// The owner's API token.
    Owner,
    /// A session of the owner.
    Session(Session),
    /// An application's access token.
    Application(Access),
    /// An access token that has expired.
    Expired,
    /// No token that gives access.
    Unknown,
}
