//! The database threads, and the handle that gives them work.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rusqlite::ErrorCode;
use tokio::sync::{mpsc, oneshot};

use super::data_file::Connections;
use super::database::Database;
use super::posts;
use crate::bell::Bell;
use crate::clock::Clock;
use crate::domain::StoredMessage;
use crate::domain::posting::{MAX_POSTS, Post};
use crate::metrics::Metrics;
use crate::store::{PostError, StoreError};

/// How many jobs each queue holds. When it is full, the callers wait.
const QUEUE: usize = 1024;

/// How long a query may read. Every query starts from an index, so this is a hundred times what one needs; a query that
/// takes longer would hold up everybody.
const READ_TIME: Duration = Duration::from_millis(500);

/// How many steps of SQLite's machine pass between two looks at the clock: less than a millisecond.
const STEPS: i32 = 10_000;

/// What waits for the writer.
enum Job {
    /// A post, which is stored together with others.
    Post(Box<posts::Waiting>),
    /// Any other work.
    Other(Work),
}

type Work = Box<dyn FnOnce(&mut Database) + Send>;

/// The data file was removed, or another one is in its place.
#[derive(Debug, thiserror::Error)]
#[error("{} was removed or replaced while the inbox used it; the inbox stops, and has answered no post since", .0.display())]
pub struct DataFileGone(PathBuf);

/// A handle of the database threads, which are the writer and the readers. They end when the last handle is dropped.
#[derive(Clone)]
pub struct Handle {
    jobs: mpsc::Sender<Job>,
    /// The queue of the readers. Without readers, the writer reads as well.
    reads: Option<mpsc::Sender<Work>>,
    /// How many jobs of [`Handle::write`] have run, whether or not they changed anything.
    changes: Arc<AtomicU64>,
    /// How many jobs have deleted messages.
    removals: Arc<AtomicU64>,
}

impl Handle {
    /// Starts the database threads. Join the returned handle to wait until they have ended and closed the file. If the data
    /// file goes away, or after a fault of the program, they end by themselves and close `bell`.
    ///
    /// The writer itself rings `bell` after each stored message. So the streams hear of a stored message even if
    /// its client has disconnected.
    pub fn start(
        connections: Connections,
        bell: Bell,
        clock: Clock,
        metrics: Metrics,
    ) -> io::Result<(Handle, JoinHandle<Result<(), DataFileGone>>)> {
        let Connections { writer, readers, lock, identity } = connections;
        let database = |connection| Database::new(connection, bell.clone(), clock.clone()).map_err(io::Error::other);
        let (reads, waiting) = mpsc::channel::<Work>(QUEUE);
        let reads = (!readers.is_empty()).then_some(reads);
        let waiting = Arc::new(Mutex::new(waiting));
        let mut threads = Vec::new();
        for connection in readers {
            let (mut database, waiting) = (database(connection)?, Arc::clone(&waiting));
            threads.push(spawn("reader", move || {
                while let Some(work) = next(&waiting) {
                    work(&mut database);
                }
            })?);
        }
        let (jobs, mut waiting) = mpsc::channel::<Job>(QUEUE);
        let mut database = database(writer)?;
        let end = CloseAtEnd(bell);
        let thread = spawn("writer", move || {
            let mut jobs = Vec::new();
            let mut result = Ok(());
            while waiting.blocking_recv_many(&mut jobs, MAX_POSTS) > 0 {
                if let Some(file) = identity.as_ref().filter(|file| file.has_gone()) {
                    // Answers nobody: what was stored now would be lost.
                    result = Err(DataFileGone(file.path().to_owned()));
                    break;
                }
                run(&mut database, std::mem::take(&mut jobs), &metrics);
            }
            // In this order: the readers below end when the inbox stops.
            drop((jobs, waiting, end));
            // The connection that closes last empties the write-ahead log, which a reader could not do.
            for thread in threads {
                let _ = thread.join();
            }
            drop((database, lock));
            result
        })?;
        Ok((Handle { jobs, reads, changes: Arc::default(), removals: Arc::default() }, thread))
    }

    /// Stores a post and waits until it is on the disk. `None` if it was stored before, and its message was removed since.
    pub async fn post(&self, post: Post, file_ids: Vec<String>) -> Result<Option<StoredMessage>, PostError> {
        let (done, result) = oneshot::channel();
        let job = Job::Post(Box::new(posts::Waiting { post, file_ids, done }));
        self.jobs.send(job).await.map_err(|_| StoreError::Closed)?;
        result.await.map_err(|_| StoreError::Closed)?
    }

    /// A number that rises with each job of [`Handle::write`], before the job is answered.
    pub fn changes(&self) -> u64 {
        self.changes.load(Ordering::SeqCst)
    }

    /// Runs `work`, which deletes messages, as [`Handle::write`] does.
    pub async fn delete<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Database) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let removals = Arc::clone(&self.removals);
        self.write(move |database| {
            let result = work(database);
            removals.fetch_add(1, Ordering::SeqCst);
            result
        })
        .await
    }

    /// A number that rises when messages are deleted, before anybody hears of it.
    pub fn removals(&self) -> u64 {
        self.removals.load(Ordering::SeqCst)
    }

    /// Waits until the writer has done what came before.
    pub async fn pass(&self) -> Result<(), StoreError> {
        self.job(|_| ()).await
    }

    /// Runs `work` on the writer and waits for its result.
    async fn job<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        F: FnOnce(&mut Database) -> T + Send + 'static,
        T: Send + 'static,
    {
        let (done, result) = oneshot::channel();
        let job = Job::Other(Box::new(move |database| {
            let _ = done.send(work(database));
        }));
        self.jobs.send(job).await.map_err(|_| StoreError::Closed)?;
        result.await.map_err(|_| StoreError::Closed)
    }

    /// How many jobs wait for the writer.
    pub fn waiting(&self) -> usize {
        self.jobs.max_capacity() - self.jobs.capacity()
    }

    /// Runs `work`, which writes, on the writer and waits for its result.
    ///
    /// Once `work` is in the queue it runs, even if nobody waits for its result any more: a client may close its
    /// connection as soon as it has sent a message.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: FnOnce(&mut Database) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let changes = Arc::clone(&self.changes);
        let job = move |database: &mut Database| {
            let result = work(database);
            // Before anybody hears of the change.
            changes.fetch_add(1, Ordering::SeqCst);
            result
        };
        self.job(job).await?
    }

    /// Runs `work`, which only reads, on a reader and waits for its result. It sees everything that was answered
    /// before.
    ///
    /// If nobody waits for the result any more, `work` is not begun. If it takes longer than `READ_TIME`, it ends with
    /// [`StoreError::QueryTimeout`].
    pub async fn read<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        F: FnOnce(&Database) -> Result<T, StoreError> + Send + 'static,
        T: Send + 'static,
    {
        let (done, result) = oneshot::channel();
        let work: Work = Box::new(move |database| {
            if !done.is_closed() {
                let _ = done.send(in_time(database, work));
            }
        });
        let is_sent = match &self.reads {
            Some(reads) => reads.send(work).await.is_ok(),
            None => self.jobs.send(Job::Other(work)).await.is_ok(),
        };
        if !is_sent {
            return Err(StoreError::Closed);
        }
        result.await.map_err(|_| StoreError::Closed)?
    }
}

/// Closes the bell when the writer ends, also by a panic: nothing can be stored any more, so the inbox stops.
struct CloseAtEnd(Bell);

impl Drop for CloseAtEnd {
    fn drop(&mut self) {
        self.0.close();
    }
}

fn spawn<T: Send + 'static>(name: &str, work: impl FnOnce() -> T + Send + 'static) -> io::Result<JoinHandle<T>> {
    thread::Builder::new().name(name.to_owned()).spawn(work)
}

/// Waits for the next work of the readers. One of them waits for the work, the others for their turn.
fn next(waiting: &Mutex<mpsc::Receiver<Work>>) -> Option<Work> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv()
}

/// Runs jobs that have arrived: first all posts in one transaction, then the others in the order of their arrival. Nobody
/// in the queue has been answered, so any order is one that could have been. Nothing else runs inside the transaction: it
/// would see messages that may yet be rolled back.
fn run(database: &mut Database, jobs: Vec<Job>, metrics: &Metrics) {
    let (mut posts, mut others) = (Vec::new(), Vec::new());
    for job in jobs {
        match job {
            Job::Post(post) => posts.push(*post),
            Job::Other(work) => others.push(work),
        }
    }
    if !posts.is_empty() {
        let (start, count) = (Instant::now(), posts.len());
        let posts::Counts { stored, repeated } = posts::store(database, posts);
        metrics.count_commit(count, stored, repeated, start.elapsed());
    }
    for work in others {
        work(database);
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
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    use super::*;
    use crate::store::DataFile;

    fn handle() -> Handle {
        let opened = DataFile::Memory.open(false, 0).expect("it opens");
        Handle::start(opened.connections, Bell::default(), Clock::stopped_at(0), Metrics::default())
            .expect("a thread")
            .0
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
        // Holds the writer up until the others wait behind it.
        let (begin, begun) = oneshot::channel();
        let other = handle.clone();
        let first = tokio::spawn(async move {
            let hold = move |_: &mut Database| {
                let _ = begin.send(());
                held.recv().map_err(|_| StoreError::Closed)
            };
            other.write(hold).await.expect("it is released");
        });
        begun.await.expect("the writer has begun");
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

    #[tokio::test]
    async fn the_bell_closes_when_a_fault_ends_the_writer() {
        let bell = Bell::default();
        let mut listener = bell.listen();
        let opened = DataFile::Memory.open(false, 0).expect("it opens");
        let clock = Clock::stopped_at(0);
        let (handle, thread) = Handle::start(opened.connections, bell, clock, Metrics::default()).expect("threads");
        let answer = handle.write::<(), StoreError, _>(|_| panic!("a fault, on purpose")).await;
        assert!(matches!(answer, Err(StoreError::Closed)));
        listener.closed().await;
        drop(handle);
        assert!(thread.join().is_err());
    }
}
