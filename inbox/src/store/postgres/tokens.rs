//! The API token, and the tokens that the first start and `--new-tokens` create.

use super::applications;
use super::database::Database;
use crate::domain::{Credentials, FlowKey, Secrets, Tokens};
use crate::secret::{self, Hash};
use crate::store::StoreError;

/// Whether this is the hash of an API token.
pub async fn is_api_token(database: &Database, hash: Hash) -> Result<bool, StoreError> {
    Ok(database.row("SELECT 1 FROM api_tokens WHERE token_hash = $1", &[&hash.as_slice()]).await?.is_some())
}

/// Creates the first application with a source in the flow, and the API token.
pub(super) async fn create(database: &Database, flow: FlowKey) -> Result<Secrets, StoreError> {
    let (application, credentials) = first_application(database).await?;
    let tokens = Tokens { flow: first_source(database, flow, application).await?, api: secret::random_hex()? };
    let hash = secret::hash(&tokens.api);
    database.execute("INSERT INTO api_tokens (token_hash) VALUES ($1)", &[&hash.as_slice()]).await?;
    Ok(Secrets { tokens: Some(tokens), application: credentials })
}

/// Ends everything that gives access to the inbox, and creates a new API token, a new flow token for the first source,
/// and a new client secret for each application.
///
/// All grants and sessions end. Every other source gets a flow token that nobody knows: its messages stay, and its
/// integration must be set up again.
///
/// Locks the tables, in the order in which others use them. So whatever gives access is stored before, and ends here, or is stored after
/// this transaction; who gets it must show then that its own access goes on (`http::auth`).
pub(super) async fn replace(database: &Database) -> Result<Secrets, StoreError> {
    database
        .client()
        .batch_execute("LOCK TABLE applications, sources, grants, grant_tokens, sessions IN EXCLUSIVE MODE")
        .await?;
    let api = secret::random_hex()?;
    let hash = secret::hash(&api);
    database.execute("UPDATE api_tokens SET token_hash = $1", &[&hash.as_slice()]).await?;
    database.execute("DELETE FROM sessions", &[]).await?;
    let sql = "UPDATE grants SET revoked_at = $1 WHERE revoked_at IS NULL";
    database.execute(sql, &[&database.clock.now_ms()]).await?;
    let mut flow_token = None;
    for source in keys(database, "SELECT key FROM sources WHERE removed_at IS NULL ORDER BY key").await? {
        let token = secret::random_hex()?;
        let hash = secret::hash(&token);
        database.execute("UPDATE sources SET token_hash = $2 WHERE key = $1", &[&source, &hash.as_slice()]).await?;
        flow_token.get_or_insert(token);
    }
    for application in keys(database, "SELECT key FROM applications WHERE removed_at IS NULL").await? {
        applications::replace_secret(database, application, None).await?;
    }
    let flow = match flow_token {
        Some(token) => token,
        None => {
            let flow = database.one("SELECT min(key) FROM flows WHERE removed_at IS NULL", &[]).await?.try_get(0)?;
            let (application, _) = first_application(database).await?;
            first_source(database, flow, application).await?
        }
    };
    let application = applications::first_credentials(database).await?;
    Ok(Secrets { tokens: Some(Tokens { flow, api }), application })
}

async fn keys(database: &Database, sql: &str) -> Result<Vec<i64>, StoreError> {
    Ok(database.rows(sql, &[]).await?.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
}

/// Finds the application with the lowest id. If the inbox has no application, creates one, and returns its credentials as
/// well.
async fn first_application(database: &Database) -> Result<(i64, Option<Credentials>), StoreError> {
    let sql = "SELECT min(key) FROM applications WHERE removed_at IS NULL";
    if let Some(application) = database.one(sql, &[]).await?.try_get(0)? {
        return Ok((application, None));
    }
    let credentials = Credentials::random()?;
    let sql = "INSERT INTO applications (name, client_id, client_secret) VALUES ('Example application', $1, $2)
               RETURNING key";
    let row = database.one(sql, &[&credentials.client_id, &credentials.client_secret]).await?;
    Ok((row.try_get(0)?, Some(credentials)))
}

/// Creates a source and returns its flow token.
async fn first_source(database: &Database, flow: FlowKey, application: i64) -> Result<String, StoreError> {
    let token = secret::random_hex()?;
    let sql = "INSERT INTO sources (flow, application, name, token_hash, created_at, updated_at)
               VALUES ($1, $2, 'Example source', $3, $4, $4)";
    let hash = secret::hash(&token);
    database.execute(sql, &[&flow, &application, &hash.as_slice(), &database.clock.now_ms()]).await?;
    Ok(token)
}
