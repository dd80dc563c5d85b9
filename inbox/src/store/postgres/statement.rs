//! A statement that is put together from parts.

use tokio_postgres::types::ToSql;

/// A statement with the values of its parameters.
#[derive(Default)]
pub struct Statement {
    /// Its text.
    pub sql: String,
    values: Vec<Box<dyn ToSql + Send + Sync>>,
}

impl Statement {
    /// Adds a value, and returns the name of its parameter.
    pub fn add(&mut self, value: impl ToSql + Send + Sync + 'static) -> String {
        self.values.push(Box::new(value));
        format!("${}", self.values.len())
    }

    /// The values in the order of their parameters.
    pub fn values(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.values.iter().map(|value| value.as_ref() as &(dyn ToSql + Sync)).collect()
    }
}
