//! Creates tokens and random ids, and hashes tokens.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// The SHA-256 hash of a token. The database stores only this.
///
/// A token has 128 random bits. Unlike a password it cannot be guessed by trying, so a plain hash needs no salt and
/// need not be slow. A lookup by hash also reveals nothing about the token by its duration.
pub type Hash = [u8; 32];

/// The operating system provided no random numbers.
pub type NoRandom = getrandom::Error;

/// Hashes a token, to store it or to look it up.
pub fn hash(token: &str) -> Hash {
    Sha256::digest(token.as_bytes()).into()
}

/// Hashes bytes that come in several parts.
pub fn hash_of<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Hash {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

/// Creates 128 random bits as 32 hexadecimal digits, as Flowdock's tokens have them.
pub fn random_hex() -> Result<String, NoRandom> {
    let mut bits = [0; 16];
    getrandom::fill(&mut bits)?;
    Ok(format!("{:032x}", u128::from_be_bytes(bits)))
}

/// Creates 160 random bits as 27 URL-safe characters, as Flowdock's thread ids have them.
pub fn random_thread_id() -> Result<String, NoRandom> {
    let mut bits = [0; 20];
    getrandom::fill(&mut bits)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bits))
}
