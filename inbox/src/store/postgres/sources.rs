//! The table of sources.

use tokio_postgres::Row;

use super::database::Database;
use super::flows;
use crate::domain::source::MAX_SOURCES;
use crate::domain::{FlowKey, Source, SourceApplication, SourceChange};
use crate::secret::{self, Hash};
use crate::store::{StoreError, select};

fn from_row(row: &Row) -> Result<Source, StoreError> {
    Ok(Source {
        flow: flows::from_row(row)?,
        id: row.try_get(7)?,
        name: row.try_get(8)?,
        external_url: row.try_get(9)?,
        error_message: row.try_get(10)?,
        configuration_url: row.try_get(11)?,
        created_ms: row.try_get(12)?,
        updated_ms: row.try_get(13)?,
        last_message_ms: row.try_get(14)?,
        removed: row.try_get(15)?,
        application: SourceApplication {
            id: row.try_get(16)?,
            name: row.try_get(17)?,
            icon_url: row.try_get(18)?,
            configuration_uri: row.try_get(19)?,
        },
        token: token(row, 20)?,
    })
}

/// The hash of a flow token in this column. Another length is the hash of no token.
pub fn token(row: &Row, column: usize) -> Result<Hash, StoreError> {
    Ok(row.try_get::<_, &[u8]>(column)?.try_into().unwrap_or_default())
}

pub async fn by_token(database: &Database, hash: Hash) -> Result<Option<Source>, StoreError> {
    let found = database.row(&select::sources("sources.token_hash = $1"), &[&hash.as_slice()]).await?;
    found.as_ref().map(from_row).transpose()
}

pub async fn by_id(database: &Database, flow: FlowKey, id: i64) -> Result<Option<Source>, StoreError> {
    let sql = select::sources("sources.flow = $1 AND sources.key = $2 AND sources.removed_at IS NULL");
    database.row(&sql, &[&flow, &id]).await?.as_ref().map(from_row).transpose()
}

pub async fn list(database: &Database, flow: Option<FlowKey>) -> Result<Vec<Source>, StoreError> {
    let sql = select::sources("($1::bigint IS NULL OR sources.flow = $1) AND sources.removed_at IS NULL");
    database.rows(&sql, &[&flow]).await?.iter().map(from_row).collect()
}

/// Creates a source, in the transaction. Returns it with its flow token, of which the database stores only a hash. `None` if there is no
/// such application or no such flow, or if the application has `MAX_SOURCES` already.
pub async fn create(
    database: &Database,
    flow: FlowKey,
    application: i64,
    name: &str,
    external_url: Option<&str>,
) -> Result<Option<(Source, String)>, StoreError> {
    let flow_token = secret::random_hex()?;
    let hash = secret::hash(&flow_token);
    // Nobody removes the flow before the source is there to be removed with it.
    if database.row("SELECT 1 FROM flows WHERE key = $1 AND removed_at IS NULL FOR SHARE", &[&flow]).await?.is_none() {
        return Ok(None);
    }
    // Two requests at the same time count one after the other.
    database.row("SELECT 1 FROM applications WHERE key = $1 FOR UPDATE", &[&application]).await?;
    let sql = "INSERT INTO sources (flow, application, name, external_url, token_hash, created_at, updated_at)
               SELECT flows.key, applications.key, $3, $4, $5::bytea, $6::bigint, $6::bigint
               FROM applications, flows
               WHERE applications.key = $2 AND applications.removed_at IS NULL
                 AND flows.key = $1 AND flows.removed_at IS NULL
                 AND (SELECT count(*) FROM sources WHERE application = $2 AND sources.removed_at IS NULL) < $7";
    let now_ms = database.clock.now_ms();
    let made = database
        .execute(sql, &[&flow, &application, &name, &external_url, &hash.as_slice(), &now_ms, &MAX_SOURCES])
        .await?;
    if made == 0 {
        return Ok(None);
    }
    Ok(by_token(database, hash).await?.map(|source| (source, flow_token)))
}

pub async fn update(database: &Database, id: i64, change: SourceChange) -> Result<Option<Source>, StoreError> {
    let SourceChange { error_message, configuration_url } = change;
    let sql = "UPDATE sources SET
                   error_message = CASE WHEN $2 THEN $3 ELSE error_message END,
                   configuration_url = CASE WHEN $4 THEN $5 ELSE configuration_url END,
                   updated_at = $6
               WHERE key = $1";
    let (sets_error, sets_url) = (error_message.is_some(), configuration_url.is_some());
    database
        .execute(
            sql,
            &[
                &id,
                &sets_error,
                &error_message.flatten(),
                &sets_url,
                &configuration_url.flatten(),
                &database.clock.now_ms(),
            ],
        )
        .await?;
    database.row(&select::sources("sources.key = $1"), &[&id]).await?.as_ref().map(from_row).transpose()
}

/// Marks a source as removed. Its row stays, so that a post with its flow token gets a 410. Its threads and messages
/// stay too.
pub async fn remove(database: &Database, id: i64) -> Result<(), StoreError> {
    let sql = "UPDATE sources SET removed_at = $2, updated_at = $2 WHERE key = $1";
    database.execute(sql, &[&id, &database.clock.now_ms()]).await.map(drop)
}
