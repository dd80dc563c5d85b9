//! One end of a copy: a SQLite file or a PostgreSQL database.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::store::postgres::DatabaseUrl;
use crate::store::sqlite::data_file::DataFile;

/// One end of a copy.
#[derive(Clone, Debug)]
pub enum End {
    /// A SQLite file.
    File(DataFile),
    /// A PostgreSQL database.
    Database(DatabaseUrl),
}

impl FromStr for End {
    type Err = &'static str;

    /// Reads a URL or else the path of a file. The error never shows the text, which may hold a password.
    fn from_str(text: &str) -> Result<End, &'static str> {
        if text.contains("://") {
            return text.parse().map(End::Database);
        }
        match DataFile::at(Some(&PathBuf::from(text))) {
            Ok(file @ DataFile::Path(_)) => Ok(End::File(file)),
            _ => Err("must be a file or a postgres:// URL; :memory: is neither"),
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::File(file) => file.fmt(f),
            End::Database(url) => url.fmt(f),
        }
    }
}
