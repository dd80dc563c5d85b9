//! Sources: an application, set up to post to one flow for one external entity.

use rusqlite::{OptionalExtension, Row, named_params, params};

use super::tokens::Hash;
use super::{Database, Flow, FlowKey, StoreError, flows, tokens};

/// Somebody who posts to a flow.
#[derive(Debug)]
pub struct Source {
    /// Its row, and the id that others see.
    pub id: i64,
    /// Where it posts to.
    pub flow: Flow,
    /// The external entity: a repository, a project.
    pub name: String,
    /// Where that is.
    pub external_url: Option<String>,
    /// What is wrong with it, for the people of the flow.
    pub error_message: Option<String>,
    /// Where it can be configured, if not where its application says.
    pub configuration_url: Option<String>,
    /// When it was made.
    pub created_ms: i64,
    /// When it was changed.
    pub updated_ms: i64,
    /// Whether a user removed it.
    pub removed: bool,
    /// Whose it is.
    pub application: SourceApplication,
}

/// What a source tells of its application.
#[derive(Debug)]
pub struct SourceApplication {
    /// Its id.
    pub id: i64,
    /// For people.
    pub name: String,
    /// Its picture.
    pub icon_url: Option<String>,
    /// Where its sources can be configured.
    pub configuration_uri: Option<String>,
}

/// What changes in a source: `None` leaves a field as it is, `Some(None)` empties it.
#[derive(Debug, Default)]
pub struct SourceChange {
    /// See [`Source::error_message`].
    pub error_message: Option<Option<String>>,
    /// See [`Source::configuration_url`].
    pub configuration_url: Option<Option<String>>,
}

/// The source of which `condition` is true.
fn select(condition: &str) -> String {
    format!(
        "SELECT {}, sources.key, sources.name, sources.external_url, sources.error_message, sources.configuration_url,
                sources.created_at, sources.updated_at, sources.removed_at IS NOT NULL,
                applications.key, applications.name, applications.icon, applications.configuration_uri
         FROM sources
         JOIN flows ON flows.key = sources.flow
         JOIN organizations ON organizations.key = flows.organization
         JOIN applications ON applications.key = sources.application
         WHERE {condition}
         ORDER BY sources.key",
        flows::COLUMNS
    )
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Source> {
    Ok(Source {
        flow: flows::from_row(row)?,
        id: row.get(7)?,
        name: row.get(8)?,
        external_url: row.get(9)?,
        error_message: row.get(10)?,
        configuration_url: row.get(11)?,
        created_ms: row.get(12)?,
        updated_ms: row.get(13)?,
        removed: row.get(14)?,
        application: SourceApplication {
            id: row.get(15)?,
            name: row.get(16)?,
            icon_url: row.get(17)?,
            configuration_uri: row.get(18)?,
        },
    })
}

/// The source that has this flow token, removed or not.
pub fn by_token(database: &Database, hash: Hash) -> Result<Option<Source>, StoreError> {
    let sql = select("sources.token_hash = ?1");
    Ok(database.connection.prepare_cached(&sql)?.query_row([hash], from_row).optional()?)
}

/// The source that began this thread of the flow, removed or not.
pub fn of_thread(database: &Database, flow: FlowKey, thread: &str) -> Result<Option<Source>, StoreError> {
    let sql = select("sources.key = (SELECT source FROM threads WHERE flow = ?1 AND id = ?2)");
    Ok(database.connection.prepare_cached(&sql)?.query_row(params![flow, thread], from_row).optional()?)
}

/// A source of the flow that nobody removed.
pub fn by_id(database: &Database, flow: FlowKey, id: i64) -> Result<Option<Source>, StoreError> {
    let sql = select("sources.flow = ?1 AND sources.key = ?2 AND sources.removed_at IS NULL");
    Ok(database.connection.prepare_cached(&sql)?.query_row([flow, id], from_row).optional()?)
}

/// The sources that nobody removed, of one flow or of all.
pub fn list(database: &Database, flow: Option<FlowKey>) -> Result<Vec<Source>, StoreError> {
    let sql = select("(?1 IS NULL OR sources.flow = ?1) AND sources.removed_at IS NULL");
    let mut statement = database.connection.prepare_cached(&sql)?;
    Ok(statement.query_map([flow], from_row)?.collect::<rusqlite::Result<_>>()?)
}

/// Makes a source. Its flow token is known to nobody but the caller; what is kept is a hash.
///
/// The source is on the disk when this returns.
pub fn create(
    database: &Database,
    flow: FlowKey,
    application: i64,
    name: &str,
    external_url: Option<&str>,
) -> Result<(Source, String), StoreError> {
    let flow_token = tokens::random_hex()?;
    let hash = tokens::hash(&flow_token);
    database.connection.execute(
        "INSERT INTO sources (flow, application, name, external_url, token_hash, created_at, updated_at)
         VALUES (:flow, :application, :name, :external_url, :hash, :now, :now)",
        named_params! {
            ":flow": flow,
            ":application": application,
            ":name": name,
            ":external_url": external_url,
            ":hash": hash,
            ":now": database.clock.now_ms(),
        },
    )?;
    let source = by_token(database, hash)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    Ok((source, flow_token))
}

/// Changes a source and gives it as it then is.
pub fn update(database: &Database, id: i64, change: SourceChange) -> Result<Option<Source>, StoreError> {
    let SourceChange { error_message, configuration_url } = change;
    database.connection.execute(
        "UPDATE sources SET
            error_message = iif(:sets_error, :error, error_message),
            configuration_url = iif(:sets_url, :url, configuration_url),
            updated_at = :now
         WHERE key = :id",
        named_params! {
            ":sets_error": error_message.is_some(),
            ":error": error_message.flatten(),
            ":sets_url": configuration_url.is_some(),
            ":url": configuration_url.flatten(),
            ":now": database.clock.now_ms(),
            ":id": id,
        },
    )?;
    let sql = select("sources.key = ?1");
    Ok(database.connection.prepare_cached(&sql)?.query_row([id], from_row).optional()?)
}

/// Removes a source. Its row stays, so that whoever posts with its token can be told; so do its threads and messages.
pub fn remove(database: &Database, id: i64) -> Result<(), StoreError> {
    database
        .connection
        .execute("UPDATE sources SET removed_at = ?2, updated_at = ?2 WHERE key = ?1", [id, database.clock.now_ms()])?;
    Ok(())
}
