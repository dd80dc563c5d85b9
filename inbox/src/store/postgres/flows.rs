//! Organisations and their flows.

use tokio_postgres::Row;

use super::database::Database;
use crate::domain::flow::{self, MAX_FLOWS, Refused, path_names};
use crate::domain::{Flow, FlowKey, Organization};
use crate::secret;
use crate::store::{FlowError, StoreError, select};

/// Reads a flow from the first columns of a row.
pub(super) fn from_row(row: &Row) -> Result<Flow, StoreError> {
    Ok(Flow {
        key: row.try_get(0)?,
        id: row.try_get(1)?,
        name: row.try_get(2)?,
        parameterized_name: row.try_get(3)?,
        organization: Organization { id: row.try_get(4)?, name: row.try_get(5)?, parameterized_name: row.try_get(6)? },
    })
}

pub async fn find(database: &Database, organization: &str, flow: &str) -> Result<Option<Flow>, StoreError> {
    let sql = select::flows("organizations.parameterized_name = $1 AND flows.parameterized_name = $2");
    database.row(&sql, &[&organization, &flow]).await?.as_ref().map(from_row).transpose()
}

pub async fn list(database: &Database) -> Result<Vec<Flow>, StoreError> {
    database.rows(&select::flows("true ORDER BY flows.key"), &[]).await?.iter().map(from_row).collect()
}

pub async fn by_id(database: &Database, id: &str) -> Result<Option<Flow>, StoreError> {
    database.row(&select::flows("flows.id = $1"), &[&id]).await?.as_ref().map(from_row).transpose()
}

async fn by_key(database: &Database, key: FlowKey) -> Result<Option<Flow>, StoreError> {
    database.row(&select::flows("flows.key = $1"), &[&key]).await?.as_ref().map(from_row).transpose()
}

/// Finds the flow that a start announces: that of the oldest source, whose flow token a start with new tokens shows. If there
/// are no sources, it is the oldest flow.
pub(super) async fn announced(database: &Database) -> Result<Flow, StoreError> {
    let first = "(SELECT min(key) FROM sources WHERE sources.flow = flows.key AND sources.removed_at IS NULL)";
    let sql = select::flows(&format!("true ORDER BY {first} NULLS LAST, flows.key LIMIT 1"));
    from_row(&database.one(&sql, &[]).await?)
}

/// Locks out every other change of the list of flows, until the transaction ends. Readers go on, and so do posts.
pub(super) async fn lock(database: &Database) -> Result<(), StoreError> {
    database.execute("LOCK TABLE organizations IN SHARE ROW EXCLUSIVE MODE", &[]).await.map(drop)
}

/// Creates a flow, in a transaction.
pub async fn create(database: &Database, organization: i64, name: &str) -> Result<Flow, FlowError> {
    lock(database).await?;
    let flows: i64 = database.one("SELECT count(*) FROM flows WHERE removed_at IS NULL", &[]).await?.try_get(0)?;
    let refused = if flows >= MAX_FLOWS {
        Some(Refused::TooMany)
    } else {
        is_taken(database, organization, name, None).await?.then_some(Refused::NameTaken)
    };
    if let Some(refused) = refused {
        return Err(refused.into());
    }
    let sql = "SELECT parameterized_name FROM flows WHERE organization = $1";
    let taken = database.rows(sql, &[&organization]).await?;
    let taken = taken.iter().map(|row| row.try_get(0)).collect::<Result<Vec<String>, _>>()?;
    let path_name = path_names(name).find(|name| !taken.contains(name)).ok_or(Refused::TooMany)?;
    let key = insert(database, organization, name, &path_name).await?;
    Ok(by_key(database, key).await?.ok_or(StoreError::Closed)?)
}

/// Gives a flow another name, in a transaction.
pub async fn rename(database: &Database, flow: &Flow, name: &str) -> Result<Option<Flow>, FlowError> {
    lock(database).await?;
    if is_taken(database, flow.organization.id, name, Some(flow.key)).await? {
        return Err(Refused::NameTaken.into());
    }
    let sql = "UPDATE flows SET name = $2 WHERE key = $1 AND removed_at IS NULL";
    database.execute(sql, &[&flow.key, &name]).await?;
    Ok(by_key(database, flow.key).await?)
}

/// Whether another flow has this name: people could not tell the two apart.
async fn is_taken(
    database: &Database,
    organization: i64,
    name: &str,
    own: Option<FlowKey>,
) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM flows
               WHERE organization = $1 AND name = $2 AND removed_at IS NULL AND key IS DISTINCT FROM $3::bigint LIMIT 1";
    Ok(database.row(sql, &[&organization, &name, &own]).await?.is_some())
}

async fn insert(database: &Database, organization: i64, name: &str, path_name: &str) -> Result<FlowKey, StoreError> {
    let sql = "INSERT INTO flows (id, organization, name, parameterized_name) VALUES ($1, $2, $3, $4) RETURNING key";
    Ok(database.one(sql, &[&secret::random_hex()?, &organization, &name, &path_name]).await?.try_get(0)?)
}

fn organization_from_row(row: &Row) -> Result<Organization, StoreError> {
    Ok(Organization { id: row.try_get(0)?, name: row.try_get(1)?, parameterized_name: row.try_get(2)? })
}

pub async fn organizations(database: &Database) -> Result<Vec<Organization>, StoreError> {
    let rows = database.rows(&format!("{} ORDER BY key", select::ORGANIZATION), &[]).await?;
    rows.iter().map(organization_from_row).collect()
}

pub async fn rename_organization(database: &Database, id: i64, name: &str) -> Result<Option<Organization>, StoreError> {
    let sql = "UPDATE organizations SET name = $2 WHERE key = $1 RETURNING key, name, parameterized_name";
    database.row(sql, &[&id, &name]).await?.as_ref().map(organization_from_row).transpose()
}

/// Creates the first organisation with one flow.
pub(super) async fn create_first(database: &Database, organization: &str, flow: &str) -> Result<FlowKey, StoreError> {
    let sql = "INSERT INTO organizations (name, parameterized_name) VALUES ($1, $2) RETURNING key";
    let key = database.one(sql, &[&flow::title(organization), &organization]).await?.try_get(0)?;
    insert(database, key, &flow::title(flow), flow).await
}
