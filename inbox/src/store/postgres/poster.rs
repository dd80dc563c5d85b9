//! Stores posts: many of them in one transaction.
//!
//! A commit waits for the disk and for the network. While it does, other posts arrive; they share the next commit. No post is delayed
//! to fill a transaction: one that is alone is stored alone.
//!
//! A transaction locks the rows of its flows in the order of their keys, so two transactions cannot deadlock. Two transactions that
//! post into one flow run one after the other. The lock gives the messages their ids: whoever reads "everything after id n" misses
//! nothing, because no id below a visible one can still be on its way. A sequence would not promise that.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;

use super::batch::{Batch, Filed, Outcome};
use super::batch_write::NotWritten;
use super::messages;
use super::shared::Shared;
use crate::domain::StoredMessage;
use crate::domain::posting::MAX_POSTS;
use crate::store::{PostError, StoreError};

/// How many tasks store posts. The posts of a flow always go to the same task, so the tasks of one inbox do not wait for each other's
/// locks.
const WRITERS: usize = 2;

/// How many posts each queue holds. When it is full, the callers wait.
const QUEUE: usize = 1024;

/// The pauses before a transaction is tried again that the server rolled back, or that never reached the server.
const PAUSES: [Duration; 2] = [Duration::from_millis(20), Duration::from_millis(200)];

/// A transaction that failed later than this is not tried again: whoever waits for it has waited long enough.
const TRY_AGAIN: Duration = Duration::from_secs(5);

/// What a client's handler waits for. `None` if the post was stored before, and its message was removed since.
type Answer = Result<Option<StoredMessage>, PostError>;

/// A post that waits for its transaction.
struct Waiting {
    filed: Filed,
    done: oneshot::Sender<Answer>,
}

/// The queues of the tasks that store posts. The tasks end when the last handle is dropped.
#[derive(Clone)]
pub struct Poster(Vec<mpsc::Sender<Waiting>>);

impl Poster {
    /// Starts the tasks.
    pub fn start(shared: &Arc<Shared>) -> Poster {
        Poster(
            (0..WRITERS)
                .map(|_| {
                    let (posts, waiting) = mpsc::channel(QUEUE);
                    tokio::spawn(run(Arc::clone(shared), waiting));
                    posts
                })
                .collect(),
        )
    }

    /// Stores a post and waits until it is on the disk of the database.
    pub async fn post(&self, filed: Filed) -> Answer {
        let (done, answer) = oneshot::channel();
        let writer = filed.post.sender.flow().key.unsigned_abs() % WRITERS as u64;
        let queue = &self.0[writer as usize];
        queue.send(Waiting { filed, done }).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// How many posts wait.
    pub fn waiting(&self) -> usize {
        self.0.iter().map(|queue| queue.max_capacity() - queue.capacity()).sum()
    }
}

async fn run(shared: Arc<Shared>, mut waiting: mpsc::Receiver<Waiting>) {
    let mut batch = Vec::new();
    while waiting.recv_many(&mut batch, MAX_POSTS).await > 0 {
        let (posts, done): (Vec<_>, Vec<_>) =
            std::mem::take(&mut batch).into_iter().map(|waiting| (waiting.filed, waiting.done)).unzip();
        let answers = store(&shared, &posts).await;
        for (answer, done) in answers.into_iter().zip(done) {
            let _ = done.send(answer);
        }
    }
}

/// Stores posts in one transaction. If one of them makes it fail, each gets a transaction of its own.
async fn store(shared: &Shared, posts: &[Filed]) -> Vec<Answer> {
    let (start, mut answers) = (Instant::now(), Vec::new());
    match commit_again(shared, posts).await {
        Ok(outcomes) => {
            let count = |is_counted: fn(&Outcome) -> bool| {
                outcomes.iter().filter(|outcome| outcome.as_ref().is_ok_and(is_counted)).count() as u64
            };
            let stored = count(|outcome| matches!(outcome, Outcome::New(_)));
            let repeated = count(|outcome| matches!(outcome, Outcome::Known(_)));
            shared.metrics.count_commit(posts.len(), stored, repeated, start.elapsed());
            for (outcome, filed) in outcomes.into_iter().zip(posts) {
                answers.push(answer(shared, outcome, filed).await);
            }
        }
        Err(error) if posts.len() > 1 && !error.is_temporary() && !error.is_disk_full() => {
            for filed in posts {
                answers.extend(Box::pin(store(shared, std::slice::from_ref(filed))).await);
            }
        }
        Err(error) => {
            let error = Arc::new(error);
            answers.extend(posts.iter().map(|_| Err(StoreError::Together(Arc::clone(&error)).into())));
        }
    }
    answers
}

/// What the client hears of its post.
async fn answer(shared: &Shared, outcome: Result<Outcome, PostError>, filed: &Filed) -> Answer {
    match outcome? {
        Outcome::New(message) => Ok(Some(message)),
        Outcome::Known(id) => {
            let database = shared.database().await?;
            Ok(messages::by_id(&database, filed.post.sender.flow().key, id).await?)
        }
    }
}

type Outcomes = Vec<Result<Outcome, PostError>>;

/// Stores posts in one transaction, and tries again what the server rolled back or never got.
async fn commit_again(shared: &Shared, posts: &[Filed]) -> Result<Outcomes, StoreError> {
    let (start, mut pauses) = (Instant::now(), PAUSES.into_iter());
    loop {
        match commit(shared, posts).await {
            Ok(outcomes) => return Ok(outcomes),
            Err(NotWritten::Perhaps(error)) => return Err(error),
            Err(NotWritten::Surely(error)) => {
                let may_succeed = error.is_temporary() && start.elapsed() < TRY_AGAIN;
                match pauses.next().filter(|_| may_succeed) {
                    Some(pause) => sleep(pause).await,
                    None => return Err(error),
                }
            }
        }
    }
}

async fn commit(shared: &Shared, posts: &[Filed]) -> Result<Outcomes, NotWritten> {
    let database = shared.database().await?;
    let now_ms = database.clock.now_ms();
    let mut batch = Batch::read(&database, posts, now_ms).await?;
    let outcomes: Outcomes = posts.iter().map(|filed| batch.apply(filed, now_ms)).collect();
    batch.write(&database, now_ms).await?;
    // The bell rings as soon as the messages are stored, even if nobody waits for the answers any more.
    let flows = posts.iter().zip(&outcomes).filter(|(_, outcome)| matches!(outcome, Ok(Outcome::New(_))));
    shared.ring(flows.map(|(filed, _)| filed.post.sender.flow().key));
    Ok(outcomes)
}
