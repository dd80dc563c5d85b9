//! Copies an inbox from a SQLite file into a PostgreSQL database, and back: everything stays as it is, or nothing happens.
//!
//! `tables` says what is copied. The reading and the writing ends are in the engines (`sqlite::copy`, `postgres::copy`); `run` leads
//! the rows from one to the other and compares the two before it keeps anything.

mod end;
mod error;
mod run;
pub(in crate::store) mod tables;

pub use end::End;
pub use error::CopyError;
pub use run::copy;
