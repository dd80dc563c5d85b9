//! The file into which a start writes the secrets that it creates, so that they are in no log.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::private_file::Part;

/// A file that can be written: its folder exists, and this process may create files in it.
pub struct SecretsFile {
    path: PathBuf,
    part: Part,
}

impl SecretsFile {
    /// Makes sure that the file can be written, before there are secrets.
    pub fn prepare(path: &Path, data_file: Option<&Path>) -> io::Result<SecretsFile> {
        let is_data_file = data_file.is_some_and(|data_file| data_file == path);
        if is_data_file || path.exists() && !path.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it must be a file of its own"));
        }
        Ok(SecretsFile { path: path.to_owned(), part: Part::beside(path)? })
    }

    /// Writes the secrets.
    pub fn write(mut self, secrets: &str) -> io::Result<()> {
        writeln!(self.part.file, "{secrets}")?;
        self.part.move_to(&self.path).or_else(|_| {
            // A file that is mounted into a container can only be written in place.
            let mut file = File::options().write(true).truncate(true).open(&self.path)?;
            writeln!(file, "{secrets}")?;
            file.sync_all()
        })
    }
}
