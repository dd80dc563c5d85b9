//! The data file: where it is, how it is opened, what is in it.

use std::fmt;
use std::io;
use std::path::PathBuf;

use etcetera::BaseStrategy;
use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};

use super::tokens::{self, Tokens};
use super::{StoreError, flows};

/// The organisation that a first start makes.
pub const FIRST_ORGANIZATION: &str = "example";
/// The flow that a first start makes.
pub const FIRST_FLOW: &str = "main";

/// Marks a SQLite file as an inbox's: `flow` in ASCII.
const APPLICATION_ID: i32 = 0x666c_6f77;
/// Raised with each change of [`TABLES`].
const VERSION: i32 = 1;

/// A message is kept as the JSON that readers get; its columns are what it is found by. A thread is one row, which each
/// of its messages updates. Times are milliseconds since 1970.
const TABLES: &str = "
    CREATE TABLE organizations (
        key INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        parameterized_name TEXT NOT NULL UNIQUE
    ) STRICT;
    CREATE TABLE flows (
        key INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        organization INTEGER NOT NULL REFERENCES organizations,
        name TEXT NOT NULL,
        parameterized_name TEXT NOT NULL,
        last_message_id INTEGER NOT NULL DEFAULT 0,
        UNIQUE (organization, parameterized_name)
    ) STRICT;
    CREATE TABLE applications (
        key INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        icon TEXT
    ) STRICT;
    CREATE TABLE sources (
        key INTEGER PRIMARY KEY,
        flow INTEGER NOT NULL REFERENCES flows,
        application INTEGER NOT NULL REFERENCES applications,
        name TEXT NOT NULL,
        token_hash BLOB NOT NULL UNIQUE,
        removed_at INTEGER
    ) STRICT;
    CREATE TABLE api_tokens (
        key INTEGER PRIMARY KEY,
        token_hash BLOB NOT NULL UNIQUE
    ) STRICT;
    CREATE TABLE threads (
        id TEXT PRIMARY KEY,
        flow INTEGER NOT NULL REFERENCES flows,
        source INTEGER NOT NULL REFERENCES sources,
        external_thread_id TEXT,
        state TEXT NOT NULL,
        activities INTEGER NOT NULL DEFAULT 0,
        internal_comments INTEGER NOT NULL DEFAULT 0,
        external_comments INTEGER NOT NULL DEFAULT 0,
        last_message_id INTEGER NOT NULL,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        UNIQUE (source, external_thread_id)
    ) STRICT;
    CREATE INDEX threads_by_update ON threads (flow, last_message_id);
    CREATE TABLE messages (
        flow INTEGER NOT NULL REFERENCES flows,
        id INTEGER NOT NULL,
        thread TEXT NOT NULL REFERENCES threads,
        event TEXT NOT NULL,
        json TEXT NOT NULL,
        PRIMARY KEY (flow, id)
    ) STRICT;
    CREATE INDEX messages_by_thread ON messages (thread, id);
    CREATE TABLE message_tags (
        flow INTEGER NOT NULL,
        message INTEGER NOT NULL,
        tag TEXT NOT NULL,
        PRIMARY KEY (flow, message, tag),
        FOREIGN KEY (flow, message) REFERENCES messages
    ) STRICT, WITHOUT ROWID;
";

/// Why the data file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no home folder, so there is no default place.
    #[error("there is no folder for application data, name a file with --data")]
    NoFolder,
    /// The folder of the file is not there and cannot be made.
    #[error("cannot make the folder of {}: {reason}", .file.display())]
    Folder {
        /// The data file.
        file: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
    /// Another inbox has the file open.
    #[error("{0} is in use by another process")]
    InUse(DataFile),
    /// It is some other program's database.
    #[error("{0} is not the database of an inbox")]
    Foreign(DataFile),
    /// A newer inbox wrote it.
    #[error("{0} was written by a newer version of this program")]
    Newer(DataFile),
    /// SQLite cannot open it, or it cannot be filled.
    #[error("cannot use {file}: {reason}")]
    Unusable {
        /// The data file.
        file: DataFile,
        /// What is wrong.
        reason: StoreError,
    },
}

/// Where an inbox keeps everything.
#[derive(Clone, Debug)]
pub enum DataFile {
    /// Nowhere: it ends with the process.
    Memory,
    /// In this file.
    Path(PathBuf),
}

impl From<PathBuf> for DataFile {
    fn from(path: PathBuf) -> DataFile {
        if path.as_os_str() == ":memory:" { DataFile::Memory } else { DataFile::Path(path) }
    }
}

impl fmt::Display for DataFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DataFile::Memory => f.write_str(":memory:"),
            DataFile::Path(path) => path.display().fmt(f),
        }
    }
}

impl DataFile {
    /// `inbox.sqlite` in the folder that the platform has for application data.
    pub fn in_platform_folder() -> Result<DataFile, OpenError> {
        let platform = etcetera::base_strategy::choose_native_strategy().map_err(|_| OpenError::NoFolder)?;
        Ok(DataFile::Path(platform.data_dir().join("flowdock-inbox").join("inbox.sqlite")))
    }

    /// Opens the file and, at the first start, makes and fills it.
    ///
    /// The tokens come back only where they were just made: at the first start, or because `new_tokens` asks for it.
    pub fn open(&self, new_tokens: bool) -> Result<(Connection, Option<Tokens>), OpenError> {
        let opened = match self {
            DataFile::Memory => Connection::open_in_memory(),
            DataFile::Path(path) => {
                if let Some(folder) = path.parent() {
                    std::fs::create_dir_all(folder)
                        .map_err(|reason| OpenError::Folder { file: path.clone(), reason })?;
                }
                Connection::open(path)
            }
        };
        let mut connection = opened.map_err(|error| self.unusable(error))?;
        configure(&connection).map_err(|error| self.unusable(error))?;
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Exclusive)
            .map_err(|error| self.unusable(error))?;
        let first_start = self.is_empty(&transaction)?;
        let tokens = (|| -> Result<_, StoreError> {
            let tokens = match (first_start, new_tokens) {
                (true, _) => Some(fill(&transaction)?),
                (false, true) => Some(tokens::replace(&transaction)?),
                (false, false) => None,
            };
            transaction.commit()?;
            Ok(tokens)
        })()
        .map_err(|reason| self.unusable(reason))?;
        Ok((connection, tokens))
    }

    /// Whether the database has nothing in it yet; anything in it must be ours.
    fn is_empty(&self, transaction: &Transaction<'_>) -> Result<bool, OpenError> {
        let pragma = |name| transaction.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
        let facts = || -> rusqlite::Result<_> {
            let tables: i64 = transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
            Ok((tables, pragma("application_id")?, pragma("user_version")?))
        };
        match facts().map_err(|error| self.unusable(error))? {
            (0, 0, 0) => Ok(true),
            (_, APPLICATION_ID, VERSION) => Ok(false),
            (_, APPLICATION_ID, newer) if newer > VERSION => Err(OpenError::Newer(self.clone())),
            _ => Err(OpenError::Foreign(self.clone())),
        }
    }

    fn unusable(&self, error: impl Into<StoreError>) -> OpenError {
        let reason = error.into();
        if let StoreError::Sqlite(error) = &reason {
            match error.sqlite_error_code() {
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => return OpenError::InUse(self.clone()),
                Some(ErrorCode::NotADatabase) => return OpenError::Foreign(self.clone()),
                _ => (),
            }
        }
        OpenError::Unusable { file: self.clone(), reason }
    }
}

/// The settings of the connection.
fn configure(connection: &Connection) -> rusqlite::Result<()> {
    // Nobody else writes to the file, so waiting for a lock would only delay saying that somebody else has it.
    connection.busy_timeout(std::time::Duration::ZERO)?;
    // One process for one file: streams hear only of the messages that their own process stored.
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    // A message is answered after its commit, and a commit must outlive the process and a loss of power. With a
    // write-ahead log, FULL is what makes each commit wait until the log is on the disk; NORMAL would not.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)
}

/// Makes the tables and puts into them what a first start needs.
fn fill(transaction: &Transaction<'_>) -> Result<Tokens, StoreError> {
    transaction.execute_batch(TABLES)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    let flow = flows::create(transaction, FIRST_ORGANIZATION, FIRST_FLOW)?;
    transaction.execute("INSERT INTO applications (key, name) VALUES (1, 'Example application')", [])?;
    tokens::create(transaction, flow)
}
