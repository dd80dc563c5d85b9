//! Files that only their owner can read, and the names of files beside another one.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use crate::secret;

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

/// Creates a file beside `path` that only its owner can read. No other file has its name, so nobody can have prepared it.
pub fn create_part(path: &Path) -> io::Result<(PathBuf, File)> {
    let random = secret::random_hex().map_err(io::Error::other)?;
    let part = with_ending(path, &format!(".{random}.part"));
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(&part)?;
    Ok((part, file))
}

/// The path with this text at the end of its file name.
pub fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
