//! The file into which a start writes the secrets that it creates, so that they are in no log.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::private_file;

/// A file that can be written: its folder exists, and this process may create files in it.
pub struct SecretsFile {
    path: PathBuf,
    part: PathBuf,
    file: File,
}

impl SecretsFile {
    /// Makes sure that the file can be written, before there are secrets.
    pub fn prepare(path: &Path, data_file: Option<&Path>) -> io::Result<SecretsFile> {
        let is_data_file = data_file.is_some_and(|data_file| data_file == path);
        if is_data_file || path.exists() && !path.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it must be a file of its own"));
        }
        let (part, file) = private_file::create_part(path)?;
        Ok(SecretsFile { path: path.to_owned(), part, file })
    }

    /// Writes the secrets. Without any, an earlier file stays as it is.
    pub fn write(mut self, secrets: Option<&str>) -> io::Result<()> {
        let Some(secrets) = secrets else { return fs::remove_file(&self.part) };
        writeln!(self.file, "{secrets}")?;
        self.file.sync_all()?;
        fs::rename(&self.part, &self.path).or_else(|_| {
            // A file that is mounted into a container can only be written in place.
            let mut file = File::options().write(true).truncate(true).open(&self.path)?;
            writeln!(file, "{secrets}")?;
            file.sync_all()?;
            fs::remove_file(&self.part)
        })
    }
}
