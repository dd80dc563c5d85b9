//! Copies the whole database into a file, and puts such a copy in the place of the data file.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::data_file::{self, DataFile, OpenError};
use super::schema::{self, State};
use crate::private_file::{self, with_ending};

/// Why a copy was not made.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A database in memory has no file.
    #[error("a backup needs a data file, and :memory: is none")]
    Memory,
    /// There is no such file.
    #[error("there is no file {}", .0.display())]
    Missing(PathBuf),
    /// The file that would be written is there already.
    #[error("{} exists already; move it away, or name another file", .0.display())]
    Exists(PathBuf),
    /// The data file cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database is damaged.
    #[error("{} is damaged: {found}", .file.display())]
    Damaged {
        /// The file.
        file: PathBuf,
        /// The first thing that SQLite found.
        found: String,
    },
    /// SQLite failed.
    #[error("cannot copy {}: {reason}", .from.display())]
    Copy {
        /// The file that was to be copied.
        from: PathBuf,
        /// The error of the database.
        reason: rusqlite::Error,
    },
    /// The operating system failed.
    #[error("cannot write {}: {reason}", .file.display())]
    Write {
        /// The file.
        file: PathBuf,
        /// The error of the operating system.
        reason: io::Error,
    },
}

/// What a copy holds.
#[derive(Debug)]
pub struct Copied {
    /// The size of the file, in bytes.
    pub bytes: u64,
    /// How many messages are in it.
    pub messages: i64,
}

impl DataFile {
    /// Copies the database into a new file: everything that was answered before the copy begins. An inbox may use the database
    /// meanwhile; it is not held up.
    ///
    /// # Errors
    ///
    /// [`BackupError`]. Then the new file is not there.
    pub fn back_up(&self, to: &Path) -> Result<Copied, BackupError> {
        let DataFile::Path(from) = self else { return Err(BackupError::Memory) };
        if to.exists() {
            return Err(BackupError::Exists(to.to_owned()));
        }
        let part = with_ending(to, ".part");
        let copied = copy(from, &part)?;
        move_into_place(&part, to)?;
        Ok(copied)
    }

    /// Puts a copy of the file `from`, which [`back_up`](DataFile::back_up) made, in the place of the database. A database
    /// that is there already is kept beside it. Returns what was copied, and where the old database is.
    ///
    /// # Errors
    ///
    /// [`BackupError`], for example if an inbox uses the database. Then the database is as before.
    pub fn restore(&self, from: &Path) -> Result<(Copied, Option<PathBuf>), BackupError> {
        let DataFile::Path(to) = self else { return Err(BackupError::Memory) };
        if !from.is_file() {
            return Err(BackupError::Missing(from.to_owned()));
        }
        let is_first = !to.exists();
        let _lock = self.lock(to)?;
        let part = with_ending(to, ".part");
        let copied = copy(from, &part)?;
        let old = with_ending(to, ".before-restore");
        give_to_owner(&part, to);
        if is_first {
            move_into_place(&part, to)?;
            return Ok((copied, None));
        }
        if old.exists() {
            let _ = fs::remove_file(&part);
            return Err(BackupError::Exists(old));
        }
        // The last connection that closes writes the log into the old database. If the database is damaged, the log is kept
        // beside it.
        drop(
            Connection::open(to)
                .and_then(|old| old.pragma_query_value(None, "user_version", |row| row.get::<_, i32>(0))),
        );
        let write = |file: &Path| {
            let file = file.to_owned();
            |reason| BackupError::Write { file, reason }
        };
        for ending in ["-wal", "-shm"] {
            let log = with_ending(to, ending);
            if log.exists() {
                fs::rename(&log, with_ending(&old, ending)).map_err(write(&log))?;
            }
        }
        // There is always a database at the path. If the process ended between two renames, the next start would find none.
        fs::hard_link(to, &old).map_err(write(&old))?;
        move_into_place(&part, to)?;
        Ok((copied, Some(old)))
    }
}

/// Copies a database into a new file, checks the copy and waits until it is on the disk.
fn copy(from: &Path, to: &Path) -> Result<Copied, BackupError> {
    if !from.is_file() {
        return Err(BackupError::Missing(from.to_owned()));
    }
    let failed = |reason| BackupError::Copy { from: from.to_owned(), reason };
    let write = |reason| BackupError::Write { file: to.to_owned(), reason };
    let _ = fs::remove_file(to);
    private_file::create(to);
    let messages = (|| {
        // Not read-only: SQLite may have to create the index of the write-ahead log.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let source = Connection::open_with_flags(from, flags).map_err(failed)?;
        source.busy_timeout(data_file::BUSY_TIME).map_err(failed)?;
        let file = || DataFile::from(from.to_owned());
        match schema::state(&source).map_err(|error| file().unusable(error))? {
            State::Version(0) | State::Foreign => return Err(OpenError::Foreign(file()).into()),
            State::Newer => return Err(OpenError::Newer(file()).into()),
            State::Version(_) => (),
        }
        let mut target = Connection::open(to).map_err(failed)?;
        // In one step: the copy is of one moment, however much is written meanwhile.
        let step = Backup::new(&source, &mut target).and_then(|backup| backup.step(-1)).map_err(failed)?;
        if !matches!(step, StepResult::Done) {
            return Err(OpenError::InUse(file()).into());
        }
        let found: String = target.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(failed)?;
        if found != "ok" {
            // The first line may only name the database.
            let found = found.lines().last().unwrap_or_default().to_owned();
            return Err(BackupError::Damaged { file: from.to_owned(), found });
        }
        target.query_row("SELECT count(*) FROM messages", [], |row| row.get(0)).map_err(failed)
    })();
    let copied = messages.and_then(|messages| {
        let bytes = File::options()
            .write(true)
            .open(to)
            .and_then(|file| file.sync_all().and_then(|()| file.metadata()))
            .map_err(write)?
            .len();
        Ok(Copied { bytes, messages })
    });
    if copied.is_err() {
        let _ = fs::remove_file(to);
    }
    copied
}

/// Gives a file its name, and waits until the name is on the disk.
fn move_into_place(part: &Path, to: &Path) -> Result<(), BackupError> {
    let moved =
        fs::rename(part, to).and_then(|()| if cfg!(unix) { File::open(folder(to))?.sync_all() } else { Ok(()) });
    moved.map_err(|reason| BackupError::Write { file: to.to_owned(), reason })
}

/// Gives the restored file the owner of the data file or of its folder, because an administrator restores and another user runs
/// the inbox.
///
/// Ignores an error: without the right to do this, the caller keeps the file.
#[cfg(unix)]
fn give_to_owner(part: &Path, of: &Path) {
    use std::os::unix::fs::{MetadataExt, chown};
    let owner = fs::metadata(of).or_else(|_| fs::metadata(folder(of)));
    if let Ok(owner) = owner {
        for file in [part, &data_file::lock_path(of)] {
            let _ = chown(file, Some(owner.uid()), Some(owner.gid()));
        }
    }
}

/// Does nothing: elsewhere a file has the rights of its folder.
#[cfg(not(unix))]
fn give_to_owner(_: &Path, _: &Path) {}

/// The folder of a file.
fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
