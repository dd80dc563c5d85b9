//! The tables of grants and of the codes and tokens that were issued for them.

use tokio_postgres::Row;

use super::database::Database;
use crate::domain::grant::{Access, CODE_MS, Grant, GrantSummary, Issued, Kind, REMEMBERED_MS, Refused};
use crate::secret::{self, Hash};
use crate::store::{GrantError, StoreError};

/// Stores a grant and returns its code.
pub async fn create(database: &Database, grant: &Grant) -> Result<String, StoreError> {
    let now_ms = database.clock.now_ms();
    database.begin().await?;
    let sql = "INSERT INTO grants (application, scopes, redirect_uri, code_challenge, created_at)
               VALUES ($1, $2, $3, $4, $5) RETURNING key";
    let Grant { application, scopes, redirect_uri, code_challenge } = grant;
    let key = database.one(sql, &[application, scopes, redirect_uri, code_challenge, &now_ms]).await?.try_get(0)?;
    let code = issue(database, key, "code", Some(now_ms + CODE_MS)).await?;
    database.commit().await?;
    Ok(code)
}

/// Exchanges a code or a refresh token for tokens, in a transaction. Its row stays locked until the end of the transaction, so a second
/// request, at whichever inbox, finds it used.
pub async fn redeem(
    database: &Database,
    kind: Kind,
    hash: Hash,
    application: i64,
    token_lifetime_ms: i64,
    fits: impl FnOnce(&Grant) -> Result<(), Refused>,
    is_lasting: impl FnOnce(&str) -> bool,
) -> Result<Issued, GrantError> {
    let now_ms = database.clock.now_ms();
    let found = find(database, kind.name(), hash, " FOR UPDATE").await?;
    let found = found.filter(|found| found.grant.application == application).ok_or(Refused::Unknown)?;
    if found.is_used {
        let sql = "UPDATE grants SET revoked_at = $2 WHERE key = $1";
        database.execute(sql, &[&found.key, &now_ms]).await?;
        return Err(Refused::Reused.into());
    }
    if found.is_revoked {
        return Err(Refused::Unknown.into());
    }
    if found.is_expired(now_ms) {
        return Err(Refused::Expired.into());
    }
    fits(&found.grant)?;
    let sql = "UPDATE grant_tokens SET used_at = $2 WHERE token_hash = $1";
    database.execute(sql, &[&hash.as_slice(), &now_ms]).await?;
    let access_token = issue(database, found.key, "access", Some(now_ms + token_lifetime_ms)).await?;
    let refresh_token = match is_lasting(&found.grant.scopes) {
        true => Some(issue(database, found.key, "refresh", None).await?),
        false => None,
    };
    let sql = "DELETE FROM grant_tokens WHERE expires_at < $1";
    database.execute(sql, &[&now_ms.saturating_sub(REMEMBERED_MS)]).await?;
    Ok(Issued { access_token, refresh_token, scopes: found.grant.scopes })
}

/// Finds the application and the scopes of an access token.
pub async fn access(database: &Database, hash: Hash) -> Result<Access, GrantError> {
    let found = find(database, "access", hash, "").await?;
    let found = found.filter(|found| !found.is_revoked).ok_or(Refused::Unknown)?;
    if found.is_expired(database.clock.now_ms()) {
        return Err(Refused::Expired.into());
    }
    let Grant { application, scopes, .. } = found.grant;
    Ok(Access { application, scopes, expires_ms: found.expires_ms })
}

/// Lists the grants that give access now or can give it again: those with a token that has neither ended nor been used
/// up.
pub async fn list(database: &Database) -> Result<Vec<GrantSummary>, StoreError> {
    let sql = "SELECT grants.key, applications.key, applications.name, scopes, grants.created_at
               FROM grants JOIN applications ON applications.key = grants.application
               WHERE revoked_at IS NULL AND EXISTS (
                   SELECT 1 FROM grant_tokens WHERE grant_key = grants.key AND used_at IS NULL
                      AND (expires_at IS NULL OR expires_at > $1))
               ORDER BY grants.key";
    let summary = |row: &Row| {
        Ok(GrantSummary {
            id: row.try_get(0)?,
            application: row.try_get(1)?,
            application_name: row.try_get(2)?,
            scopes: row.try_get(3)?,
            created_ms: row.try_get(4)?,
        })
    };
    database.rows(sql, &[&database.clock.now_ms()]).await?.iter().map(summary).collect()
}

/// Ends a grant with everything that was issued for it. Returns whether there was such a grant.
pub async fn revoke(database: &Database, id: i64) -> Result<bool, StoreError> {
    let sql = "UPDATE grants SET revoked_at = $2 WHERE key = $1 AND revoked_at IS NULL";
    Ok(database.execute(sql, &[&id, &database.clock.now_ms()]).await? > 0)
}

/// Ends a token of an application. An access token ends alone; a refresh token ends its whole grant (RFC 7009, 2.1). A
/// token that is unknown or belongs to another application stays as it is. Returns whether something has ended.
pub async fn revoke_token(database: &Database, hash: Hash, application: i64) -> Result<bool, StoreError> {
    let is_mine = |found: &Found| found.grant.application == application;
    if let Some(found) = find(database, "refresh", hash, "").await?.filter(is_mine) {
        return revoke(database, found.key).await;
    }
    if find(database, "access", hash, "").await?.filter(is_mine).is_none() {
        return Ok(false);
    }
    Ok(database.execute("DELETE FROM grant_tokens WHERE token_hash = $1", &[&hash.as_slice()]).await? > 0)
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

/// Finds a code or token. `lock` is empty, or locks its row and that of its grant.
async fn find(database: &Database, kind: &str, hash: Hash, lock: &str) -> Result<Option<Found>, StoreError> {
    let sql = format!(
        "SELECT grants.key, application, scopes, redirect_uri, code_challenge, revoked_at IS NOT NULL,
                used_at IS NOT NULL, expires_at
         FROM grant_tokens JOIN grants ON grants.key = grant_tokens.grant_key
         WHERE token_hash = $1 AND kind = $2{lock}"
    );
    let Some(row) = database.row(&sql, &[&hash.as_slice(), &kind]).await? else { return Ok(None) };
    Ok(Some(Found {
        key: row.try_get(0)?,
        grant: Grant {
            application: row.try_get(1)?,
            scopes: row.try_get(2)?,
            redirect_uri: row.try_get(3)?,
            code_challenge: row.try_get(4)?,
        },
        is_revoked: row.try_get(5)?,
        is_used: row.try_get(6)?,
        expires_ms: row.try_get(7)?,
    }))
}

async fn issue(database: &Database, grant: i64, kind: &str, expires_ms: Option<i64>) -> Result<String, StoreError> {
    let token = secret::random_hex()?;
    let sql = "INSERT INTO grant_tokens (token_hash, grant_key, kind, expires_at) VALUES ($1, $2, $3, $4)";
    database.execute(sql, &[&secret::hash(&token).as_slice(), &grant, &kind, &expires_ms]).await?;
    Ok(token)
}
