//! Creates and checks tokens, and creates random ids.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rusqlite::{Transaction, params};
use sha2::{Digest, Sha256};

use super::{Database, FlowKey, StoreError};

/// The SHA-256 hash of a token. The database stores only this.
///
/// A token has 128 random bits. Unlike a password it cannot be guessed by trying, so a plain hash needs no salt and
/// need not be slow. A lookup by hash also reveals nothing about the token by its duration.
pub type Hash = [u8; 32];

/// The tokens of the first start, which the owner sees only once.
pub struct Tokens {
    /// The flow token, which posts messages to the flow.
    pub flow: String,
    /// The API token, which gives access to everything.
    pub api: String,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens(..)")
    }
}

/// Hashes a token, to store it or to look it up.
pub fn hash(token: &str) -> Hash {
    Sha256::digest(token.as_bytes()).into()
}

/// Creates 128 random bits as 32 hexadecimal digits, as Flowdock's tokens have them.
pub fn random_hex() -> Result<String, StoreError> {
    let mut bits = [0; 16];
    getrandom::fill(&mut bits)?;
    Ok(format!("{:032x}", u128::from_be_bytes(bits)))
}

/// Creates 160 random bits as 27 URL-safe characters, as Flowdock's thread ids have them.
pub fn random_thread_id() -> Result<String, StoreError> {
    let mut bits = [0; 20];
    getrandom::fill(&mut bits)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bits))
}

/// Whether this is the hash of an API token.
pub fn is_api_token(database: &Database, hash: Hash) -> Result<bool, StoreError> {
    Ok(database.connection.prepare_cached("SELECT 1 FROM api_tokens WHERE token_hash = ?1")?.exists([hash])?)
}

/// Creates the first source of the flow and the API token. Returns their tokens.
pub(super) fn create(transaction: &Transaction<'_>, flow: FlowKey) -> Result<Tokens, StoreError> {
    let tokens = Tokens { flow: random_hex()?, api: random_hex()? };
    transaction.execute(
        "INSERT INTO sources (key, flow, application, name, token_hash) VALUES (1, ?1, 1, 'Example source', ?2)",
        params![flow, hash(&tokens.flow)],
    )?;
    transaction.execute("INSERT INTO api_tokens (key, token_hash) VALUES (1, ?1)", [hash(&tokens.api)])?;
    Ok(tokens)
}

/// Creates a new flow token for the first source and a new API token. The old ones stop working.
pub(super) fn replace(transaction: &Transaction<'_>) -> Result<Tokens, StoreError> {
    let tokens = Tokens { flow: random_hex()?, api: random_hex()? };
    transaction.execute("UPDATE sources SET token_hash = ?1 WHERE key = 1", [hash(&tokens.flow)])?;
    transaction.execute("UPDATE api_tokens SET token_hash = ?1 WHERE key = 1", [hash(&tokens.api)])?;
    // Ends the sessions of browsers that signed in with the old API token.
    transaction.execute("DELETE FROM sessions", [])?;
    Ok(tokens)
}
