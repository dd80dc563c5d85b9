//! A connection from the pool, with what the operations need beside it.

use std::sync::atomic::{AtomicBool, Ordering};

use deadpool_postgres::{ClientWrapper, Object};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::clock::Clock;
use crate::store::StoreError;

/// The values of the parameters of a statement.
pub type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// A connection to the database, and the clock.
///
/// If it is dropped in a transaction, it is closed, and the server rolls the transaction back. So neither an error nor a request that
/// nobody waits for any more leaves a transaction open.
pub struct Database {
    /// `None` only while it is dropped.
    client: Option<Object>,
    /// Tells the time.
    pub clock: Clock,
    is_in_transaction: AtomicBool,
}

impl Database {
    /// A connection from the pool.
    pub fn new(client: Object, clock: Clock) -> Database {
        Database { client: Some(client), clock, is_in_transaction: AtomicBool::new(false) }
    }

    /// The connection itself.
    pub fn client(&self) -> &ClientWrapper {
        self.client.as_deref().expect("it is there until it is dropped")
    }

    /// Begins a transaction.
    pub async fn begin(&self) -> Result<(), StoreError> {
        self.mark_begun();
        Ok(self.client().batch_execute("BEGIN").await?)
    }

    /// Ends the transaction and keeps what it did.
    pub async fn commit(&self) -> Result<(), StoreError> {
        self.client().batch_execute("COMMIT").await?;
        self.mark_ended();
        Ok(())
    }

    /// Ends the transaction and undoes what it did.
    pub async fn roll_back(&self) -> Result<(), StoreError> {
        self.client().batch_execute("ROLLBACK").await?;
        self.mark_ended();
        Ok(())
    }

    /// Notes that a transaction is about to begin. For code that sends BEGIN itself, such as `Pipeline`.
    pub fn mark_begun(&self) {
        self.is_in_transaction.store(true, Ordering::Relaxed);
    }

    /// Notes that a transaction has ended. For code that sends COMMIT itself.
    pub fn mark_ended(&self) {
        self.is_in_transaction.store(false, Ordering::Relaxed);
    }

    /// Runs a statement and returns its rows. The connection keeps the statement prepared.
    pub async fn rows(&self, sql: &str, values: Values<'_>) -> Result<Vec<Row>, StoreError> {
        let statement = self.client().prepare_cached(sql).await?;
        Ok(self.client().query(&statement, values).await?)
    }

    /// Runs a statement that finds at most one row.
    pub async fn row(&self, sql: &str, values: Values<'_>) -> Result<Option<Row>, StoreError> {
        let statement = self.client().prepare_cached(sql).await?;
        Ok(self.client().query_opt(&statement, values).await?)
    }

    /// Runs a statement that returns one row.
    pub async fn one(&self, sql: &str, values: Values<'_>) -> Result<Row, StoreError> {
        let statement = self.client().prepare_cached(sql).await?;
        Ok(self.client().query_one(&statement, values).await?)
    }

    /// Runs a statement and returns how many rows it changed.
    pub async fn execute(&self, sql: &str, values: Values<'_>) -> Result<u64, StoreError> {
        let statement = self.client().prepare_cached(sql).await?;
        Ok(self.client().execute(&statement, values).await?)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some(client) = self.client.take().filter(|_| self.is_in_transaction.load(Ordering::Relaxed)) {
            drop(Object::take(client));
        }
    }
}
