//! Statements that are sent to the server together, so that they cost one round trip.

use std::pin::Pin;

use deadpool_postgres::ClientWrapper;
use futures_util::future::join_all;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row};

use super::database::Database;
use crate::store::StoreError;

/// Statements with the values of their parameters, in the order in which the server runs them.
#[derive(Default)]
pub struct Pipeline<'a>(Vec<(&'static str, Vec<Value<'a>>)>);

/// The value of a parameter.
pub type Value<'a> = Box<dyn ToSql + Send + Sync + 'a>;

/// A column of a table: what `value` reads from each row.
pub fn column<'a, R, T>(rows: &'a [R], value: impl Fn(&'a R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

/// Makes the list of the values of a statement.
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$(Box::new($value) as $crate::store::postgres::pipeline::Value<'_>),*] };
}
pub(super) use values;

/// What runs before or after the statements of a pipeline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum With {
    /// The beginning of a transaction, before them.
    Begin,
    /// The end of the transaction, after them.
    Commit,
}

/// The error of the statement of a pipeline that failed first.
pub struct FirstError {
    /// The error.
    pub error: StoreError,
    /// Whether the server may have kept the transaction all the same: the error is that of its end, or the server did not answer.
    pub is_undecided: bool,
}

impl FirstError {
    fn before_the_end(error: Error) -> FirstError {
        // An error without a code does not come from the server.
        FirstError { is_undecided: error.code().is_none(), error: error.into() }
    }
}

impl<'a> Pipeline<'a> {
    /// Adds a statement.
    pub fn add(&mut self, sql: &'static str, values: Vec<Value<'a>>) {
        self.0.push((sql, values));
    }

    /// Sends everything and waits for all answers. Returns the rows of each statement.
    ///
    /// After a statement that fails, the server refuses the others of its transaction, and rolls the transaction back at its end. So the first
    /// error is the one that counts.
    pub async fn run(&self, database: &Database, with: With) -> Result<Vec<Vec<Row>>, FirstError> {
        let undecided = |error| FirstError { error, is_undecided: true };
        database.answer(self.exchange(database.client(), with)).await.map_err(undecided)?
    }

    async fn exchange(&self, client: &ClientWrapper, with: With) -> Result<Vec<Vec<Row>>, FirstError> {
        let before = FirstError::before_the_end;
        let mut statements = Vec::with_capacity(self.0.len());
        for (sql, _) in &self.0 {
            statements.push(client.prepare_cached(sql).await.map_err(before)?);
        }
        let values: Vec<Vec<&(dyn ToSql + Sync)>> =
            self.0.iter().map(|(_, values)| values.iter().map(|value| value.as_ref() as _).collect()).collect();
        type Answer<'b> = Pin<Box<dyn Future<Output = Result<Vec<Row>, Error>> + Send + 'b>>;
        let plain = |sql: &'static str| -> Answer<'_> {
            Box::pin(async move { client.batch_execute(sql).await.map(|()| Vec::new()) })
        };
        let queries = statements.iter().zip(&values);
        let queries = queries.map(|(statement, values)| -> Answer<'_> { Box::pin(client.query(statement, values)) });
        // Each future sends its message when it is polled first, and they are polled in this order.
        let first = (with == With::Begin).then(|| plain("BEGIN"));
        let last = (with == With::Commit).then(|| plain("COMMIT"));
        let mut answers = join_all(first.into_iter().chain(queries).chain(last)).await;
        let end = if with == With::Commit { answers.pop() } else { None };
        let mut rows = answers.into_iter().collect::<Result<Vec<_>, _>>().map_err(before)?;
        if let Some(Err(error)) = end {
            return Err(FirstError { error: error.into(), is_undecided: true });
        }
        if with == With::Begin {
            // The answer to BEGIN.
            rows.remove(0);
        }
        Ok(rows)
    }
}
