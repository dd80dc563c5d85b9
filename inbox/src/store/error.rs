//! Why an operation of the store failed.

use std::sync::Arc;

use deadpool_postgres::{HookError, PoolError};
use tokio_postgres::error::SqlState;

use super::postgres;
use crate::domain::{flow, grant, posting};
use crate::secret::NoRandom;

/// Why an operation of the database failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite reported an error, for example because the disk is full.
    #[error("the database failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL reported an error, or the connection to it broke.
    #[error("the database failed: {}", postgres::text(.0))]
    Postgres(#[from] tokio_postgres::Error),
    /// No connection to PostgreSQL could be had in time.
    #[error("the database is unreachable: {0}")]
    Unreachable(String),
    /// The posts of several clients could not be stored together. Each of them gets the error.
    #[error("{0}")]
    Together(Arc<StoreError>),
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
    /// The store is closed.
    #[error("the database is closed")]
    Closed,
}

impl StoreError {
    /// Whether the disk, or the share of it that SQLite may use, is full.
    pub fn is_disk_full(&self) -> bool {
        let error = match self {
            StoreError::Sqlite(error) => error,
            StoreError::Postgres(error) => return error.code() == Some(&SqlState::DISK_FULL),
            StoreError::Together(error) => return error.is_disk_full(),
            _ => return false,
        };
        error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull)
    }

    /// Whether the same operation may succeed soon.
    pub fn is_temporary(&self) -> bool {
        match self {
            StoreError::Unreachable(_) => true,
            StoreError::Postgres(error) => postgres::is_temporary(error),
            StoreError::Together(error) => error.is_temporary(),
            _ => false,
        }
    }

    /// Whether a text has U+0000, which PostgreSQL has in no text.
    pub fn is_nul(&self) -> bool {
        match self {
            StoreError::Postgres(error) => error.code() == Some(&SqlState::CHARACTER_NOT_IN_REPERTOIRE),
            StoreError::Together(error) => error.is_nul(),
            _ => false,
        }
    }

    /// Whether a query was ended because it took too long.
    pub fn is_query_timeout(&self) -> bool {
        match self {
            StoreError::QueryTimeout => true,
            StoreError::Postgres(error) => error.code() == Some(&SqlState::QUERY_CANCELED),
            StoreError::Together(error) => error.is_query_timeout(),
            _ => false,
        }
    }
}

impl From<PoolError> for StoreError {
    fn from(error: PoolError) -> StoreError {
        match error {
            PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => {
                if error.code().is_some() { error.into() } else { StoreError::Unreachable(postgres::text(&error)) }
            }
            other => StoreError::Unreachable(other.to_string()),
        }
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
    /// The source got another flow token while its message came in.
    #[error("the source has another flow token")]
    TokenReplaced,
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

impl GrantError {
    /// The refusal, unless the database failed.
    pub fn refusal(self) -> Result<grant::Refused, StoreError> {
        match self {
            GrantError::Refused(refused) => Ok(refused),
            GrantError::Store(error) => Err(error),
        }
    }
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

impl From<tokio_postgres::Error> for PostError {
    fn from(error: tokio_postgres::Error) -> PostError {
        PostError::Store(error.into())
    }
}

impl From<tokio_postgres::Error> for GrantError {
    fn from(error: tokio_postgres::Error) -> GrantError {
        GrantError::Store(error.into())
    }
}

impl From<tokio_postgres::Error> for FlowError {
    fn from(error: tokio_postgres::Error) -> FlowError {
        FlowError::Store(error.into())
    }
}
