//! Why a copy was not made.

use super::End;
use crate::store::StoreError;
use crate::store::postgres::DatabaseError;
use crate::store::sqlite::backup::BackupError;
use crate::store::sqlite::data_file::OpenError;

/// Why a copy was not made. Then both ends are as before.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// Both ends are files, or both are databases.
    #[error("a copy goes from a file into a database, or back; {0}")]
    SameEngine(&'static str),
    /// The data file cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A file is missing or exists already, or cannot be written.
    #[error(transparent)]
    File(#[from] BackupError),
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// Texts hold U+0000, which PostgreSQL cannot store.
    #[error("{0} rows hold U+0000 in a text, which PostgreSQL cannot store; nothing was copied")]
    Nul(usize),
    /// What was written is not what was read.
    #[error("the copy of {table} in {to} is not the same as the original; nothing was copied")]
    Different {
        /// What differs.
        table: &'static str,
        /// Where the copy was to be.
        to: End,
    },
    /// A row refers to another one that does not exist.
    #[error("a row refers to one that does not exist: {0}; nothing was copied")]
    Reference(String),
    /// An end failed during the copy.
    #[error("cannot copy {table} into {to}: {reason}")]
    Failed {
        /// What was copied.
        table: &'static str,
        /// Where the copy was to be.
        to: End,
        /// The error of the database.
        reason: StoreError,
    },
    /// An end failed before or after the rows were copied.
    #[error("cannot copy: {0}")]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for CopyError {
    fn from(error: rusqlite::Error) -> CopyError {
        StoreError::from(error).into()
    }
}

impl From<tokio_postgres::Error> for CopyError {
    fn from(error: tokio_postgres::Error) -> CopyError {
        StoreError::from(error).into()
    }
}

impl CopyError {
    /// Says which table was copied when an end failed.
    pub(super) fn amid(self, table: &'static str, to: &End) -> CopyError {
        match self {
            CopyError::Store(reason) => CopyError::Failed { table, to: to.clone(), reason },
            other => other,
        }
    }
}
