//! What a request for tokens must have in common with its grant.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::Scopes;
use crate::domain::grant::{Grant, Refused};
use crate::secret;

/// By what a request that exchanges a code is checked: its fields, and the redirect URIs of its application.
pub struct CodeRequest {
    /// The redirect URI.
    pub redirect_uri: Option<String>,
    /// The verifier of PKCE.
    pub verifier: Option<String>,
    /// The redirect URIs that the application registered.
    pub registered: Vec<String>,
}

impl CodeRequest {
    /// Whether the request fits the grant of its code.
    pub fn fits(&self, grant: &Grant) -> Result<(), Refused> {
        let is_same_uri = match (&grant.redirect_uri, &self.redirect_uri) {
            (Some(granted), given) => Some(granted) == given.as_ref(),
            // The authorisation named no redirect URI, so the application had only one then.
            (None, Some(given)) => self.registered.contains(given),
            (None, None) => true,
        };
        if !is_same_uri {
            return Err(Refused::Mismatch("the redirect_uri is not that of the authorisation"));
        }
        let is_verified = match (&grant.code_challenge, &self.verifier) {
            (Some(challenge), Some(verifier)) => *challenge == BASE64_URL_SAFE_NO_PAD.encode(secret::hash(verifier)),
            // A verifier without a challenge is refused: somebody may have removed the challenge from the authorisation
            // (RFC 9700, 4.8.2).
            (None, None) => true,
            _ => false,
        };
        if is_verified { Ok(()) } else { Err(Refused::Mismatch("the code_verifier is not that of the code_challenge")) }
    }
}

/// Checks the scopes that a refresh asks for. Fewer scopes than granted are accepted; the new tokens keep all granted
/// scopes, and the answer names them. More scopes than granted are refused.
pub fn fits_scopes(wanted: Option<Option<Scopes>>, grant: &Grant) -> Result<(), Refused> {
    let granted = Scopes::parse(&grant.scopes);
    match (wanted, granted) {
        (None, _) => Ok(()),
        (Some(Some(wanted)), Some(granted)) if granted.include(&wanted) => Ok(()),
        _ => Err(Refused::Mismatch("the scope is more than was granted")),
    }
}

/// Whether a PKCE challenge has the form of a SHA-256 hash in base64url.
pub fn is_challenge(challenge: &str) -> bool {
    challenge.len() == 43 && challenge.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}
