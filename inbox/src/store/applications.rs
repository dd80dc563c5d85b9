//! Applications. An application asks the owner for access, and its client secret signs the actions of its sources.

use std::fmt;

use rusqlite::{OptionalExtension, Row, Transaction, params};
use serde_json::json;

use super::{Database, StoreError, tokens};

/// A registered application.
#[derive(Debug)]
pub struct Application {
    /// The key of the application's row, which is also its id in the API.
    pub id: i64,
    /// The application's client id and client secret for OAuth.
    pub credentials: Credentials,
    /// The data that the application's developer can change.
    pub profile: Profile,
}

/// The data of an application that its developer can change.
#[derive(Debug)]
pub struct Profile {
    /// The name that people see.
    pub name: String,
    /// The URL of the application's icon.
    pub icon_url: Option<String>,
    /// The URIs to which an authorisation may send the browser back. A request's URI must be exactly equal to one of
    /// them.
    pub redirect_uris: Vec<String>,
    /// The URL where a user adds the application to a flow.
    pub setup_uri: Option<String>,
    /// The URL where a user configures a source of the application.
    pub configuration_uri: Option<String>,
}

/// The client id and the client secret with which an application authenticates itself.
pub struct Credentials {
    /// The client id, which is public.
    pub client_id: String,
    /// The client secret. It also signs FLOWDOCK-TOKENs, so it is stored as it is; of all other secrets only a hash is
    /// stored.
    pub client_secret: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(..)")
    }
}

impl Credentials {
    fn random() -> Result<Credentials, StoreError> {
        Ok(Credentials { client_id: tokens::random_hex()?, client_secret: tokens::random_hex()? })
    }
}

const SELECT: &str = "
    SELECT key, client_id, client_secret, name, icon, redirect_uris, setup_uri, configuration_uri FROM applications";

fn from_row(row: &Row<'_>) -> Result<Application, StoreError> {
    Ok(Application {
        id: row.get(0)?,
        credentials: Credentials { client_id: row.get(1)?, client_secret: row.get(2)? },
        profile: Profile {
            name: row.get(3)?,
            icon_url: row.get(4)?,
            redirect_uris: serde_json::from_str(&row.get::<_, String>(5)?)?,
            setup_uri: row.get(6)?,
            configuration_uri: row.get(7)?,
        },
    })
}

/// Lists all applications.
pub fn list(database: &Database) -> Result<Vec<Application>, StoreError> {
    let mut statement = database.connection.prepare_cached(&format!("{SELECT} ORDER BY key"))?;
    statement.query_and_then([], from_row)?.collect()
}

/// Finds the application with this id.
pub fn by_id(database: &Database, id: i64) -> Result<Option<Application>, StoreError> {
    let mut statement = database.connection.prepare_cached(&format!("{SELECT} WHERE key = ?1"))?;
    statement.query_and_then([id], from_row)?.next().transpose()
}

/// Finds the application with this client id.
pub fn by_client_id(database: &Database, client_id: &str) -> Result<Option<Application>, StoreError> {
    let mut statement = database.connection.prepare_cached(&format!("{SELECT} WHERE client_id = ?1"))?;
    statement.query_and_then([client_id], from_row)?.next().transpose()
}

/// Registers an application.
pub fn create(database: &Database, profile: Profile) -> Result<Application, StoreError> {
    let credentials = Credentials::random()?;
    write(database, None, &credentials, &profile)?;
    Ok(Application { id: database.connection.last_insert_rowid(), credentials, profile })
}

/// Stores the changed profile of an application.
pub fn update(database: &Database, application: &Application) -> Result<(), StoreError> {
    write(database, Some(application.id), &application.credentials, &application.profile)
}

/// Inserts a new row, or updates the profile in the row with this id.
fn write(database: &Database, id: Option<i64>, credentials: &Credentials, profile: &Profile) -> Result<(), StoreError> {
    database.connection.execute(
        "INSERT INTO applications
             (key, client_id, client_secret, name, icon, redirect_uris, setup_uri, configuration_uri)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (key) DO UPDATE
         SET name = excluded.name, icon = excluded.icon, redirect_uris = excluded.redirect_uris,
             setup_uri = excluded.setup_uri, configuration_uri = excluded.configuration_uri",
        params![
            id,
            credentials.client_id,
            credentials.client_secret,
            profile.name,
            profile.icon_url,
            json!(profile.redirect_uris).to_string(),
            profile.setup_uri,
            profile.configuration_uri,
        ],
    )?;
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

/// Finds the client secret of an application, which signs the actions of its sources' threads.
pub fn secret(database: &Database, id: i64) -> Result<Option<String>, StoreError> {
    let mut statement = database.connection.prepare_cached("SELECT client_secret FROM applications WHERE key = ?1")?;
    Ok(statement.query_row([id], |row| row.get(0)).optional()?)
}
