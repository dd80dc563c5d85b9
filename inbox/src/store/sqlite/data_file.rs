//! The data file: its default path, and how it is opened.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use super::schema::{self, State};
use crate::domain::Secrets;
use crate::store::StoreError;

/// Why the data file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no home folder, so the data file has no default path.
    #[error("there is no folder for application data, name a file with --data")]
    NoFolder,
    /// The folder of the data file does not exist and cannot be created.
    #[error("cannot make the folder of {}: {reason}", .file.display())]
    Folder {
        /// The data file.
        file: PathBuf,
        /// The error of the operating system.
        reason: io::Error,
    },
    /// Another inbox has the file open.
    #[error("{0} is in use by another process")]
    InUse(DataFile),
    /// The file is not a database of an inbox.
    #[error("{0} is not the database of an inbox")]
    Foreign(DataFile),
    /// A newer version of the inbox wrote the file.
    #[error("{0} was written by a newer version of this program")]
    Newer(DataFile),
    /// SQLite cannot open the file, or cannot create or update its tables.
    #[error("cannot use {file}: {reason}")]
    Unusable {
        /// The data file.
        file: DataFile,
        /// The error of the database.
        reason: StoreError,
    },
}

/// Where an inbox stores everything.
#[derive(Clone, Debug)]
pub enum DataFile {
    /// In memory, until the process ends.
    Memory,
    /// In the file at this path.
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
    /// `inbox.sqlite` in the platform's folder for application data.
    pub fn in_platform_folder() -> Result<DataFile, OpenError> {
        let platform = etcetera::base_strategy::choose_native_strategy().map_err(|_| OpenError::NoFolder)?;
        Ok(DataFile::Path(platform.data_dir().join("flowdock-inbox").join("inbox.sqlite")))
    }

    /// Opens the file. At the first start, creates it with its first rows. Updates the tables of an older inbox.
    ///
    /// Returns only secrets that this call created: at the first start, for applications of an older inbox that had
    /// none, or because `new_tokens` asks for them.
    pub fn open(&self, new_tokens: bool, now_ms: i64) -> Result<(Connection, Secrets), OpenError> {
        let opened = match self {
            DataFile::Memory => Connection::open_in_memory(),
            DataFile::Path(path) => {
                if let Some(folder) = path.parent() {
                    std::fs::create_dir_all(folder)
                        .map_err(|reason| OpenError::Folder { file: path.clone(), reason })?;
                }
                keep_from_others(path);
                Connection::open(path)
            }
        };
        let mut connection = opened.map_err(|error| self.unusable(error))?;
        configure(&connection).map_err(|error| self.unusable(error))?;
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Exclusive)
            .map_err(|error| self.unusable(error))?;
        let version = match schema::state(&transaction).map_err(|error| self.unusable(error))? {
            State::Foreign => return Err(OpenError::Foreign(self.clone())),
            State::Newer => return Err(OpenError::Newer(self.clone())),
            State::Version(version) => version,
        };
        let secrets = schema::bring_up_to_date(&transaction, version, new_tokens, now_ms)
            .and_then(|secrets| transaction.commit().map(|()| secrets).map_err(StoreError::from))
            .map_err(|reason| self.unusable(reason))?;
        Ok((connection, secrets))
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

/// Creates a missing data file so that only its owner can read it, because it contains client secrets. SQLite creates
/// its additional files with the same permissions.
///
/// Ignores an error: SQLite then fails to open the file and reports the reason.
#[cfg(unix)]
fn keep_from_others(path: &Path) {
    use std::os::unix::fs::OpenOptionsExt;
    let _ = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
}

/// Does nothing: on other platforms only the user can read the folder for application data.
#[cfg(not(unix))]
fn keep_from_others(_: &Path) {}

/// Sets the options of the connection.
fn configure(connection: &Connection) -> rusqlite::Result<()> {
    // No other process may use the file. So waiting for a lock would only delay the message that another process has
    // it.
    connection.busy_timeout(std::time::Duration::ZERO)?;
    // Only one process may use the file, because streams hear only of messages that their own process stored.
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    // A message is answered after its commit, and a commit must survive a crash and a loss of power. With a write-ahead
    // log, FULL makes each commit wait until the log is on the disk; NORMAL would not.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)
}
