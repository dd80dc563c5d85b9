//! Copies the whole database into a file, and puts such a copy in the place of the data file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OpenFlags};

use super::data_file::{self, DataFile, OpenError};
use super::schema::{self, State};
use crate::private_file::{Part, folder, with_ending};

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
        refuse_taken(to)?;
        let (part, copied) = copy(from, to)?;
        move_into_place(part, to)?;
        Ok(copied)
    }

    /// Puts a copy of the file `from`, which [`back_up`](DataFile::back_up) made, in the place of the database. A database
    /// that is there already is kept beside it. Returns what was copied, and where the old database is.
    ///
    /// # Errors
    ///
    /// [`BackupError`], for example if another program uses the database. Then the database is as before.
    pub fn restore(&self, from: &Path) -> Result<(Copied, Option<PathBuf>), BackupError> {
        let DataFile::Path(to) = self else { return Err(BackupError::Memory) };
        if !from.is_file() {
            return Err(BackupError::Missing(from.to_owned()));
        }
        let _lock = self.lock(to)?;
        give_to_owner(&data_file::lock_path(to), to);
        let old = with_ending(to, ".before-restore");
        let logs = ["-wal", "-shm", "-journal"].map(|ending| (with_ending(to, ending), with_ending(&old, ending)));
        for kept in [&old].into_iter().chain(logs.iter().map(|(_, kept)| kept)) {
            if kept.symlink_metadata().is_ok() {
                return Err(BackupError::Exists(kept.clone()));
            }
        }
        let (part, copied) = copy(from, to)?;
        give_to_owner(part.path(), to);
        let had_one = self.replace(to, part, &old, &logs)?;
        Ok((copied, had_one.then_some(old)))
    }

    /// Keeps the database as `old`, with its `logs`, and gives its name to `part`. Returns whether there was one.
    fn replace(&self, to: &Path, part: Part, old: &Path, logs: &[(PathBuf, PathBuf)]) -> Result<bool, BackupError> {
        let write = |reason| BackupError::Write { file: old.to_owned(), reason };
        let had_one = to.exists();
        if had_one {
            self.empty_log(to)?;
            // There is always a database at the path. If the process ended between two renames, the next start would find none.
            fs::hard_link(to, old).or_else(|_| fs::copy(to, old).map(drop)).map_err(write)?;
        }
        // A log that is left belongs to the old database. SQLite would write it into the new one.
        let mut moved = Vec::new();
        let done = logs.iter().filter(|(log, _)| log.exists()).try_for_each(|(log, kept)| {
            fs::rename(log, kept).map_err(write)?;
            moved.push((log, kept));
            Ok(())
        });
        let done = done.and_then(|()| move_into_place(part, to));
        if done.is_err() {
            for (log, kept) in moved {
                let _ = fs::rename(kept, log);
            }
            if had_one {
                let _ = fs::remove_file(old);
            }
        }
        done.map(|()| had_one)
    }

    /// Writes the log of a database into its file. The log of a damaged database stays as it is.
    fn empty_log(&self, path: &Path) -> Result<(), BackupError> {
        let emptied = Connection::open(path).and_then(|database| {
            database.busy_timeout(data_file::BUSY_TIME)?;
            database.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0))
        });
        // Another program reads the database. What it has not seen yet would stay in the log.
        if emptied == Ok(true) { Err(OpenError::InUse(self.clone()).into()) } else { Ok(()) }
    }
}

/// Refuses the path of a new file if there is something already.
pub(super) fn refuse_taken(path: &Path) -> Result<(), BackupError> {
    // SQLite would take such a log for one of the new file.
    for taken in [path.to_owned(), with_ending(path, "-wal"), with_ending(path, "-journal")] {
        if taken.symlink_metadata().is_ok() {
            return Err(BackupError::Exists(taken));
        }
    }
    Ok(())
}

/// Copies a database into a new file beside `beside` and checks the copy. Returns the new file.
fn copy(from: &Path, beside: &Path) -> Result<(Part, Copied), BackupError> {
    if !from.is_file() {
        return Err(BackupError::Missing(from.to_owned()));
    }
    let write = |reason| BackupError::Write { file: beside.to_owned(), reason };
    let part = Part::beside(beside).map_err(write)?;
    let messages = copy_database(from, part.path())?;
    let bytes = part.file.metadata().map_err(write)?.len();
    Ok((part, Copied { bytes, messages }))
}

/// Copies a database into an empty file and checks the copy. Returns how many messages it has.
fn copy_database(from: &Path, to: &Path) -> Result<i64, BackupError> {
    let failed = |reason| BackupError::Copy { from: from.to_owned(), reason };
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
}

/// Gives a copy its final name, and waits until it is on the disk.
pub(super) fn move_into_place(part: Part, to: &Path) -> Result<(), BackupError> {
    part.move_to(to).map_err(|reason| BackupError::Write { file: to.to_owned(), reason })
}

/// Gives a file the owner of the data file `of` or of its folder, because an administrator restores and another user runs the
/// inbox.
///
/// Ignores an error: without the right to do this, the caller keeps the file.
#[cfg(unix)]
pub(super) fn give_to_owner(file: &Path, of: &Path) {
    use std::os::unix::fs::{MetadataExt, chown};
    if let Ok(owner) = fs::metadata(of).or_else(|_| fs::metadata(folder(of))) {
        let _ = chown(file, Some(owner.uid()), Some(owner.gid()));
    }
}

/// Does nothing: elsewhere a file has the rights of its folder.
#[cfg(not(unix))]
pub(super) fn give_to_owner(_: &Path, _: &Path) {}
