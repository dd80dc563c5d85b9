//! Why an operation of the store failed.

use std::sync::Arc;

use crate::domain::{flow, grant, posting};
use crate::secret::NoRandom;

/// Why an operation of the database failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite reported an error, for example because the disk is full.
    #[error("the database failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// SQLite could not commit a transaction with the posts of several clients.
    #[error("the database failed: {0}")]
    Commit(Arc<rusqlite::Error>),
    /// A column holds text that is not JSON.
    #[error("the database holds unreadable JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The operating system provided no random numbers.
    #[error("no random numbers: {0}")]
    Random(#[from] NoRandom),
    /// The query was ended, because it took too long.
    #[error("a query took too long")]
    QueryTimeout,
    /// The file was removed while somebody read it.
    #[error("a file was removed while it was read")]
    FileRemoved,
    /// The database threads have ended.
    #[error("the database is closed")]
    Closed,
}

impl StoreError {
    /// Whether the disk, or the share of it that SQLite may use, is full.
    pub fn is_disk_full(&self) -> bool {
        let error = match self {
            StoreError::Sqlite(error) => error,
            StoreError::Commit(error) => error,
            _ => return false,
        };
        error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull)
    }
}

/// Why a valid message was not stored.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// The post is refused.
    #[error(transparent)]
    Refused(#[from] posting::Refused),
    /// The source was removed while its message came in.
    #[error("the source was removed")]
    SourceRemoved,
    /// The flow was removed while its message came in.
    #[error("the flow was removed")]
    FlowRemoved,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a flow was not created, renamed or removed.
#[derive(Debug, thiserror::Error)]
pub enum FlowError {
    /// The request is refused.
    #[error(transparent)]
    Refused(#[from] flow::Refused),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a code or a token was not exchanged.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// The code or the token is refused.
    #[error(transparent)]
    Refused(#[from] grant::Refused),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for PostError {
    fn from(error: rusqlite::Error) -> PostError {
        PostError::Store(error.into())
    }
}

impl From<rusqlite::Error> for GrantError {
    fn from(error: rusqlite::Error) -> GrantError {
        GrantError::Store(error.into())
    }
}

impl From<rusqlite::Error> for FlowError {
    fn from(error: rusqlite::Error) -> FlowError {
        FlowError::Store(error.into())
    }
}

impl From<NoRandom> for FlowError {
    fn from(error: NoRandom) -> FlowError {
        FlowError::Store(error.into())
    }
}

impl From<NoRandom> for PostError {
    fn from(error: NoRandom) -> PostError {
        PostError::Store(error.into())
    }
}

impl From<NoRandom> for GrantError {
    fn from(error: NoRandom) -> GrantError {
        GrantError::Store(error.into())
    }
}
