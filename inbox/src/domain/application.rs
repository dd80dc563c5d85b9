//! Applications. An application asks the owner for access, and its client secret signs the actions of its sources.

use std::fmt;

use crate::secret::{self, NoRandom};

/// How long the old client secret of an application stays valid after a new one was made: one day, so that every service
/// of the application can get the new one.
pub const SECRET_OVERLAP_MS: i64 = 24 * 60 * 60 * 1000;

/// A registered application.
#[derive(Debug)]
pub struct Application {
    /// The application's id.
    pub id: i64,
    /// The application's client id and client secret for OAuth.
    pub credentials: Credentials,
    /// The data that the application's developer can change.
    pub profile: Profile,
}

/// The data of an application that its developer can change.
#[derive(Debug)]
pub struct Profile {
    /// The name that people see.
    pub name: String,
    /// The URL of the application's icon.
    pub icon_url: Option<String>,
    /// The URIs to which an authorisation may send the browser back. A request's URI must be exactly equal to one of
    /// them.
    pub redirect_uris: Vec<String>,
    /// The URL where a user adds the application to a flow.
    pub setup_uri: Option<String>,
    /// The URL where a user configures a source of the application.
    pub configuration_uri: Option<String>,
}

/// The client id and the client secret with which an application authenticates itself.
pub struct Credentials {
    /// The client id, which is public.
    pub client_id: String,
    /// The client secret. It also signs FLOWDOCK-TOKENs, so it is stored as it is; of all other secrets only a hash is
    /// stored.
    pub client_secret: String,
    /// The secret before this one, while it is still valid.
    pub old_secret: Option<String>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(..)")
    }
}

impl Credentials {
    /// Whether this is the client secret, or the one before it while that is valid.
    ///
    /// Compares hashes, so that the time of the comparison reveals nothing about the secret.
    pub fn has_secret(&self, given: &str) -> bool {
        let is_given = |secret: &String| secret::hash(secret) == secret::hash(given);
        is_given(&self.client_secret) || self.old_secret.as_ref().is_some_and(is_given)
    }

    /// New credentials.
    pub fn random() -> Result<Credentials, NoRandom> {
        Ok(Credentials { client_id: secret::random_hex()?, client_secret: secret::random_hex()?, old_secret: None })
    }
}
