//! Tokens, which open the inbox, and random ids.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rusqlite::{Transaction, params};
use sha2::{Digest, Sha256};

use super::{Database, FlowKey, StoreError};

/// What is kept of a token.
///
/// A token is 128 random bits, not a password that somebody thought of: nobody can try them all, so a plain hash needs
/// neither salt nor slowness. A lookup by hash also tells nothing by the time it takes.
pub type Hash = [u8; 32];

/// The tokens of a first start, as their owner sees them once.
pub struct Tokens {
    /// Posts to the flow.
    pub flow: String,
    /// Reads.
    pub api: String,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens(..)")
    }
}

/// The form in which a token is kept and looked up.
pub fn hash(token: &str) -> Hash {
    Sha256::digest(token.as_bytes()).into()
}

/// 128 random bits as 32 hexadecimal digits, the form that Flowdock's tokens have.
pub fn random_hex() -> Result<String, StoreError> {
    let mut bits = [0; 16];
    getrandom::fill(&mut bits)?;
    Ok(format!("{:032x}", u128::from_be_bytes(bits)))
}

/// 160 random bits as 27 URL-safe characters, the form that Flowdock's thread ids have.
pub fn random_thread_id() -> Result<String, StoreError> {
    let mut bits = [0; 20];
    getrandom::fill(&mut bits)?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bits))
}

/// Whether this is an API token's hash.
pub fn is_api_token(database: &Database, hash: Hash) -> Result<bool, StoreError> {
    Ok(database.connection.prepare_cached("SELECT 1 FROM api_tokens WHERE token_hash = ?1")?.exists([hash])?)
}

/// Makes a source for the flow, a reader, and their tokens.
pub(super) fn create(transaction: &Transaction<'_>, flow: FlowKey) -> Result<Tokens, StoreError> {
    let tokens = Tokens { flow: random_hex()?, api: random_hex()? };
    transaction.execute(
        "INSERT INTO sources (key, flow, application, name, token_hash) VALUES (1, ?1, 1, 'Example source', ?2)",
        params![flow, hash(&tokens.flow)],
    )?;
    transaction.execute("INSERT INTO api_tokens (key, token_hash) VALUES (1, ?1)", [hash(&tokens.api)])?;
    Ok(tokens)
}

/// Gives the source and the reader of the first start new tokens. The old ones are worth nothing from then on.
pub(super) fn replace(transaction: &Transaction<'_>) -> Result<Tokens, StoreError> {
    let tokens = Tokens { flow: random_hex()?, api: random_hex()? };
    transaction.execute("UPDATE sources SET token_hash = ?1 WHERE key = 1", [hash(&tokens.flow)])?;
    transaction.execute("UPDATE api_tokens SET token_hash = ?1 WHERE key = 1", [hash(&tokens.api)])?;
    // Whoever signed in with the old API token is signed in no longer.
    transaction.execute("DELETE FROM sessions", [])?;
    Ok(tokens)
}
