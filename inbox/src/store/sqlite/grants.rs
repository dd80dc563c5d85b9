//! The tables of grants and of the codes and tokens that were issued for them.

use rusqlite::{OptionalExtension, Row, Transaction, TransactionBehavior, params};

use super::database::Database;
use crate::domain::grant::{Access, CODE_MS, Grant, GrantSummary, Issued, Kind, REMEMBERED_MS, Refused};
use crate::secret::{self, Hash};
use crate::store::{GrantError, StoreError};

/// Stores a grant and returns its code.
pub fn create(database: &mut Database, grant: &Grant) -> Result<String, StoreError> {
    let now_ms = database.clock.now_ms();
    let transaction = database.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute(
        "INSERT INTO grants (application, scopes, redirect_uri, code_challenge, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![grant.application, grant.scopes, grant.redirect_uri, grant.code_challenge, now_ms],
    )?;
    let key = transaction.last_insert_rowid();
    let code = issue(&transaction, key, "code", Some(now_ms + CODE_MS))?;
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
    fits: impl FnOnce(&Grant) -> Result<(), Refused>,
    is_lasting: impl FnOnce(&str) -> bool,
) -> Result<Issued, GrantError> {
    let now_ms = database.clock.now_ms();
    let transaction = database.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = find(&transaction, kind.name(), hash)?.filter(|found| found.grant.application == application);
    let found = found.ok_or(Refused::Unknown)?;
    if found.is_used {
        transaction.execute("UPDATE grants SET revoked_at = ?2 WHERE key = ?1", [found.key, now_ms])?;
        transaction.commit()?;
        database.bell.announce_end_of_access();
        return Err(Refused::Reused.into());
    }
    if found.is_revoked {
        return Err(Refused::Unknown.into());
    }
    if found.is_expired(now_ms) {
        return Err(Refused::Expired.into());
    }
    fits(&found.grant)?;

    transaction.execute("UPDATE grant_tokens SET used_at = ?2 WHERE token_hash = ?1", params![hash, now_ms])?;
    let access_token = issue(&transaction, found.key, "access", Some(now_ms + token_lifetime_ms))?;
    let refresh_token =
        is_lasting(&found.grant.scopes).then(|| issue(&transaction, found.key, "refresh", None)).transpose()?;
    transaction.execute("DELETE FROM grant_tokens WHERE expires_at < ?1", [now_ms.saturating_sub(REMEMBERED_MS)])?;
    transaction.commit()?;
    Ok(Issued { access_token, refresh_token, scopes: found.grant.scopes })
}

/// Finds the application and the scopes of an access token.
pub fn access(database: &Database, hash: Hash) -> Result<Access, GrantError> {
    let found = find(&database.connection, "access", hash)?;
    let found = found.filter(|found| !found.is_revoked).ok_or(Refused::Unknown)?;
    if found.is_expired(database.clock.now_ms()) {
        return Err(Refused::Expired.into());
    }
    let Grant { application, scopes, .. } = found.grant;
    Ok(Access { application, scopes, expires_ms: found.expires_ms })
}

/// Lists the grants that give access now or can give it again: those with a token that has neither ended nor been used
/// up.
pub fn list(database: &Database) -> Result<Vec<GrantSummary>, StoreError> {
    let mut statement = database.connection.prepare_cached(
        "SELECT grants.key, applications.key, applications.name, scopes, grants.created_at
         FROM grants JOIN applications ON applications.key = grants.application
         WHERE revoked_at IS NULL AND EXISTS (
             SELECT 1 FROM grant_tokens WHERE grant_key = grants.key AND used_at IS NULL
                AND (expires_at IS NULL OR expires_at > ?1))
         ORDER BY grants.key",
    )?;
    let summary = |row: &Row<'_>| {
        Ok(GrantSummary {
            id: row.get(0)?,
            application: row.get(1)?,
            application_name: row.get(2)?,
            scopes: row.get(3)?,
            created_ms: row.get(4)?,
        })
    };
    Ok(statement.query_map([database.clock.now_ms()], summary)?.collect::<rusqlite::Result<_>>()?)
}

/// Ends a grant with everything that was issued for it. Returns whether there was such a grant.
pub fn revoke(database: &Database, id: i64) -> Result<bool, StoreError> {
    let sql = "UPDATE grants SET revoked_at = ?2 WHERE key = ?1 AND revoked_at IS NULL";
    let ended = database.connection.execute(sql, [id, database.clock.now_ms()])?;
    database.bell.announce_end_of_access();
    Ok(ended > 0)
}

/// Ends a token of an application. An access token ends alone; a refresh token ends its whole grant (RFC 7009, 2.1). A
/// token that is unknown or belongs to another application stays as it is.
pub fn revoke_token(database: &Database, hash: Hash, application: i64) -> Result<(), StoreError> {
    let mine = |kind| -> Result<Option<Found>, StoreError> {
        Ok(find(&database.connection, kind, hash)?.filter(|found| found.grant.application == application))
    };
    if let Some(found) = mine("refresh")? {
        revoke(database, found.key)?;
    } else if mine("access")?.is_some() {
        database.connection.execute("DELETE FROM grant_tokens WHERE token_hash = ?1", [hash])?;
        database.bell.announce_end_of_access();
    }
    Ok(())
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
    let token = secret::random_hex()?;
    transaction.execute(
        "INSERT INTO grant_tokens (token_hash, grant_key, kind, expires_at) VALUES (?1, ?2, ?3, ?4)",
        params![secret::hash(&token), grant, kind, expires_ms],
    )?;
    Ok(token)
}
