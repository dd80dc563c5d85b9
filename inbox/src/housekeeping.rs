//! Deletes in the background what was removed and what is too old.

use std::time::Duration;

use crate::clock::Clock;
use crate::store::{Store, StoreError};

/// The time from the start of a sweep to that of the next one, which waits until the first one has ended.
const INTERVAL: Duration = Duration::from_secs(60 * 60);

/// Sweeps at once and then every hour. With `keep`, also removes messages older than that.
pub async fn run(store: Store, clock: Clock, keep: Option<Duration>) {
    loop {
        tokio::join!(clock.wait_for(INTERVAL), sweep(&store, &clock, keep));
    }
}

/// Deletes each kind of what is to be deleted. A kind that fails is logged, does not stop the others, and is tried again by the next sweep.
async fn sweep(store: &Store, clock: &Clock, keep: Option<Duration>) {
    log("what was removed", store.finish_removals().await);
    log("files without a message", store.discard_abandoned_files().await);
    log("what is known of old posts", store.forget_posts().await);
    if let Some(keep) = keep {
        let keep_ms = i64::try_from(keep.as_millis()).unwrap_or(i64::MAX);
        log("old messages", store.remove_older(clock.now_ms().saturating_sub(keep_ms)).await);
    }
}

fn log(what: &str, result: Result<(), StoreError>) {
    if let Err(error) = result {
        tracing::error!("could not delete {what}: {error}");
    }
}
