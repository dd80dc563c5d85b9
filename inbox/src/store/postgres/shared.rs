//! What the handles of a store and its tasks share.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use deadpool_postgres::Pool;
use tokio::sync::Mutex;

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
    /// Whoever searches words holds this. So the other readers stay free.
    pub searching: Mutex<()>,
}

impl Shared {
    /// What a store that has just been opened shares.
    pub fn new(pool: Pool, bell: Bell, clock: Clock, metrics: Metrics, channel: String) -> Result<Shared, NoRandom> {
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
            searching: Mutex::default(),
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
