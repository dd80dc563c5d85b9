//! The database: one SQLite file, one connection, one thread that owns it.
//!
//! SQLite is synchronous and writes one transaction at a time, so one thread is all it can use. Handlers send it
//! closures through a channel and await the result ([`Store::call`]). The thread runs them in the order in which they
//! came; therefore message ids rise in the order of commits and whoever reads "everything after id n" misses nothing.
//! Should the cost of one commit a message ever matter, the thread is the place to take several waiting closures into
//! one transaction and to answer them all after its commit.

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

/// How many requests may wait for the database before the next ones wait for a place in the queue.
const QUEUE: usize = 256;

/// Why the database did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite refuses, for example because the disk is full.
    #[error("the database failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// What a column holds is no JSON.
    #[error("the database holds unreadable JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// The system gives no random numbers.
    #[error("no random numbers: {0}")]
    Random(#[from] getrandom::Error),
    /// The database thread has ended.
    #[error("the database is closed")]
    Closed,
}

/// What opening the data file made, and what is shown this one time.
#[derive(Debug, Default)]
pub struct Secrets {
    /// The tokens of the first start, or the new ones.
    pub tokens: Option<Tokens>,
    /// Of the first application.
    pub application: Option<Credentials>,
}

/// What a closure gets to work with.
pub struct Database {
    connection: Connection,
    bell: Bell,
    clock: Clock,
}

type Job = Box<dyn FnOnce(&mut Database) + Send>;

/// A handle of the database thread. The thread ends when the last one is dropped.
#[derive(Clone)]
pub struct Store {
    jobs: mpsc::Sender<Job>,
}

impl Store {
    /// Starts the thread. Its end, at which the file is closed, can be waited for by joining it.
    ///
    /// `bell` is rung after each stored message, by the thread itself: a client that hangs up early must not keep the
    /// others from hearing of a message that is stored already.
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
    /// Once it is in the queue it runs, even if nobody waits for the result any more.
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
