//! A statement that is put together from parts.

use tokio_postgres::types::{ToSql, Type};

/// A statement with the values of its parameters.
#[derive(Default)]
pub struct Statement {
    /// Its text.
    pub sql: String,
    values: Vec<(Box<dyn ToSql + Send + Sync>, Type)>,
}

impl Statement {
    /// Adds a value, and returns the name of its parameter.
    pub fn add<T: HasType + ToSql + Send + Sync + 'static>(&mut self, value: T) -> String {
        self.values.push((Box::new(value), T::TYPE));
        format!("${}", self.values.len())
    }

    /// The values in the order of their parameters, with their types.
    pub fn values(&self) -> Vec<(&(dyn ToSql + Sync), Type)> {
        self.values.iter().map(|(value, kind)| (value.as_ref() as &(dyn ToSql + Sync), kind.clone())).collect()
    }
}

/// A value with one type in the database.
pub trait HasType {
    /// The type.
    const TYPE: Type;
}

impl HasType for i64 {
    const TYPE: Type = Type::INT8;
}

impl HasType for String {
    const TYPE: Type = Type::TEXT;
}

impl HasType for Option<String> {
    const TYPE: Type = Type::TEXT;
}

impl HasType for Vec<String> {
    const TYPE: Type = Type::TEXT_ARRAY;
}
