//! What the handles of a store and its tasks share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use deadpool_postgres::Pool;
use futures_util::future::BoxFuture;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::database::Database;
use super::outgoing::Outgoing;
use super::state::{self, Change};
use crate::bell::Bell;
use crate::clock::Clock;
use crate::domain::FlowKey;
use crate::metrics::Metrics;
use crate::secret::NoRandom;
use crate::store::StoreError;
use crate::store::sources_by_token::SourcesByToken;

/// How long a list waits for its turn.
const WAIT: Duration = Duration::from_secs(5);

/// What the handles of a store and its tasks share.
pub struct Shared {
    pool: Pool,
    pub bell: Bell,
    pub clock: Clock,
    pub metrics: Metrics,
    /// How often something changed that [`SourcesByToken`] remembers.
    pub changes: AtomicU64,
    /// How often messages were deleted.
    pub removals: AtomicU64,
    pub sources: SourcesByToken,
    /// What other inboxes are about to be told.
    pub outgoing: Arc<Outgoing>,
    /// The channel of the NOTIFYs, which inboxes on the same tables share.
    pub channel: String,
    /// Whoever deletes much holds this for each slice. So a post never waits for more than one slice.
    pub deleting: Mutex<()>,
    /// The turns of lists, which may take long. They are fewer than the connections, so that posts and the bell always find one.
    listing: Arc<Semaphore>,
    /// The turn of whoever searches words. So the other lists stay free.
    searching: Arc<Semaphore>,
}

impl Shared {
    /// What a store that has just been opened shares.
    pub fn new(pool: Pool, bell: Bell, clock: Clock, metrics: Metrics, channel: String) -> Result<Shared, NoRandom> {
        let lists = pool.status().max_size / 2;
        Ok(Shared {
            pool,
            bell,
            clock,
            metrics,
            changes: AtomicU64::new(0),
            removals: AtomicU64::new(0),
            sources: SourcesByToken::default(),
            outgoing: Arc::new(Outgoing::new()?),
            channel,
            deleting: Mutex::default(),
            listing: Arc::new(Semaphore::new(lists)),
            searching: Arc::new(Semaphore::new(1)),
        })
    }

    /// A connection from the pool.
    pub async fn database(&self) -> Result<Database, StoreError> {
        Ok(Database::new(self.pool.get().await?, self.clock.clone()))
    }

    /// A connection from the pool, in a transaction.
    pub async fn begin(&self) -> Result<Database, StoreError> {
        let database = self.database().await?;
        database.begin().await?;
        Ok(database)
    }

    /// Ends a transaction in which access may have ended. If none has, nobody is told.
    pub async fn end_access(&self, database: &Database, has_ended: bool) -> Result<(), StoreError> {
        if has_ended { self.commit(database, Change::EndOfAccess).await } else { database.commit().await }
    }

    /// Runs `read`, which reads a list, when it is its turn. Ends with [`StoreError::QueryTimeout`] if that takes too long.
    ///
    /// It runs in a transaction that limits the time of its statements. A second pool whose connections have that limit would save the
    /// round trips of the transaction, but behind a pooler an inbox does not know whose settings a connection has.
    pub async fn list<T, F>(&self, is_search: bool, read: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'a> FnOnce(&'a Database) -> BoxFuture<'a, Result<T, StoreError>> + Send + 'static,
    {
        let searching = if is_search { Some(turn(&self.searching).await?) } else { None };
        let turns = (searching, turn(&self.listing).await?);
        let database = self.database().await?;
        // Whoever waits for the list may go away. The turn ends only when the server has ended the statement.
        let list = tokio::spawn(async move {
            let (_turns, mut database) = (turns, database);
            database.begin_list().await?;
            let list = read(&database).await;
            match list {
                Ok(_) => database.commit().await?,
                // If this fails too, the connection is closed.
                Err(_) => drop(database.roll_back().await),
            }
            list
        });
        list.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Ends a transaction, and tells everybody what it changed.
    pub async fn commit(&self, database: &Database, change: Change) -> Result<(), StoreError> {
        state::count(database, change).await?;
        database.commit().await?;
        match change {
            Change::Sources => (),
            Change::Removals => {
                self.removals.fetch_add(1, Ordering::SeqCst);
            }
            Change::EndOfAccess => self.bell.announce_end_of_access(),
        }
        if change != Change::Removals {
            self.changes.fetch_add(1, Ordering::SeqCst);
        }
        self.outgoing.state();
        Ok(())
    }

    /// Tells everybody that these flows have new messages.
    pub fn ring(&self, flows: impl Iterator<Item = FlowKey> + Clone) {
        flows.clone().for_each(|flow| self.bell.ring(flow));
        self.outgoing.messages(flows);
    }
}

/// Waits for a turn.
async fn turn(turns: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, StoreError> {
    let turn = timeout(WAIT, Arc::clone(turns).acquire_owned()).await.map_err(|_| StoreError::QueryTimeout)?;
    turn.map_err(|_| StoreError::Closed)
}
