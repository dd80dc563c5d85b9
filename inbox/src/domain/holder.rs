//! Who has a token.

use super::grant::{Access, Refused};
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

impl Holder {
    /// Who has an access token that was looked up.
    pub fn of_access(found: Result<Access, Refused>) -> Holder {
        match found {
            Ok(access) => Holder::Application(access),
            Err(Refused::Expired) => Holder::Expired,
            Err(_) => Holder::Unknown,
        }
    }
}
