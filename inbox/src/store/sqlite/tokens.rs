//! The API token, and the tokens that the first start and `--new-tokens` create.

use rusqlite::{Transaction, params};

use super::applications;
use super::database::Database;
use crate::domain::{Credentials, FlowKey, Secrets, Tokens};
use crate::secret::{self, Hash};
use crate::store::StoreError;

/// Whether this is the hash of an API token.
pub fn is_api_token(database: &Database, hash: Hash) -> Result<bool, StoreError> {
    Ok(database.connection.prepare_cached("SELECT 1 FROM api_tokens WHERE token_hash = ?1")?.exists([hash])?)
}

/// Creates the first application with a source in the flow, and the API token.
pub(super) fn create(transaction: &Transaction<'_>, flow: FlowKey, now_ms: i64) -> Result<Secrets, StoreError> {
    let (application, credentials) = first_application(transaction)?;
    let tokens = Tokens { flow: first_source(transaction, flow, application, now_ms)?, api: secret::random_hex()? };
    transaction.execute("INSERT INTO api_tokens (key, token_hash) VALUES (1, ?1)", [secret::hash(&tokens.api)])?;
    Ok(Secrets { tokens: Some(tokens), application: credentials })
}

/// Ends everything that gives access to the inbox, and creates a new API token, a new flow token for the first source,
/// and a new client secret for each application.
///
/// All grants and sessions end. Every other source gets a flow token that nobody knows: its messages stay, and its
/// integration must be set up again.
pub(super) fn replace(transaction: &Transaction<'_>, now_ms: i64) -> Result<Secrets, StoreError> {
    let api = secret::random_hex()?;
    transaction.execute("UPDATE api_tokens SET token_hash = ?1 WHERE key = 1", [secret::hash(&api)])?;
    transaction.execute("DELETE FROM sessions", [])?;
    transaction.execute("UPDATE grants SET revoked_at = ?1 WHERE revoked_at IS NULL", [now_ms])?;
    let mut flow_token = None;
    for source in keys(transaction, "SELECT key FROM sources WHERE removed_at IS NULL ORDER BY key")? {
        let token = secret::random_hex()?;
        let hash = secret::hash(&token);
        transaction.execute("UPDATE sources SET token_hash = ?2 WHERE key = ?1", params![source, hash])?;
        flow_token.get_or_insert(token);
    }
    for application in keys(transaction, "SELECT key FROM applications WHERE removed_at IS NULL")? {
        applications::replace_secret(transaction, application, None)?;
    }

    let flow = match flow_token {
        Some(token) => token,
        None => {
            let flow =
                transaction.query_row("SELECT min(key) FROM flows WHERE removed_at IS NULL", [], |row| row.get(0))?;
            let (application, _) = first_application(transaction)?;
            first_source(transaction, flow, application, now_ms)?
        }
    };
    let application = applications::first_credentials(transaction)?;
    Ok(Secrets { tokens: Some(Tokens { flow, api }), application })
}

fn keys(transaction: &Transaction<'_>, sql: &str) -> Result<Vec<i64>, StoreError> {
    let mut statement = transaction.prepare(sql)?;
    Ok(statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}

/// Finds the application with the lowest id. If the inbox has no application, creates one, and returns its credentials as
/// well.
fn first_application(transaction: &Transaction<'_>) -> Result<(i64, Option<Credentials>), StoreError> {
    let sql = "SELECT min(key) FROM applications WHERE removed_at IS NULL";
    if let Some(application) = transaction.query_row(sql, [], |row| row.get::<_, Option<i64>>(0))? {
        return Ok((application, None));
    }
    let credentials = Credentials::random()?;
    transaction.execute(
        "INSERT INTO applications (name, client_id, client_secret) VALUES ('Example application', ?1, ?2)",
        [&credentials.client_id, &credentials.client_secret],
    )?;
    Ok((transaction.last_insert_rowid(), Some(credentials)))
}

/// Creates a source and returns its flow token.
fn first_source(
    transaction: &Transaction<'_>,
    flow: FlowKey,
    application: i64,
    now_ms: i64,
) -> Result<String, StoreError> {
    let token = secret::random_hex()?;
    transaction.execute(
        "INSERT INTO sources (flow, application, name, token_hash, created_at, updated_at)
         VALUES (?1, ?2, 'Example source', ?3, ?4, ?4)",
        params![flow, application, secret::hash(&token), now_ms],
    )?;
    Ok(token)
}
