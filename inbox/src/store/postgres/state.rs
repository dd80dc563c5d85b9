//! What other inboxes on the same database must hear of: counters in a table of one row.
//!
//! They are counted in the transaction of the change, so an inbox that reads them later has missed nothing. `bell` reads them.

use super::database::Database;
use crate::secret;
use crate::store::StoreError;

/// What a change means for other inboxes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change {
    /// A source has changed or was removed, or the application, the flow or the organisation that it shows has changed. What was
    /// remembered of sources is old.
    Sources,
    /// Messages were deleted: what was read before may be gone.
    Removals,
    /// A session or a grant has ended, an application or a flow was removed, or all tokens were replaced. Streams ask again whether they
    /// may go on.
    EndOfAccess,
}

/// The counters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct State {
    /// How often [`Change::Sources`] happened.
    pub sources: i64,
    /// How often [`Change::Removals`] happened.
    pub removals: i64,
    /// How often [`Change::EndOfAccess`] happened.
    pub ends_of_access: i64,
}

/// Counts a change, in its transaction. Whatever ends access may have changed sources.
pub async fn count(database: &Database, change: Change) -> Result<(), StoreError> {
    let sql = match change {
        Change::Sources => "UPDATE inbox_state SET sources = sources + 1",
        Change::Removals => "UPDATE inbox_state SET removals = removals + 1",
        Change::EndOfAccess => "UPDATE inbox_state SET sources = sources + 1, ends_of_access = ends_of_access + 1",
    };
    database.execute(sql, &[]).await.map(drop)
}

/// Reads the counters.
pub async fn read(database: &Database) -> Result<State, StoreError> {
    let row = database.one("SELECT sources, removals, ends_of_access FROM inbox_state", &[]).await?;
    Ok(State { sources: row.try_get(0)?, removals: row.try_get(1)?, ends_of_access: row.try_get(2)? })
}

/// The name of the channel for NOTIFYs. A channel belongs to the whole database, which may have an inbox in each schema.
pub async fn channel(database: &Database) -> Result<String, StoreError> {
    let row = database.one("SELECT 'flowdock_inbox_' || md5(current_schema())", &[]).await?;
    Ok(row.try_get(0)?)
}

/// Makes a new secret for forms.
pub async fn renew_form_secret(database: &Database) -> Result<(), StoreError> {
    database.execute("UPDATE inbox_state SET form_secret = $1", &[&secret::random_hex()?]).await.map(drop)
}

/// The secret that signs the forms of pages. All inboxes have the same, because the browser may send a form to another one than the one
/// that made the page.
pub async fn form_secret(database: &Database) -> Result<String, StoreError> {
    Ok(database.one("SELECT form_secret FROM inbox_state", &[]).await?.try_get(0)?)
}
