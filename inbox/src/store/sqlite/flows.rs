//! Organisations and their flows.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::database::Database;
use crate::domain::flow::{MAX_FLOWS, Refused, path_names, title};
use crate::domain::{Flow, FlowKey, Organization};
use crate::secret;
use crate::store::{FlowError, StoreError, select};

/// Reads a flow from the first columns of a row.
pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Flow> {
    Ok(Flow {
        key: row.get(0)?,
        id: row.get(1)?,
        name: row.get(2)?,
        parameterized_name: row.get(3)?,
        organization: Organization { id: row.get(4)?, name: row.get(5)?, parameterized_name: row.get(6)? },
    })
}

/// Finds a flow by the parameterized names of its organisation and itself.
pub fn find(database: &Database, organization: &str, flow: &str) -> Result<Option<Flow>, StoreError> {
    let sql = select::flows("organizations.parameterized_name = ?1 AND flows.parameterized_name = ?2");
    Ok(database.connection.prepare_cached(&sql)?.query_row([organization, flow], from_row).optional()?)
}

/// Lists all flows.
pub fn list(database: &Database) -> Result<Vec<Flow>, StoreError> {
    let mut statement = database.connection.prepare_cached(&select::flows("true ORDER BY flows.key"))?;
    Ok(statement.query_map([], from_row)?.collect::<rusqlite::Result<_>>()?)
}

/// Finds a flow by its id.
pub fn by_id(database: &Database, id: &str) -> Result<Option<Flow>, StoreError> {
    Ok(database.connection.prepare_cached(&select::flows("flows.id = ?1"))?.query_row([id], from_row).optional()?)
}

/// Finds the flow that a start announces: that of the oldest source, whose flow token a start with new tokens shows. If there
/// are no sources, it is the oldest flow.
pub(super) fn announced(connection: &Connection) -> Result<Flow, StoreError> {
    let first = "(SELECT min(key) FROM sources WHERE sources.flow = flows.key AND sources.removed_at IS NULL)";
    let sql = select::flows(&format!("true ORDER BY {first} IS NULL, {first}, flows.key LIMIT 1"));
    Ok(connection.query_row(&sql, [], from_row)?)
}

/// Creates a flow in an organisation.
pub fn create(database: &Database, organization: i64, name: &str) -> Result<Flow, FlowError> {
    let connection = &database.connection;
    let flows: i64 =
        connection.query_row("SELECT count(*) FROM flows WHERE removed_at IS NULL", [], |row| row.get(0))?;
    if flows >= MAX_FLOWS {
        return Err(Refused::TooMany.into());
    }
    refuse_taken(connection, organization, name, None)?;
    let mut taken =
        connection.prepare_cached("SELECT 1 FROM flows WHERE organization = ?1 AND parameterized_name = ?2")?;
    for path_name in path_names(name) {
        if !taken.exists(params![organization, path_name])? {
            let key = insert(connection, organization, name, &path_name)?;
            return Ok(connection.prepare_cached(&select::flows("flows.key = ?1"))?.query_row([key], from_row)?);
        }
    }
    Err(Refused::TooMany.into())
}

/// Gives a flow another name. Its name in paths stays. Returns the flow; `None` if it was removed.
pub fn rename(database: &Database, flow: &Flow, name: &str) -> Result<Option<Flow>, FlowError> {
    let connection = &database.connection;
    refuse_taken(connection, flow.organization.id, name, Some(flow.key))?;
    connection.execute("UPDATE flows SET name = ?2 WHERE key = ?1 AND removed_at IS NULL", params![flow.key, name])?;
    Ok(connection.prepare_cached(&select::flows("flows.key = ?1"))?.query_row([flow.key], from_row).optional()?)
}

/// Refuses the name of another flow: people could not tell the two apart.
fn refuse_taken(connection: &Connection, organization: i64, name: &str, own: Option<FlowKey>) -> Result<(), FlowError> {
    let mut taken = connection.prepare_cached(
        "SELECT 1 FROM flows WHERE organization = ?1 AND name = ?2 AND removed_at IS NULL AND key IS NOT ?3",
    )?;
    if taken.exists(params![organization, name, own])? { Err(Refused::NameTaken.into()) } else { Ok(()) }
}

fn insert(connection: &Connection, organization: i64, name: &str, path_name: &str) -> Result<FlowKey, StoreError> {
    connection.execute(
        "INSERT INTO flows (id, organization, name, parameterized_name) VALUES (?1, ?2, ?3, ?4)",
        params![secret::random_hex()?, organization, name, path_name],
    )?;
    Ok(connection.last_insert_rowid())
}

fn organization_from_row(row: &Row<'_>) -> rusqlite::Result<Organization> {
    Ok(Organization { id: row.get(0)?, name: row.get(1)?, parameterized_name: row.get(2)? })
}

/// Lists all organisations.
pub fn organizations(database: &Database) -> Result<Vec<Organization>, StoreError> {
    let mut statement = database.connection.prepare_cached(&format!("{} ORDER BY key", select::ORGANIZATION))?;
    Ok(statement.query_map([], organization_from_row)?.collect::<rusqlite::Result<_>>()?)
}

/// Gives an organisation another name. Its name in paths stays. Returns the organisation.
pub fn rename_organization(database: &Database, id: i64, name: &str) -> Result<Option<Organization>, StoreError> {
    let mut statement = database
        .connection
        .prepare_cached("UPDATE organizations SET name = ?2 WHERE key = ?1 RETURNING key, name, parameterized_name")?;
    Ok(statement.query_row(params![id, name], organization_from_row).optional()?)
}

/// Creates the first organisation with one flow.
pub(super) fn create_first(
    transaction: &Transaction<'_>,
    organization: &str,
    flow: &str,
) -> Result<FlowKey, StoreError> {
    transaction.execute(
        "INSERT INTO organizations (name, parameterized_name) VALUES (?1, ?2)",
        [&title(organization), organization],
    )?;
    insert(transaction, transaction.last_insert_rowid(), &title(flow), flow)
}
