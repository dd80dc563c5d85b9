//! A connection from the pool, with what the operations need beside it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use deadpool_postgres::{ClientWrapper, Object};
use tokio::time::timeout;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row};

use super::statement::Statement;
use crate::clock::Clock;
use crate::store::StoreError;

/// The values of the parameters of a statement.
pub type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// How long an answer of the server may take. It is longer than the `statement_timeout` of `url`, so a server that works ends a
/// statement itself.
const PATIENCE: Duration = Duration::from_secs(12);

/// How long a statement of a list may run, and after how long a list begins no other statement. Each statement starts from an index, so
/// this is far more than one needs. It is four times the time of SQLite: the pages may come from a disk beyond a network, and several
/// lists share the processors of the server.
const LIST_TIME: Duration = Duration::from_secs(2);

/// A connection to the database, and the clock.
///
/// If it is dropped in a transaction or before the server has answered, it is closed, and the server rolls the transaction back. So neither
/// an error nor a request that nobody waits for any more leaves a transaction open, or others behind an answer that does not come.
pub struct Database {
    /// `None` only while it is dropped.
    client: Option<Object>,
    /// Tells the time.
    pub clock: Clock,
    patience: Option<Duration>,
    /// After this time no statement is begun.
    end: Option<Instant>,
    is_in_transaction: AtomicBool,
    is_waiting: AtomicBool,
}

impl Database {
    /// A connection from the pool. Whatever takes longer than `PATIENCE` fails with [`StoreError::Unreachable`].
    pub fn new(client: Object, clock: Clock) -> Database {
        Database::with(client, clock, Some(PATIENCE))
    }

    /// A connection for what may take hours, such as a copy or an update of the tables.
    pub fn patient(client: Object, clock: Clock) -> Database {
        Database::with(client, clock, None)
    }

    fn with(client: Object, clock: Clock, patience: Option<Duration>) -> Database {
        let (is_in_transaction, is_waiting) = Default::default();
        Database { client: Some(client), clock, patience, end: None, is_in_transaction, is_waiting }
    }

    /// The connection itself.
    pub fn client(&self) -> &ClientWrapper {
        self.client.as_deref().expect("it is there until it is dropped")
    }

    /// Waits for an answer of the server.
    ///
    /// If it does not come in time, the connection is not used any more, nor are those that lie in the pool: they lead to the same server.
    pub async fn answer<T>(&self, answer: impl Future<Output = T>) -> Result<T, StoreError> {
        let unreachable = || StoreError::Unreachable("the server does not answer".to_owned());
        if self.is_waiting.swap(true, Ordering::Relaxed) {
            return Err(unreachable());
        }
        let answer = match self.patience {
            None => answer.await,
            Some(patience) => timeout(patience, answer).await.map_err(|_| {
                if let Some(pool) = self.client.as_ref().and_then(Object::pool) {
                    pool.retain(|_, _| false);
                }
                unreachable()
            })?,
        };
        self.is_waiting.store(false, Ordering::Relaxed);
        Ok(answer)
    }

    /// Begins a transaction.
    pub async fn begin(&self) -> Result<(), StoreError> {
        self.mark_begun();
        Ok(self.answer(self.client().batch_execute("BEGIN")).await??)
    }

    /// Begins the transaction of a list, whose statements end with an error when they take too long.
    pub async fn begin_list(&mut self) -> Result<(), StoreError> {
        self.mark_begun();
        self.end = Some(Instant::now() + LIST_TIME);
        let sql = format!("BEGIN READ ONLY; SET LOCAL statement_timeout = {}", LIST_TIME.as_millis());
        Ok(self.answer(self.client().batch_execute(&sql)).await??)
    }

    /// Waits for the answer to a statement.
    async fn run<T>(&self, statement: impl Future<Output = Result<T, Error>>) -> Result<T, StoreError> {
        if self.end.is_some_and(|end| Instant::now() > end) {
            return Err(StoreError::QueryTimeout);
        }
        Ok(self.answer(statement).await??)
    }

    /// Ends the transaction and keeps what it did.
    pub async fn commit(&self) -> Result<(), StoreError> {
        self.answer(self.client().batch_execute("COMMIT")).await??;
        self.mark_ended();
        Ok(())
    }

    /// Ends the transaction and undoes what it did.
    pub async fn roll_back(&self) -> Result<(), StoreError> {
        self.answer(self.client().batch_execute("ROLLBACK")).await??;
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
        let client = self.client();
        self.run(async { client.query(&client.prepare_cached(sql).await?, values).await }).await
    }

    /// Runs a statement that was put together, and returns its rows. There may be thousands of such texts, so the connection keeps none.
    pub async fn rows_of(&self, statement: &Statement) -> Result<Vec<Row>, StoreError> {
        self.run(self.client().query_typed(&statement.sql, &statement.values())).await
    }

    /// Runs a statement that finds at most one row.
    pub async fn row(&self, sql: &str, values: Values<'_>) -> Result<Option<Row>, StoreError> {
        let client = self.client();
        self.run(async { client.query_opt(&client.prepare_cached(sql).await?, values).await }).await
    }

    /// Runs a statement that returns one row.
    pub async fn one(&self, sql: &str, values: Values<'_>) -> Result<Row, StoreError> {
        let client = self.client();
        self.run(async { client.query_one(&client.prepare_cached(sql).await?, values).await }).await
    }

    /// Runs a statement and returns how many rows it changed.
    pub async fn execute(&self, sql: &str, values: Values<'_>) -> Result<u64, StoreError> {
        let client = self.client();
        self.run(async { client.execute(&client.prepare_cached(sql).await?, values).await }).await
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let is_unfinished = *self.is_in_transaction.get_mut() || *self.is_waiting.get_mut();
        if let Some(client) = self.client.take().filter(|_| is_unfinished) {
            drop(Object::take(client));
        }
    }
}
