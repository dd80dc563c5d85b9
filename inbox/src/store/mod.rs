//! The database: one SQLite file, one connection, and one thread that owns it.
//!
//! SQLite is synchronous and writes one transaction at a time, so more threads would not help. Handlers send closures
//! to the thread through a channel and await the result ([`Store::call`]). The thread runs the closures in the order of
//! their arrival. So message ids rise in the order of commits, and a client that reads "everything after id n" misses
//! nothing. If one commit for each message ever costs too much, the thread can run several waiting closures in one
//! transaction and answer them all after its commit.

pub mod applications;
mod file;
pub mod files;
pub mod flows;
pub mod grants;
pub mod messages;
mod schema;
pub mod sessions;
pub mod sources;
pub mod threads;
pub mod tokens;

use std::io;
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::bell::Bell;
use crate::clock::Clock;

pub use applications::{Application, Credentials};
pub use file::{DataFile, OpenError};
pub use flows::{Flow, FlowKey};
pub use messages::{MessageFilter, Order};
pub use schema::{FIRST_FLOW, FIRST_ORGANIZATION};
pub use sources::Source;
pub use threads::ThreadFilter;
pub use tokens::Tokens;

/// How many closures the queue of the database thread holds. When it is full, [`Store::call`] waits.
const QUEUE: usize = 256;

/// Why an operation of the database failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite reported an error, for example because the disk is full.
    #[error("the database failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A column holds text that is not JSON.
    #[error("the database holds unreadable JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The operating system provided no random numbers.
    #[error("no random numbers: {0}")]
    Random(#[from] getrandom::Error),
    /// The database thread has ended.
    #[error("the database is closed")]
    Closed,
}

/// The secrets that opening the data file created. They are shown only this once.
#[derive(Debug, Default)]
pub struct Secrets {
    /// The tokens, if this is the first start or `--new-tokens` asked for new ones.
    pub tokens: Option<Tokens>,
    /// The credentials of the first application, if this start created them.
    pub application: Option<Credentials>,
}

/// What a closure on the database thread works with.
pub struct Database {
    connection: Connection,
    bell: Bell,
    clock: Clock,
}

type Job = Box<dyn FnOnce(&mut Database) + Send>;

/// A handle of the database thread. The thread ends when the last handle is dropped.
#[derive(Clone)]
pub struct Store {
    jobs: mpsc::Sender<Job>,
}

impl Store {
    /// Starts the database thread. Join the returned handle to wait until the thread has ended and closed the file.
    ///
    /// The thread itself rings `bell` after each stored message. So the streams hear of a stored message even if its
    /// client has disconnected.
    pub fn start(connection: Connection, bell: Bell, clock: Clock) -> io::Result<(Store, JoinHandle<()>)> {
        let (jobs, mut waiting) = mpsc::channel::<Job>(QUEUE);
        let mut database = Database { connection, bell, clock };
        let thread = thread::Builder::new().name("database".to_owned()).spawn(move || {
            while let Some(job) = waiting.blocking_recv() {
                job(&mut database);
            }
        })?;
        Ok((Store { jobs }, thread))
    }

    /// Runs `work` on the database thread and waits for its result.
    ///
    /// Once `work` is in the queue it runs, even if nobody waits for its result any more.
    pub async fn call<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Database) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (done, result) = oneshot::channel();
        let job: Job = Box::new(move |database| {
            let _ = done.send(work(database));
        });
        self.jobs.send(job).await.map_err(|_| StoreError::Closed)?;
        result.await.map_err(|_| StoreError::Closed)?
    }
}
