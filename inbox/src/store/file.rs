//! The data file: where it is, and how it is opened.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use super::schema::{self, State};
use super::{Secrets, StoreError};

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

    /// Opens the file, makes and fills it at the first start, and brings the file of an older inbox up to date.
    ///
    /// Secrets come back only where they were just made: at the first start, for what an older inbox did not know, or
    /// because `new_tokens` asks for it.
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

/// Makes a new file one that only its owner can read: client secrets stand in it as they are. SQLite gives the files that
/// it puts beside it the same rights.
///
/// Where this fails SQLite will say why.
#[cfg(unix)]
fn keep_from_others(path: &Path) {
    use std::os::unix::fs::OpenOptionsExt;
    let _ = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
}

/// Elsewhere the folder of application data is its owner's alone.
#[cfg(not(unix))]
fn keep_from_others(_: &Path) {}

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
