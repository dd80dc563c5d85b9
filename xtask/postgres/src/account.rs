//! The account that a server runs under. PostgreSQL refuses to run as root.

use std::path::{Path, PathBuf};
use std::process::Command;

/// An account of the operating system.
#[derive(Clone, Copy)]
pub struct Account {
    #[cfg_attr(not(unix), expect(dead_code, reason = "only Unix has such accounts"))]
    uid: u32,
    #[cfg_attr(not(unix), expect(dead_code, reason = "only Unix has such accounts"))]
    gid: u32,
}

impl Account {
    /// The account for a server if this process is root: `nobody`. `None` if this process is not root.
    pub fn instead_of_root() -> Result<Option<Account>, String> {
        if !cfg!(unix) || id(&["-u"])? != 0 {
            return Ok(None);
        }
        Ok(Some(Account { uid: id(&["-u", "nobody"])?, gid: id(&["-g", "nobody"])? }))
    }

    /// Lets a command run under this account, without the groups of root.
    pub fn apply_to(self, command: &mut Command) {
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt;
            command.uid(self.uid).gid(self.gid);
        }
        #[cfg(not(unix))]
        let _ = command;
    }

    /// Gives a file or a folder to this account.
    pub fn give(self, path: &Path) -> Result<(), String> {
        #[cfg(unix)]
        std::os::unix::fs::chown(path, Some(self.uid), Some(self.gid))
            .map_err(|error| format!("cannot give {} to another account: {error}", path.display()))?;
        #[cfg(not(unix))]
        let _ = path;
        Ok(())
    }
}

fn id(arguments: &[&str]) -> Result<u32, String> {
    let output = Command::new("id").args(arguments).output().map_err(|error| format!("`id`: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim()
        .parse()
        .map_err(|_| format!("`id {}` names no account, and PostgreSQL refuses root", arguments.join(" ")))
}

/// Whether every account can enter this folder. A folder below `/root` is usually closed.
pub fn is_open(folder: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let is_open = |folder: &Path| folder.metadata().is_ok_and(|folder| folder.permissions().mode() & 0o001 != 0);
        // Without links, so that each folder on the way is looked at.
        folder.canonicalize().is_ok_and(|folder| folder.ancestors().all(is_open))
    }
    #[cfg(not(unix))]
    folder.exists()
}

/// The folder for temporary files, or `/tmp` if other accounts cannot enter that one.
pub fn open_temporary_folder() -> PathBuf {
    let folder = std::env::temp_dir();
    if is_open(&folder) { folder } else { PathBuf::from("/tmp") }
}
