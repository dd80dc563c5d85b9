//! Files that only their owner can read, and files that appear under their name when they are whole.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::secret;

/// Creates a file that only its owner can read, unless the file exists.
///
/// Ignores an error: the caller opens the file next and reports the reason.
#[cfg(unix)]
pub fn create(path: &Path) {
    use std::os::unix::fs::OpenOptionsExt;
    let _ = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
}

/// Does nothing: on other platforms only the user can read the folder for application data.
#[cfg(not(unix))]
pub fn create(_: &Path) {}

/// A file that is not whole yet, under a name of its own. It is removed if it does not get its final name.
pub struct Part {
    path: PathBuf,
    /// The file, to write to.
    pub file: File,
}

impl Part {
    /// Creates a file beside `path` that only its owner can read. Nobody else can have prepared it: its name is random.
    pub fn beside(path: &Path) -> io::Result<Part> {
        let random = secret::random_hex().map_err(io::Error::other)?;
        let part = with_ending(path, &format!(".{random}.part"));
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(Part { file: options.open(&part)?, path: part })
    }

    /// Where the file is now.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the file its final name, and waits until content and name are on the disk. Replaces a file of that name.
    pub fn move_to(self, path: &Path) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.path, path)?;
        if cfg!(unix) { File::open(folder(path))?.sync_all() } else { Ok(()) }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // It is not there any more if it got its final name.
        let _ = fs::remove_file(&self.path);
    }
}

/// The folder of a file.
pub fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The path with this text at the end of its file name.
pub fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
