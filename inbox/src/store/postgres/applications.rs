//! The table of applications.

use serde_json::json;
use tokio_postgres::Row;

use super::database::Database;
use crate::domain::application::{Application, Credentials, Profile, SECRET_OVERLAP_MS};
use crate::secret;
use crate::store::StoreError;

/// The key of the inbox itself among the applications. It is not listed and has no credentials: it only has a source in each
/// flow in which the owner posts, and so owns the threads that the inbox makes.
pub(super) const OWN: i64 = 0;

/// The columns that [`from_row`] reads. The first parameter is the time.
const COLUMNS: &str = "
    key, client_id, client_secret, CASE WHEN old_secret_until > $1 THEN old_secret END, name, icon, redirect_uris,
    setup_uri, configuration_uri";

fn from_row(row: &Row) -> Result<Application, StoreError> {
    Ok(Application {
        id: row.try_get(0)?,
        credentials: Credentials {
            client_id: row.try_get(1)?,
            client_secret: row.try_get(2)?,
            old_secret: row.try_get(3)?,
        },
        profile: Profile {
            name: row.try_get(4)?,
            icon_url: row.try_get(5)?,
            redirect_uris: serde_json::from_str(row.try_get(6)?)?,
            setup_uri: row.try_get(7)?,
            configuration_uri: row.try_get(8)?,
        },
    })
}

/// The SQL that selects the applications for which `condition` is true, without those that were removed.
fn select(condition: &str) -> String {
    format!("SELECT {COLUMNS} FROM applications WHERE removed_at IS NULL AND {condition} ORDER BY key")
}

pub async fn list(database: &Database) -> Result<Vec<Application>, StoreError> {
    database.rows(&select("true"), &[&database.clock.now_ms()]).await?.iter().map(from_row).collect()
}

pub async fn by_id(database: &Database, id: i64) -> Result<Option<Application>, StoreError> {
    let found = database.row(&select("key = $2"), &[&database.clock.now_ms(), &id]).await?;
    found.as_ref().map(from_row).transpose()
}

pub async fn by_client_id(database: &Database, client_id: &str) -> Result<Option<Application>, StoreError> {
    let found = database.row(&select("client_id = $2"), &[&database.clock.now_ms(), &client_id]).await?;
    found.as_ref().map(from_row).transpose()
}

pub async fn create(database: &Database, profile: &Profile) -> Result<Application, StoreError> {
    let credentials = Credentials::random()?;
    let sql = format!(
        "INSERT INTO applications (client_id, client_secret, name, icon, redirect_uris, setup_uri, configuration_uri)
         SELECT $2, $3, $4, $5, $6, $7, $8 WHERE $1::bigint IS NOT NULL RETURNING {COLUMNS}"
    );
    let row = database
        .one(
            &sql,
            &[
                &database.clock.now_ms(),
                &credentials.client_id,
                &credentials.client_secret,
                &profile.name,
                &profile.icon_url,
                &json!(profile.redirect_uris).to_string(),
                &profile.setup_uri,
                &profile.configuration_uri,
            ],
        )
        .await?;
    from_row(&row)
}

pub async fn update(database: &Database, id: i64, profile: &Profile) -> Result<(), StoreError> {
    let sql = "UPDATE applications SET name = $2, icon = $3, redirect_uris = $4, setup_uri = $5, configuration_uri = $6
               WHERE key = $1";
    let redirect_uris = json!(profile.redirect_uris).to_string();
    database
        .execute(
            sql,
            &[&id, &profile.name, &profile.icon_url, &redirect_uris, &profile.setup_uri, &profile.configuration_uri],
        )
        .await?;
    Ok(())
}

/// Gives the application a new client secret. The old one stays valid for `SECRET_OVERLAP_MS`. Only one old secret is kept:
/// another renewal ends the one before it.
pub async fn renew_secret(database: &Database, id: i64) -> Result<(), StoreError> {
    replace_secret(database, id, Some(database.clock.now_ms() + SECRET_OVERLAP_MS)).await
}

/// Gives the application a new client secret. The old one stays valid until `old_until_ms`, or ends at once.
pub(super) async fn replace_secret(database: &Database, id: i64, old_until_ms: Option<i64>) -> Result<(), StoreError> {
    let sql =
        "UPDATE applications SET old_secret = client_secret, old_secret_until = $3, client_secret = $2 WHERE key = $1";
    database.execute(sql, &[&id, &secret::random_hex()?, &old_until_ms]).await.map(drop)
}

/// Removes an application with its sources and its grants, in a transaction. Its row stays, because its threads show its name.
pub async fn remove(database: &Database, id: i64) -> Result<(), StoreError> {
    for sql in [
        "UPDATE applications SET removed_at = $2 WHERE key = $1",
        "UPDATE sources SET removed_at = $2, updated_at = $2 WHERE application = $1 AND removed_at IS NULL",
        "UPDATE grants SET revoked_at = $2 WHERE application = $1 AND revoked_at IS NULL",
    ] {
        database.execute(sql, &[&id, &database.clock.now_ms()]).await?;
    }
    Ok(())
}

/// The credentials of the application with the lowest id.
pub(super) async fn first_credentials(database: &Database) -> Result<Option<Credentials>, StoreError> {
    let first = database.row(&format!("{} LIMIT 1", select("true")), &[&0_i64]).await?;
    Ok(first.as_ref().map(from_row).transpose()?.map(|application| application.credentials))
}

/// The secret that signs the actions of a source's application. For a day after a new secret was made, that is the old
/// one: the application may not have the new one yet.
pub async fn signing_secret(database: &Database, source: i64) -> Result<Option<String>, StoreError> {
    let sql = "SELECT CASE WHEN old_secret_until > $2 THEN old_secret ELSE client_secret END
               FROM applications JOIN sources ON sources.application = applications.key
               WHERE sources.key = $1 AND sources.removed_at IS NULL AND applications.removed_at IS NULL";
    let found = database.row(sql, &[&source, &database.clock.now_ms()]).await?;
    Ok(found.map(|row| row.try_get(0)).transpose()?)
}
