//! The file into which a start writes the secrets that it creates, so that they are in no log.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::private_file::{self, with_ending};

/// A file that can be written: its folder exists, and this process may create files in it.
pub struct SecretsFile {
    path: PathBuf,
    part: PathBuf,
    file: File,
}

impl SecretsFile {
    /// Makes sure that the file can be written, before there are secrets.
    pub fn prepare(path: &Path) -> io::Result<SecretsFile> {
        let part = with_ending(path, ".part");
        let _ = fs::remove_file(&part);
        private_file::create(&part);
        let file = File::options().write(true).create(true).truncate(true).open(&part)?;
        Ok(SecretsFile { path: path.to_owned(), part, file })
    }

    /// Writes the secrets. Without any, an earlier file stays as it is.
    pub fn write(mut self, secrets: Option<&str>) -> io::Result<()> {
        let Some(secrets) = secrets else { return fs::remove_file(&self.part) };
        writeln!(self.file, "{secrets}")?;
        self.file.sync_all()?;
        fs::rename(&self.part, &self.path)
    }
}
