//! The SQLite store: one file, one connection, and one thread that owns it.
//!
//! SQLite is synchronous and writes one transaction at a time. Handlers send closures to the thread through a channel
//! and await the result ([`Handle::read`], [`Handle::write`]). The thread runs the closures in the order of their
//! arrival. So message ids rise in the order of commits, and a client that reads "everything after id n" misses nothing.

pub mod applications;
pub mod data_file;
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
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode};
use tokio::sync::{mpsc, oneshot};

use super::StoreError;
use crate::bell::Bell;
use crate::clock::Clock;

pub use schema::{FIRST_FLOW, FIRST_ORGANIZATION};

/// How many closures the queue of the database thread holds. When it is full, the callers wait.
const QUEUE: usize = 256;

/// How long a query may read. Every query starts from an index, so this is a hundred times what one needs; a query that
/// takes longer would hold up everybody.
const READ_TIME: Duration = Duration::from_millis(500);

/// How many steps of SQLite's machine pass between two looks at the clock: less than a millisecond.
const STEPS: i32 = 10_000;

/// The largest number of items in a page.
const PAGE_ITEMS: usize = 100;

/// The number of bytes after which a page ends. One item may exceed it, so that a page is never empty.
const PAGE_BYTES: usize = 256 * 1024;

/// Whether a page with this number of items and bytes is full.
fn is_full(items: usize, bytes: usize) -> bool {
    items >= PAGE_ITEMS || bytes >= PAGE_BYTES
}

/// Reads the JSON of items one after another, until a page is full. An item that is gone is skipped. Returns the page and
/// the number of keys that were looked at.
fn page<K>(
    keys: &[K],
    mut read: impl FnMut(&K) -> Result<Option<String>, StoreError>,
) -> Result<(Vec<String>, usize), StoreError> {
    let (mut page, mut bytes, mut seen) = (Vec::new(), 0, 0);
    for key in keys {
        if is_full(page.len(), bytes) {
            break;
        }
        if let Some(json) = read(key)? {
            bytes += json.len();
            page.push(json);
        }
        seen += 1;
    }
    Ok((page, seen))
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
pub struct Handle {
    jobs: mpsc::Sender<Job>,
}

impl Handle {
    /// Starts the database thread. Join the returned handle to wait until the thread has ended and closed the file.
    ///
    /// The thread itself rings `bell` after each stored message. So the streams hear of a stored message even if its
    /// client has disconnected.
    pub fn start(connection: Connection, bell: Bell, clock: Clock) -> io::Result<(Handle, JoinHandle<()>)> {
        let (jobs, mut waiting) = mpsc::channel::<Job>(QUEUE);
        let mut database = Database { connection, bell, clock };
        let thread = thread::Builder::new().name("database".to_owned()).spawn(move || {
            while let Some(job) = waiting.blocking_recv() {
                job(&mut database);
            }
        })?;
        Ok((Handle { jobs }, thread))
    }

    /// Runs `work`, which writes, on the database thread and waits for its result.
    ///
    /// Once `work` is in the queue it runs, even if nobody waits for its result any more: a client may close its
    /// connection as soon as it has sent a message.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
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

    /// Runs `work`, which only reads, on the database thread and waits for its result.
    ///
    /// If nobody waits for the result any more, `work` is not begun. If it takes longer than `READ_TIME`, it ends with
    /// [`StoreError::QueryTimeout`].
    pub async fn read<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        F: FnOnce(&Database) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        let (done, result) = oneshot::channel();
        let job: Job = Box::new(move |database| {
            if !done.is_closed() {
                let _ = done.send(in_time(database, work));
            }
        });
        self.jobs.send(job).await.map_err(|_| StoreError::Closed)?;
        result.await.map_err(|_| StoreError::Closed)?
    }
}

/// Runs `work` and ends its queries when `READ_TIME` has passed.
fn in_time<T>(database: &mut Database, work: impl FnOnce(&Database) -> Result<T, StoreError>) -> Result<T, StoreError> {
    let end = Instant::now() + READ_TIME;
    database.connection.progress_handler(STEPS, Some(move || Instant::now() > end))?;
    let result = work(database);
    database.connection.progress_handler(0, None::<fn() -> bool>)?;
    result.map_err(|error| match &error {
        StoreError::Sqlite(inner) if inner.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => {
            StoreError::QueryTimeout
        }
        _ => error,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    use super::*;
    use crate::store::DataFile;

    fn handle() -> Handle {
        let (connection, _) = DataFile::Memory.open(false, 0).expect("it opens");
        Handle::start(connection, Bell::default(), Clock::stopped_at(0)).expect("a thread").0
    }

    #[tokio::test]
    async fn a_query_that_takes_too_long_is_ended_and_the_next_one_runs() {
        let handle = handle();
        let endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
        let counted = |sql: &'static str| {
            handle.read(move |database| Ok(database.connection.query_row(sql, [], |row| row.get::<_, i64>(0))?))
        };
        assert!(matches!(counted(endless).await, Err(StoreError::QueryTimeout)));
        assert_eq!(counted("SELECT count(*) FROM flows").await.expect("a number"), 1);
    }

    #[tokio::test]
    async fn a_read_whose_client_has_gone_is_not_begun_but_a_write_is() {
        let handle = handle();
        let (release, held) = mpsc::channel::<()>();
        let ran = Arc::new(AtomicUsize::new(0));
        // Holds the database thread up until the others wait behind it.
        let other = handle.clone();
        let first = tokio::spawn(async move {
            other.write(move |_| held.recv().map_err(|_| StoreError::Closed)).await.expect("it is released");
        });
        let counting = |amount: usize| {
            let ran = Arc::clone(&ran);
            move || ran.fetch_add(amount, Ordering::SeqCst)
        };
        let (read, write) = (counting(1), counting(10));
        let (mut read, mut write) =
            (Box::pin(handle.read(move |_| Ok(read()))), Box::pin(handle.write(move |_| Ok::<_, StoreError>(write()))));
        // One look is enough to put the work into the queue.
        assert!(futures_util::poll!(&mut read).is_pending() && futures_util::poll!(&mut write).is_pending());
        drop((read, write));
        release.send(()).expect("it waits");
        first.await.expect("it ends");
        handle.read(|_| Ok(())).await.expect("it runs after the others");
        assert_eq!(ran.load(Ordering::SeqCst), 10);
    }
}
