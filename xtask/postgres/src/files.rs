//! Copies folders.

use std::fs;
use std::path::Path;

use crate::account::Account;

/// Copies a folder with everything in it, for an account.
pub fn copy(from: &Path, to: &Path, account: Option<Account>) -> Result<(), String> {
    let metadata = fs::symlink_metadata(from).map_err(|error| format!("{}: {error}", from.display()))?;
    let failed = |error| format!("cannot copy {} to {}: {error}", from.display(), to.display());
    if metadata.is_dir() {
        fs::create_dir_all(to).map_err(failed)?;
        fs::set_permissions(to, metadata.permissions()).map_err(failed)?;
        for entry in fs::read_dir(from).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            copy(&from.join(&name), &to.join(&name), account)?;
        }
    } else {
        // A link is followed, so that the copy needs nothing beside it.
        fs::copy(from, to).map_err(failed)?;
    }
    account.map_or(Ok(()), |account| account.give(to))
}
