//! The data file: its default path, and how it is opened.

use std::fmt;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use etcetera::BaseStrategy;
use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use super::flows;
use super::schema::{self, State};
use crate::domain::{Flow, Secrets};
use crate::private_file::{self, folder, with_ending};
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
    /// The file that locks the data file cannot be created or locked.
    #[error("cannot lock {file}: {reason}")]
    Lock {
        /// The data file.
        file: DataFile,
        /// The error of the operating system.
        reason: io::Error,
    },
    /// There is no data file, although an inbox has used one here.
    #[error(
        "{file} is missing, although an inbox has used it; put it back or restore a backup, or remove {lock} to begin \
         with an empty one",
        file = .0.display(), lock = lock_path(.0).display()
    )]
    Missing(PathBuf),
    /// Another inbox has the file open.
    #[error("{0} is in use by another process")]
    InUse(DataFile),
    /// The file is not a database of an inbox.
    #[error("{0} is not the database of an inbox")]
    Foreign(DataFile),
    /// An older version of the inbox wrote the file.
    #[error("{0} was written by an older version of this program; start an inbox of this version with it once")]
    Older(DataFile),
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

/// How many connections read beside the one that writes.
const READERS: usize = 2;

/// How long a connection waits for another program, such as one that makes a backup.
pub(super) const BUSY_TIME: Duration = Duration::from_secs(5);

/// How much memory the connection that writes uses for pages of the file.
pub(super) const CACHE_KIB: i64 = 32 * 1024;

/// How many pages the write-ahead log collects before SQLite copies them into the file: 32 MiB.
const CHECKPOINT_PAGES: i64 = 8192;

/// The connections to an open data file.
pub struct Connections {
    /// The connection that writes.
    pub writer: Connection,
    /// The connections that only read. A database in memory has none.
    pub readers: Vec<Connection>,
    /// Keeps other inboxes away from the file until this is dropped.
    pub lock: Option<File>,
    /// The file as it was opened. A database in memory has none.
    pub identity: Option<Identity>,
}

/// Which file was opened at a path. SQLite goes on with a file that somebody has removed or replaced; what it stores then is
/// lost.
pub struct Identity {
    path: PathBuf,
    #[cfg(unix)]
    device_and_inode: (u64, u64),
}

impl Identity {
    fn of(path: &Path) -> io::Result<Identity> {
        Ok(Identity {
            path: path.to_owned(),
            #[cfg(unix)]
            device_and_inode: device_and_inode(path)?,
        })
    }

    /// Whether the path no longer leads to the file.
    pub fn has_gone(&self) -> bool {
        #[cfg(unix)]
        return device_and_inode(&self.path).ok() != Some(self.device_and_inode);
        // Elsewhere an open file can be neither removed nor replaced.
        #[cfg(not(unix))]
        return !self.path.exists();
    }

    /// The path.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(unix)]
fn device_and_inode(path: &Path) -> io::Result<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    let metadata = std::fs::metadata(path)?;
    Ok((metadata.dev(), metadata.ino()))
}

/// A data file that is open.
pub struct Opened {
    /// Its connections.
    pub connections: Connections,
    /// The secrets that opening it has created: at the first start, for applications of an older inbox that had none, or
    /// because `new_tokens` asked for them.
    pub secrets: Secrets,
    /// The flow of the oldest source, or else the oldest flow.
    pub flow: Flow,
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
    /// The file at this path, or the one in the platform's folder.
    pub fn at(path: Option<&Path>) -> Result<DataFile, OpenError> {
        let file = path.map_or_else(DataFile::in_platform_folder, |path| Ok(DataFile::from(path.to_owned())))?;
        // One file has one name, and so one lock, also through a symbolic link.
        Ok(match file {
            DataFile::Path(path) => DataFile::Path(path.canonicalize().unwrap_or(path)),
            DataFile::Memory => DataFile::Memory,
        })
    }

    /// `inbox.sqlite` in the platform's folder for application data.
    fn in_platform_folder() -> Result<DataFile, OpenError> {
        let platform = etcetera::base_strategy::choose_native_strategy().map_err(|_| OpenError::NoFolder)?;
        Ok(DataFile::Path(platform.data_dir().join("flowdock-inbox").join("inbox.sqlite")))
    }

    /// Opens the file. At the first start, creates it with its first rows. Updates the tables of an older inbox.
    pub fn open(&self, new_tokens: bool, now_ms: i64) -> Result<Opened, OpenError> {
        let lock = match self {
            DataFile::Memory => None,
            DataFile::Path(path) => {
                // An empty file in its place would hide that all messages are missing.
                if lock_path(path).exists() && !path.exists() {
                    return Err(OpenError::Missing(path.clone()));
                }
                Some(self.lock(path)?)
            }
        };
        if let DataFile::Path(path) = self {
            // SQLite creates its additional files with the same permissions. They contain client secrets.
            private_file::create(path);
        }
        let connect = || match self {
            DataFile::Memory => Connection::open_in_memory(),
            DataFile::Path(path) => Connection::open(path),
        };
        let mut writer = connect().map_err(|error| self.unusable(error))?;
        configure(&writer).map_err(|error| self.unusable(error))?;
        let transaction =
            writer.transaction_with_behavior(TransactionBehavior::Exclusive).map_err(|error| self.unusable(error))?;
        let version = match schema::state(&transaction).map_err(|error| self.unusable(error))? {
            State::Foreign => return Err(OpenError::Foreign(self.clone())),
            State::Newer => return Err(OpenError::Newer(self.clone())),
            State::Version(version) => version,
        };
        let (secrets, flow) = schema::bring_up_to_date(&transaction, version, new_tokens, now_ms)
            .and_then(|secrets| Ok((secrets, flows::announced(&transaction)?)))
            .and_then(|opened| transaction.commit().map(|()| opened).map_err(StoreError::from))
            .map_err(|reason| self.unusable(reason))?;
        // A database in memory belongs to one connection, which then reads as well.
        let readers = if lock.is_some() { READERS } else { 0 };
        let readers = (0..readers).map(|_| {
            let reader = connect()?;
            reader.pragma_update(None, "query_only", true)?;
            reader.busy_timeout(BUSY_TIME)?;
            Ok(reader)
        });
        let readers = readers.collect::<rusqlite::Result<_>>().map_err(|error| self.unusable(error))?;
        let identity = match self {
            DataFile::Memory => None,
            DataFile::Path(path) => Some(Identity::of(path).map_err(|reason| self.unlocked(reason))?),
        };
        Ok(Opened { connections: Connections { writer, readers, lock, identity }, secrets, flow })
    }

    /// Creates the folder, if it is missing, and takes the file for this process.
    pub(super) fn lock(&self, path: &Path) -> Result<File, OpenError> {
        std::fs::create_dir_all(folder(path)).map_err(|reason| OpenError::Folder { file: path.to_owned(), reason })?;
        // A file of its own: closing any handle of the data file would drop the locks that SQLite holds on it.
        let lock = lock_path(path);
        private_file::create(&lock);
        let lock = File::options().append(true).create(true).open(lock).map_err(|reason| self.unlocked(reason))?;
        match lock.try_lock() {
            Ok(()) => Ok(lock),
            Err(TryLockError::WouldBlock) => Err(OpenError::InUse(self.clone())),
            Err(TryLockError::Error(reason)) => Err(self.unlocked(reason)),
        }
    }

    fn unlocked(&self, reason: io::Error) -> OpenError {
        OpenError::Lock { file: self.clone(), reason }
    }

    pub(super) fn unusable(&self, error: impl Into<StoreError>) -> OpenError {
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

/// The file that keeps other inboxes away from a data file.
pub(super) fn lock_path(data_file: &Path) -> PathBuf {
    with_ending(data_file, ".lock")
}

/// Sets the options of the connection.
fn configure(connection: &Connection) -> rusqlite::Result<()> {
    // Other programs may read the file, to make a backup for example. A lock file keeps other inboxes away.
    connection.busy_timeout(BUSY_TIME)?;
    // A message is answered after its commit, and a commit must survive a crash and a loss of power. With a write-ahead
    // log, FULL makes each commit wait until the log is on the disk; NORMAL would not.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // The pages of the indexes that every post touches stay in memory, and what a refused post would undo is kept there too.
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // The log is copied into the file less often: a page that many posts have changed is copied once.
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    connection.pragma_update(None, "foreign_keys", true)
}
