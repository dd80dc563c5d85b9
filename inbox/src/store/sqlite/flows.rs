//! Organisations and their flows.

use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::database::Database;
use crate::domain::{Flow, FlowKey, Organization};
use crate::secret;
use crate::store::StoreError;

/// The columns that [`from_row`] reads, in its order, from `flows` joined with `organizations`.
pub(super) const COLUMNS: &str = "flows.key, flows.id, flows.name, flows.parameterized_name, \
     organizations.key, organizations.name, organizations.parameterized_name";

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
    let sql = format!(
        "SELECT {COLUMNS} FROM flows JOIN organizations ON organizations.key = flows.organization
         WHERE organizations.parameterized_name = ?1 AND flows.parameterized_name = ?2"
    );
    Ok(database.connection.prepare_cached(&sql)?.query_row([organization, flow], from_row).optional()?)
}

/// Lists all flows.
pub fn list(database: &Database) -> Result<Vec<Flow>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM flows JOIN organizations ON organizations.key = flows.organization ORDER BY flows.key"
    );
    let mut statement = database.connection.prepare_cached(&sql)?;
    Ok(statement.query_map([], from_row)?.collect::<rusqlite::Result<_>>()?)
}

/// Finds a flow by its id.
pub fn by_id(database: &Database, id: &str) -> Result<Option<Flow>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM flows JOIN organizations ON organizations.key = flows.organization WHERE flows.id = ?1"
    );
    Ok(database.connection.prepare_cached(&sql)?.query_row([id], from_row).optional()?)
}

/// Creates an organisation with one flow.
pub(super) fn create(transaction: &Transaction<'_>, organization: &str, flow: &str) -> Result<FlowKey, StoreError> {
    transaction.execute(
        "INSERT INTO organizations (name, parameterized_name) VALUES (?1, ?2)",
        [&title(organization), organization],
    )?;
    transaction.execute(
        "INSERT INTO flows (id, organization, name, parameterized_name) VALUES (?1, ?2, ?3, ?4)",
        params![secret::random_hex()?, transaction.last_insert_rowid(), title(flow), flow],
    )?;
    Ok(transaction.last_insert_rowid())
}

/// The name that people see, from a parameterized name: `Main` for `main`.
fn title(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
