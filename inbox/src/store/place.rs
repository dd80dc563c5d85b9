//! Where an inbox keeps everything: in a SQLite file or in a PostgreSQL database.

use std::fmt;
use std::io;
use std::path::Path;
use std::thread::JoinHandle;

use super::Store;
use super::postgres::{self, DatabaseError, DatabaseUrl, Listening};
use super::sqlite::data_file::{DataFile, OpenError};
use super::sqlite::{self, DataFileGone};
use crate::bell::Bell;
use crate::clock::Clock;
use crate::domain::{Flow, Secrets};
use crate::metrics::Metrics;
use crate::secret::NoRandom;

/// Where an inbox keeps everything.
#[derive(Clone, Debug)]
pub enum Place {
    /// In a SQLite file.
    File(DataFile),
    /// In a PostgreSQL database.
    Database {
        /// The database.
        url: DatabaseUrl,
        /// How the inbox hears of what other inboxes write there.
        listening: Listening,
    },
}

/// Why the place cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// The data file cannot be used.
    #[error(transparent)]
    File(#[from] OpenError),
    /// The database cannot be used.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The operating system provided no random numbers.
    #[error("cannot start: the operating system provided no random numbers: {0}")]
    Random(#[from] NoRandom),
    /// The operating system refused to start a thread.
    #[error("cannot start: {0}")]
    System(#[from] io::Error),
}

/// A store that is open.
pub struct Opened {
    /// The store.
    pub store: Store,
    /// The secrets that opening it has created: at the first start, for applications of an older inbox that had none, or
    /// because `new_tokens` asked for them.
    pub secrets: Secrets,
    /// The flow of the oldest source, or else the oldest flow.
    pub flow: Flow,
    /// Ends when the last handle of the store is dropped and the data file is closed. A database has none.
    pub end: Option<JoinHandle<Result<(), DataFileGone>>>,
}

impl Place {
    /// The database with this URL, or else the data file at this path, or else the one in the platform's folder.
    pub fn of(database: Option<(DatabaseUrl, Listening)>, data: Option<&Path>) -> Result<Place, OpenError> {
        Ok(match database {
            Some((url, listening)) => Place::Database { url, listening },
            None => Place::File(DataFile::at(data)?),
        })
    }

    /// Opens the store. At the first start, creates its tables with their first rows. Updates the tables of an older inbox.
    pub async fn open(
        &self,
        new_tokens: bool,
        bell: Bell,
        clock: Clock,
        metrics: Metrics,
    ) -> Result<Opened, PlaceError> {
        match self {
            Place::File(file) => {
                let sqlite::data_file::Opened { connections, secrets, flow } = file.open(new_tokens, clock.now_ms())?;
                let (store, thread) = sqlite::Store::start(connections, bell, clock, metrics)?;
                Ok(Opened { store: Store::Sqlite(store), secrets, flow, end: Some(thread) })
            }
            Place::Database { url, listening } => {
                let opening = postgres::Store::open(url, listening, new_tokens, bell, clock, metrics);
                let postgres::Opened { store, secrets, flow } = opening.await?;
                Ok(Opened { store: Store::Postgres(store), secrets, flow, end: None })
            }
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::File(file) => file.fmt(f),
            Place::Database { url, .. } => url.fmt(f),
        }
    }
}
