//! The programs of PostgreSQL.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::account::{Account, is_open, open_temporary_folder};
use crate::files;

/// The programs `initdb`, `pg_ctl` and `postgres` of one version of PostgreSQL.
#[derive(Clone)]
pub struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// The programs in a folder. If the account of the server cannot enter the folder, they are copied to where it can: `base`, or
    /// else a folder for temporary files.
    ///
    /// # Errors
    ///
    /// A program is missing, or cannot be copied.
    pub fn in_folder(folder: &Path, base: &Path) -> Result<Programs, String> {
        for name in ["initdb", "pg_ctl", "postgres"] {
            let program = folder.join(name).with_extension(std::env::consts::EXE_EXTENSION);
            if !program.is_file() {
                return Err(format!("no PostgreSQL: {} is missing", program.display()));
            }
        }
        if Account::instead_of_root()?.is_none() || is_open(folder) {
            return Ok(Programs { folder: folder.to_owned() });
        }
        // The programs find their libraries beside their folder, so everything around it is copied.
        let whole = folder.parent().ok_or("the folder of PostgreSQL's programs has no parent")?;
        let mut hasher = DefaultHasher::new();
        let modified = fs::metadata(folder.join("postgres")).and_then(|program| program.modified()).ok();
        (folder, modified).hash(&mut hasher);
        let copy = open_folder(base)?.join(format!("programs-{:016x}", hasher.finish()));
        if !copy.exists() {
            // A name of its own until it is whole, because other processes may do the same.
            let part = copy.with_extension(std::process::id().to_string());
            files::copy(whole, &part, None)?;
            fs::rename(&part, &copy).map_err(|error| format!("{}: {error}", copy.display()))?;
        }
        let name = folder.file_name().ok_or("the folder of PostgreSQL's programs has no name")?;
        Ok(Programs { folder: copy.join(name) })
    }

    /// The folder of the programs.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The command that runs one of them.
    pub(crate) fn command(&self, name: &str) -> Command {
        Command::new(self.folder.join(name).with_extension(std::env::consts::EXE_EXTENSION))
    }
}

/// The folder `base`, which is made, or if the account of a server cannot enter it, a folder for temporary files.
pub(crate) fn open_folder(base: &Path) -> Result<PathBuf, String> {
    let failed = |folder: &Path, error| format!("cannot make {}: {error}", folder.display());
    fs::create_dir_all(base).map_err(|error| failed(base, error))?;
    let base = base.canonicalize().map_err(|error| failed(base, error))?;
    if Account::instead_of_root()?.is_none() || is_open(&base) {
        return Ok(base);
    }
    let folder = open_temporary_folder().join("flowdock-postgres");
    fs::create_dir_all(&folder).map_err(|error| failed(&folder, error))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        // Others may have made it before, and would then decide what is in it.
        let metadata = fs::symlink_metadata(&folder).map_err(|error| failed(&folder, error))?;
        if metadata.uid() != 0 || !metadata.is_dir() {
            return Err(format!("{} belongs to another account: remove it", folder.display()));
        }
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o711)).map_err(|error| failed(&folder, error))?;
    }
    Ok(folder)
}
