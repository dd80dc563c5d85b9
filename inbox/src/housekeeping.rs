//! Deletes in the background what was removed and what is too old.

use std::time::Duration;

use crate::clock::Clock;
use crate::store::{Store, StoreError};

/// The time between two sweeps.
const INTERVAL: Duration = Duration::from_secs(60 * 60);

/// Sweeps at once and then every hour. With `keep`, also removes messages older than that. If a sweep fails, it logs the error,
/// and the next sweep tries again.
pub async fn run(store: Store, clock: Clock, keep: Option<Duration>) {
    loop {
        if let Err(error) = sweep(&store, &clock, keep).await {
            tracing::error!("could not delete what was removed or is too old: {error}");
        }
        clock.wait_for(INTERVAL).await;
    }
}

async fn sweep(store: &Store, clock: &Clock, keep: Option<Duration>) -> Result<(), StoreError> {
    store.finish_removals().await?;
    if let Some(keep) = keep {
        let keep_ms = i64::try_from(keep.as_millis()).unwrap_or(i64::MAX);
        store.remove_older(clock.now_ms().saturating_sub(keep_ms)).await?;
    }
    Ok(())
}
