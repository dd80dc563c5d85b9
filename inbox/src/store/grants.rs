//! Grants: what the owner allowed an application, and the codes and tokens that were issued for it.
//!
//! A code or a refresh token is valid for one use. If it comes a second time, somebody has copied it, and nobody can
//! tell the copy from the original. So the grant ends, with everything that was issued for it.

use rusqlite::{OptionalExtension, Row, Transaction, TransactionBehavior, params};

use super::tokens::Hash;
use super::{Database, StoreError, tokens};

/// How long a code is valid.
const CODE_MS: i64 = 10 * 60 * 1000;

/// How long an expired access token stays in the database, so that its user is told that it expired rather than that it
/// is unknown.
const REMEMBERED_MS: i64 = 24 * 60 * 60 * 1000;

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
pub enum GrantError {
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
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for GrantError {
    fn from(error: rusqlite::Error) -> GrantError {
        GrantError::Store(error.into())
    }
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
    fn name(self) -> &'static str {
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
}

/// Stores a grant and returns its code.
pub fn create(database: &mut Database, grant: &Grant) -> Result<String, StoreError> {
    let expires_ms = database.clock.now_ms() + CODE_MS;
    let transaction = database.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute(
        "INSERT INTO grants (application, scopes, redirect_uri, code_challenge) VALUES (?1, ?2, ?3, ?4)",
        params![grant.application, grant.scopes, grant.redirect_uri, grant.code_challenge],
    )?;
    let key = transaction.last_insert_rowid();
    let code = issue(&transaction, key, "code", Some(expires_ms))?;
    transaction.commit()?;
    Ok(code)
}

/// Exchanges a code or a refresh token for tokens. The code or refresh token is used up by that.
///
/// `fits` checks the request against the grant. If it refuses, the code or refresh token stays valid, so that the
/// application can correct its mistake. `is_lasting` says whether these scopes include a refresh token.
pub fn redeem(
    database: &mut Database,
    kind: Kind,
    hash: Hash,
    application: i64,
    token_lifetime_ms: i64,
    fits: impl FnOnce(&Grant) -> Result<(), GrantError>,
    is_lasting: impl FnOnce(&str) -> bool,
) -> Result<Issued, GrantError> {
    let now_ms = database.clock.now_ms();
    let transaction = database.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = find(&transaction, kind.name(), hash)?.filter(|found| found.grant.application == application);
    let found = found.ok_or(GrantError::Unknown)?;
    if found.is_used {
        transaction.execute("UPDATE grants SET revoked_at = ?2 WHERE key = ?1", [found.key, now_ms])?;
        transaction.commit()?;
        return Err(GrantError::Reused);
    }
    if found.is_revoked {
        return Err(GrantError::Unknown);
    }
    if found.is_expired(now_ms) {
        return Err(GrantError::Expired);
    }
    fits(&found.grant)?;

    transaction.execute("UPDATE grant_tokens SET used_at = ?2 WHERE token_hash = ?1", params![hash, now_ms])?;
    let access_token = issue(&transaction, found.key, "access", Some(now_ms + token_lifetime_ms))?;
    let refresh_token =
        is_lasting(&found.grant.scopes).then(|| issue(&transaction, found.key, "refresh", None)).transpose()?;
    transaction.execute(
        "DELETE FROM grant_tokens WHERE kind = 'access' AND expires_at < ?1",
        [now_ms.saturating_sub(REMEMBERED_MS)],
    )?;
    transaction.commit()?;
    Ok(Issued { access_token, refresh_token, scopes: found.grant.scopes })
}

/// Finds the application and the scopes of an access token.
pub fn access(database: &Database, hash: Hash) -> Result<Access, GrantError> {
    let found = find(&database.connection, "access", hash)?;
    let found = found.filter(|found| !found.is_revoked).ok_or(GrantError::Unknown)?;
    if found.is_expired(database.clock.now_ms()) {
        return Err(GrantError::Expired);
    }
    Ok(Access { application: found.grant.application, scopes: found.grant.scopes })
}

/// A code or token with its grant.
struct Found {
    key: i64,
    grant: Grant,
    is_revoked: bool,
    is_used: bool,
    expires_ms: Option<i64>,
}

impl Found {
    fn is_expired(&self, now_ms: i64) -> bool {
        self.expires_ms.is_some_and(|expires_ms| expires_ms <= now_ms)
    }
}

fn find(connection: &rusqlite::Connection, kind: &str, hash: Hash) -> rusqlite::Result<Option<Found>> {
    let from_row = |row: &Row<'_>| {
        Ok(Found {
            key: row.get(0)?,
            grant: Grant {
                application: row.get(1)?,
                scopes: row.get(2)?,
                redirect_uri: row.get(3)?,
                code_challenge: row.get(4)?,
            },
            is_revoked: row.get(5)?,
            is_used: row.get(6)?,
            expires_ms: row.get(7)?,
        })
    };
    connection
        .prepare_cached(
            "SELECT grants.key, application, scopes, redirect_uri, code_challenge, revoked_at IS NOT NULL,
                    used_at IS NOT NULL, expires_at
             FROM grant_tokens JOIN grants ON grants.key = grant_tokens.grant_key
             WHERE token_hash = ?1 AND kind = ?2",
        )?
        .query_row(params![hash, kind], from_row)
        .optional()
}

fn issue(transaction: &Transaction<'_>, grant: i64, kind: &str, expires_ms: Option<i64>) -> Result<String, StoreError> {
    let token = tokens::random_hex()?;
    transaction.execute(
        "INSERT INTO grant_tokens (token_hash, grant_key, kind, expires_at) VALUES (?1, ?2, ?3, ?4)",
        params![tokens::hash(&token), grant, kind, expires_ms],
    )?;
    Ok(token)
}
