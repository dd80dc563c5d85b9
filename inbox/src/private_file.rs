//! Files that only their owner can read, and the names of files beside another one.

use std::path::{Path, PathBuf};

/// Creates a file that only its owner can read, unless the file exists.
///
/// Ignores an error: the caller opens the file next and reports the reason.
#[cfg(unix)]
pub fn create(path: &Path) {
    use std::os::unix::fs::OpenOptionsExt;
    let _ = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
}

/// Does nothing: on other platforms only the user can read the folder for application data.
#[cfg(not(unix))]
pub fn create(_: &Path) {}

/// The path with this text at the end of its file name.
pub fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
