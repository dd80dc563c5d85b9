//! The table of sources.

use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

use super::applications::OWN;
use super::database::Database;
use super::flows;
use crate::domain::source::MAX_SOURCES;
use crate::domain::{FlowKey, Source, SourceApplication, SourceChange};
use crate::secret::{self, Hash};
use crate::store::{StoreError, select};

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
        last_message_ms: row.get(14)?,
        removed: row.get(15)?,
        application: SourceApplication {
            id: row.get(16)?,
            name: row.get(17)?,
            icon_url: row.get(18)?,
            configuration_uri: row.get(19)?,
        },
        token: row.get(20)?,
    })
}

/// Finds the source with this flow token, even if it was removed.
pub fn by_token(database: &Database, hash: Hash) -> Result<Option<Source>, StoreError> {
    let sql = select::sources("sources.token_hash = ?1");
    Ok(database.connection.prepare_cached(&sql)?.query_row([hash], from_row).optional()?)
}

/// Finds a source of the flow by its id, unless it was removed.
pub fn by_id(database: &Database, flow: FlowKey, id: i64) -> Result<Option<Source>, StoreError> {
    let sql = select::sources("sources.flow = ?1 AND sources.key = ?2 AND sources.removed_at IS NULL");
    Ok(database.connection.prepare_cached(&sql)?.query_row([flow, id], from_row).optional()?)
}

/// Lists the sources of one flow or of all flows, without those that were removed.
pub fn list(database: &Database, flow: Option<FlowKey>) -> Result<Vec<Source>, StoreError> {
    let sql = select::sources("(?1 IS NULL OR sources.flow = ?1) AND sources.removed_at IS NULL");
    let mut statement = database.connection.prepare_cached(&sql)?;
    Ok(statement.query_map([flow], from_row)?.collect::<rusqlite::Result<_>>()?)
}

/// Creates a source. Returns it with its flow token, of which the database stores only a hash. `None` if there is no such
/// application or no such flow, or if the application has `MAX_SOURCES` already.
///
/// When this returns, the source is on the disk.
pub fn create(
    database: &Database,
    flow: FlowKey,
    application: i64,
    name: &str,
    external_url: Option<&str>,
) -> Result<Option<(Source, String)>, StoreError> {
    let flow_token = secret::random_hex()?;
    let hash = secret::hash(&flow_token);
    let made = database.connection.execute(
        "INSERT INTO sources (flow, application, name, external_url, token_hash, created_at, updated_at)
         SELECT :flow, key, :name, :external_url, :hash, :now, :now
         FROM applications WHERE key = :application AND removed_at IS NULL
           AND EXISTS (SELECT 1 FROM flows WHERE key = :flow AND flows.removed_at IS NULL)
           AND (SELECT count(*) FROM sources WHERE application = :application AND removed_at IS NULL) < :most",
        named_params! {
            ":flow": flow,
            ":application": application,
            ":name": name,
            ":external_url": external_url,
            ":hash": hash,
            ":now": database.clock.now_ms(),
            ":most": MAX_SOURCES,
        },
    )?;
    if made == 0 {
        return Ok(None);
    }
    let source = by_token(database, hash)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    Ok(Some((source, flow_token)))
}

/// Changes a source and returns the changed source.
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
    let sql = select::sources("sources.key = ?1");
    Ok(database.connection.prepare_cached(&sql)?.query_row([id], from_row).optional()?)
}

/// The source of the owner in the flow. It has no flow token, and counts as removed, so nobody sees it.
pub(super) fn of_owner(connection: &Connection, flow: FlowKey, now_ms: i64) -> Result<i64, StoreError> {
    let known = connection
        .prepare_cached("SELECT key FROM sources WHERE flow = ?1 AND application = ?2")?
        .query_row([flow, OWN], |row| row.get(0))
        .optional()?;
    if let Some(known) = known {
        return Ok(known);
    }
    let mut statement = connection.prepare_cached(
        "INSERT INTO sources (flow, application, name, token_hash, created_at, updated_at, removed_at)
         VALUES (?1, ?2, 'Owner', randomblob(32), ?3, ?3, ?3)",
    )?;
    Ok(statement.insert(params![flow, OWN, now_ms])?)
}

/// Stores when a source last posted, in the transaction of its post.
pub(super) fn note_post(connection: &Connection, source: i64, now_ms: i64) -> rusqlite::Result<()> {
    connection.prepare_cached("UPDATE sources SET last_message_at = ?2 WHERE key = ?1")?.execute([source, now_ms])?;
    Ok(())
}

/// Marks a source as removed. Its row stays, so that a post with its flow token gets a 410. Its threads and messages
/// stay too.
pub fn remove(database: &Database, id: i64) -> Result<(), StoreError> {
    database
        .connection
        .execute("UPDATE sources SET removed_at = ?2, updated_at = ?2 WHERE key = ?1", [id, database.clock.now_ms()])?;
    Ok(())
}
