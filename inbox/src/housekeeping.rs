//! Deletes in the background what was removed.

use std::time::Duration;

use crate::clock::Clock;
use crate::store::Store;

/// The time between two sweeps.
const INTERVAL: Duration = Duration::from_secs(60 * 60);

/// Sweeps at once and then every hour, until the task is dropped.
///
/// An error is printed for the person who runs the inbox, and the next sweep tries again.
pub async fn run(store: Store, clock: Clock) {
    loop {
        if let Err(error) = store.finish_removals().await {
            eprintln!("flowdock-inbox: could not delete what was removed: {error}");
        }
        clock.wait_for(INTERVAL).await;
    }
}
