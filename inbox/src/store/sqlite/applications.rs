//! The table of applications.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};
use serde_json::json;

use super::database::Database;
use crate::domain::application::{Application, Credentials, Profile, SECRET_OVERLAP_MS};
use crate::secret;
use crate::store::StoreError;

/// The key of the inbox itself among the applications. It is not listed and has no credentials: it only has a source in each
/// flow in which the owner posts, and so owns the threads that the inbox makes.
pub(super) const OWN: i64 = 0;

const SELECT: &str = "
    SELECT key, client_id, client_secret, iif(old_secret_until > ?1, old_secret, NULL), name, icon, redirect_uris,
           setup_uri, configuration_uri
    FROM applications WHERE removed_at IS NULL";

fn from_row(row: &Row<'_>) -> Result<Application, StoreError> {
    Ok(Application {
        id: row.get(0)?,
        credentials: Credentials { client_id: row.get(1)?, client_secret: row.get(2)?, old_secret: row.get(3)? },
        profile: Profile {
            name: row.get(4)?,
            icon_url: row.get(5)?,
            redirect_uris: serde_json::from_str(&row.get::<_, String>(6)?)?,
            setup_uri: row.get(7)?,
            configuration_uri: row.get(8)?,
        },
    })
}

/// Lists all applications that were not removed.
pub fn list(database: &Database) -> Result<Vec<Application>, StoreError> {
    let mut statement = database.connection.prepare_cached(&format!("{SELECT} ORDER BY key"))?;
    statement.query_and_then([database.clock.now_ms()], from_row)?.collect()
}

/// Finds the application with this id.
pub fn by_id(database: &Database, id: i64) -> Result<Option<Application>, StoreError> {
    let mut statement = database.connection.prepare_cached(&format!("{SELECT} AND key = ?2"))?;
    statement.query_and_then([database.clock.now_ms(), id], from_row)?.next().transpose()
}

/// Finds the application with this client id.
pub fn by_client_id(database: &Database, client_id: &str) -> Result<Option<Application>, StoreError> {
    let mut statement = database.connection.prepare_cached(&format!("{SELECT} AND client_id = ?2"))?;
    statement.query_and_then(params![database.clock.now_ms(), client_id], from_row)?.next().transpose()
}

/// Registers an application.
pub fn create(database: &Database, profile: Profile) -> Result<Application, StoreError> {
    let credentials = Credentials::random()?;
    database.connection.execute(
        "INSERT INTO applications (client_id, client_secret, name, icon, redirect_uris, setup_uri, configuration_uri)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            credentials.client_id,
            credentials.client_secret,
            profile.name,
            profile.icon_url,
            json!(profile.redirect_uris).to_string(),
            profile.setup_uri,
            profile.configuration_uri,
        ],
    )?;
    Ok(Application { id: database.connection.last_insert_rowid(), credentials, profile })
}

/// Stores the changed profile of an application.
pub fn update(database: &Database, id: i64, profile: &Profile) -> Result<(), StoreError> {
    database.connection.execute(
        "UPDATE applications
         SET name = ?2, icon = ?3, redirect_uris = ?4, setup_uri = ?5, configuration_uri = ?6 WHERE key = ?1",
        params![
            id,
            profile.name,
            profile.icon_url,
            json!(profile.redirect_uris).to_string(),
            profile.setup_uri,
            profile.configuration_uri,
        ],
    )?;
    Ok(())
}

/// Gives the application a new client secret. The old one stays valid for `SECRET_OVERLAP_MS`. Only one old secret is kept:
/// another renewal ends the one before it.
pub fn renew_secret(database: &Database, id: i64) -> Result<(), StoreError> {
    replace_secret(&database.connection, id, Some(database.clock.now_ms() + SECRET_OVERLAP_MS))
}

/// Gives the application a new client secret. The old one stays valid until `old_until_ms`, or ends at once.
pub(super) fn replace_secret(connection: &Connection, id: i64, old_until_ms: Option<i64>) -> Result<(), StoreError> {
    connection.execute(
        "UPDATE applications SET old_secret = client_secret, old_secret_until = ?3, client_secret = ?2 WHERE key = ?1",
        params![id, secret::random_hex()?, old_until_ms],
    )?;
    Ok(())
}

/// Removes an application with its sources and its grants. Its row stays, because its threads show its name.
pub fn remove(database: &mut Database, id: i64) -> Result<(), StoreError> {
    let now_ms = database.clock.now_ms();
    let transaction = database.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for sql in [
        "UPDATE applications SET removed_at = ?2 WHERE key = ?1",
        "UPDATE sources SET removed_at = ?2, updated_at = ?2 WHERE application = ?1 AND removed_at IS NULL",
        "UPDATE grants SET revoked_at = ?2 WHERE application = ?1 AND revoked_at IS NULL",
    ] {
        transaction.execute(sql, [id, now_ms])?;
    }
    transaction.commit()?;
    database.bell.announce_end_of_access();
    Ok(())
}

/// Creates client id and client secret for each application that has none yet. Returns those of the first such
/// application.
pub(super) fn complete(transaction: &Transaction<'_>) -> Result<Option<Credentials>, StoreError> {
    let mut statement = transaction.prepare("SELECT key FROM applications WHERE client_id IS NULL ORDER BY key")?;
    let incomplete = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<i64>>>()?;
    let mut first = None;
    for key in incomplete {
        let credentials = Credentials::random()?;
        transaction.execute(
            "UPDATE applications SET client_id = ?2, client_secret = ?3 WHERE key = ?1",
            params![key, credentials.client_id, credentials.client_secret],
        )?;
        first.get_or_insert(credentials);
    }
    Ok(first)
}

/// The credentials of the application with the lowest id.
pub(super) fn first_credentials(transaction: &Transaction<'_>) -> Result<Option<Credentials>, StoreError> {
    let mut statement = transaction.prepare(&format!("{SELECT} ORDER BY key LIMIT 1"))?;
    let first = statement.query_and_then([0], from_row)?.next().transpose()?;
    Ok(first.map(|application| application.credentials))
}

/// The secret that signs the actions of a source's application. For a day after a new secret was made, that is the old
/// one: the application may not have the new one yet.
pub fn signing_secret(database: &Database, source: i64) -> Result<Option<String>, StoreError> {
    let mut statement = database.connection.prepare_cached(
        "SELECT iif(old_secret_until > ?2, old_secret, client_secret)
         FROM applications JOIN sources ON sources.application = applications.key
         WHERE sources.key = ?1 AND sources.removed_at IS NULL AND applications.removed_at IS NULL",
    )?;
    Ok(statement.query_row([source, database.clock.now_ms()], |row| row.get(0)).optional()?)
}
