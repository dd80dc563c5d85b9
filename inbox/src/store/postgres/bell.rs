//! Hears of what other inboxes write to the same database, and tells them what this one writes.
//!
//! After its commit, an inbox sends a NOTIFY with the flows that have new messages. Each inbox listens on a connection of its own and rings its
//! bell. The NOTIFY is a statement of its own: inside a transaction it would make the commits of the whole server wait for each other. It is sent
//! every 10 ms at most, for all posts since then.
//!
//! A NOTIFY may be lost: with the connection, or in a pooler that carries none. So each inbox also asks once a second which of the
//! flows that somebody reads have new messages, and whether something else has changed (`state`). A NOTIFY only makes it sooner.

use std::future::poll_fn;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tokio_postgres::AsyncMessage;

use super::shared::Shared;
use super::state::{self, State};
use super::url::DatabaseUrl;
use crate::domain::FlowKey;
use crate::store::StoreError;

/// The time between two looks at the database.
const POLL: Duration = Duration::from_secs(1);

/// The shortest time between two NOTIFYs of an inbox.
const PAUSE: Duration = Duration::from_millis(10);

/// How long a NOTIFY to oneself may take.
const TEST_TIME: Duration = Duration::from_secs(2);

/// The word in a payload that an inbox sends to itself.
const TEST: &str = "test";

/// The shortest pause before the next attempt to listen.
const MIN_BACK_OFF: Duration = Duration::from_millis(100);

/// The longest pause before the next attempt to listen.
const MAX_BACK_OFF: Duration = Duration::from_secs(5);

/// Sends NOTIFYs as long as the store is open.
pub async fn tell(shared: Weak<Shared>) {
    while let Some(outgoing) = shared.upgrade().map(|shared| Arc::clone(&shared.outgoing)) {
        // The wait ends also without news, to see whether the store is open still.
        let _ = timeout(POLL, outgoing.news()).await;
        let Some(shared) = shared.upgrade() else { return };
        for payload in outgoing.take() {
            // The others hear of it from their polls.
            if let Err(error) = notify(&shared, &payload).await {
                tracing::warn!("could not tell other inboxes of news: {error}");
                break;
            }
        }
        drop(shared);
        sleep(PAUSE).await;
    }
}

async fn notify(shared: &Shared, payload: &str) -> Result<(), StoreError> {
    shared.database().await?.row("SELECT pg_notify($1, $2)", &[&shared.channel, &payload]).await.map(drop)
}

/// Polls as long as the store is open, and sooner when a NOTIFY comes.
pub async fn hear(shared: Weak<Shared>, listening: Option<DatabaseUrl>) {
    let (heard, mut news) = mpsc::channel(64);
    // Without anybody who listens, this keeps the channel open.
    let _heard = heard.clone();
    if let Some(url) = listening {
        tokio::spawn(listen(Weak::clone(&shared), url, heard));
    }
    let mut ticks = interval(POLL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut known, mut is_working) = (None, true);
    loop {
        let news = tokio::select! {
            news = news.recv() => news,
            _ = ticks.tick() => None,
        };
        let Some(shared) = shared.upgrade() else { return };
        if let Some(News::Messages(flows)) = news {
            flows.into_iter().for_each(|flow| shared.bell.ring(flow));
            continue;
        }
        match poll(&shared, &mut known).await {
            Ok(()) => is_working = true,
            Err(error) if std::mem::replace(&mut is_working, false) => {
                tracing::warn!("could not look for news of other inboxes: {error}");
            }
            Err(_) => (),
        }
    }
}

/// Looks which flows have new messages, and whether the counters have changed since `known`.
async fn poll(shared: &Shared, known: &mut Option<State>) -> Result<(), StoreError> {
    let database = shared.database().await?;
    let state = state::read(&database).await?;
    if let Some(known) = known.replace(state) {
        if known.sources != state.sources {
            shared.changes.fetch_add(1, Ordering::SeqCst);
        }
        if known.removals != state.removals {
            shared.removals.fetch_add(1, Ordering::SeqCst);
        }
        if known.ends_of_access != state.ends_of_access {
            shared.bell.announce_end_of_access();
        }
    }
    let flows = shared.bell.listened();
    if flows.is_empty() {
        return Ok(());
    }
    for row in database.rows("SELECT key, last_message_id FROM flows WHERE key = ANY($1)", &[&flows]).await? {
        shared.bell.tell_newest(row.try_get(0)?, row.try_get(1)?);
    }
    Ok(())
}

/// What a NOTIFY tells.
#[derive(Debug, PartialEq)]
enum News {
    /// These flows have new messages.
    Messages(Vec<FlowKey>),
    /// The counters have changed, or NOTIFYs may have been missed.
    Look,
}

/// Listens for NOTIFYs as long as the store is open.
async fn listen(shared: Weak<Shared>, url: DatabaseUrl, heard: mpsc::Sender<News>) {
    let (mut back_off, mut is_working) = (MIN_BACK_OFF, true);
    while shared.strong_count() > 0 {
        let begun = Instant::now();
        if let Err(error) = listen_once(&shared, &url, &heard).await
            && std::mem::replace(&mut is_working, false)
        {
            tracing::warn!("does not hear of other inboxes at once, only within a second: {error}");
        }
        if begun.elapsed() > MAX_BACK_OFF {
            (back_off, is_working) = (MIN_BACK_OFF, true);
        }
        let _ = heard.try_send(News::Look);
        sleep(back_off).await;
        back_off = (2 * back_off).min(MAX_BACK_OFF);
    }
}

/// Listens until the connection breaks, or until the store is closed.
async fn listen_once(shared: &Weak<Shared>, url: &DatabaseUrl, heard: &mpsc::Sender<News>) -> Result<(), StoreError> {
    let (client, mut connection) = url.connect().await?;
    let (forward, mut notifications) = mpsc::channel(64);
    // It ends when `client` or `notifications` is dropped.
    let driver = tokio::spawn(async move {
        while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
            if let AsyncMessage::Notification(notification) = message?
                && forward.send(notification.payload().to_owned()).await.is_err()
            {
                break;
            }
        }
        Ok::<_, tokio_postgres::Error>(())
    });
    let Some((channel, id)) = shared.upgrade().map(|shared| (shared.channel.clone(), shared.outgoing.id.clone()))
    else {
        return Ok(());
    };
    // The name of the channel has only letters, digits and lines.
    let listen = format!("LISTEN \"{channel}\"");
    let silent = |_| StoreError::Unreachable("the server does not answer to LISTEN".to_owned());
    timeout(TEST_TIME, client.batch_execute(&listen)).await.map_err(silent)??;
    if let Some(shared) = shared.upgrade() {
        notify(&shared, &format!("{id} {TEST}")).await?;
    }
    // What came before the connection listened.
    let _ = heard.try_send(News::Look);
    let (begun, mut is_tested) = (Instant::now(), false);
    while shared.strong_count() > 0 {
        match timeout(POLL, notifications.recv()).await {
            Ok(Some(payload)) => {
                let mut words = payload.split(' ');
                if words.next() == Some(&id) {
                    is_tested = is_tested || words.next() == Some(TEST);
                    continue;
                }
                if heard.send(read(words)).await.is_err() {
                    return Ok(());
                }
            }
            Ok(None) => return Ok(driver.await.map_err(|_| StoreError::Closed)??),
            Err(_) => (),
        }
        if !is_tested && begun.elapsed() > TEST_TIME {
            return Err(StoreError::Unreachable(
                "no NOTIFY comes through; if this is a pooler, name the database itself with --listen-url".to_owned(),
            ));
        }
    }
    Ok(())
}

/// Reads the words of a payload.
fn read<'a>(words: impl Iterator<Item = &'a str>) -> News {
    let mut flows = Vec::new();
    for word in words {
        match word.parse() {
            Ok(flow) => flows.push(flow),
            Err(_) => return News::Look,
        }
    }
    News::Messages(flows)
}

#[cfg(test)]
mod tests {
    use super::super::outgoing::Outgoing;
    use super::*;

    #[test]
    fn what_is_told_fits_into_payloads_and_is_read_again() {
        let outgoing = Outgoing::new().expect("random numbers");
        assert_eq!(outgoing.take(), Vec::<String>::new());
        let flows = 1_000_000_000_000_000_000..1_000_000_000_000_001_000_i64;
        outgoing.messages(flows.clone());
        let payloads = outgoing.take();
        assert!(payloads.len() > 1 && payloads.iter().all(|payload| payload.len() < 8000));
        let mut heard = Vec::new();
        for payload in &payloads {
            let mut words = payload.split(' ');
            assert_eq!(words.next(), Some(outgoing.id.as_str()));
            let News::Messages(flows) = read(words) else { panic!("messages") };
            heard.extend(flows);
        }
        assert_eq!(heard, flows.collect::<Vec<_>>());
        outgoing.state();
        outgoing.messages([7].into_iter());
        let payloads = outgoing.take();
        assert_eq!(payloads, [format!("{} state 7", outgoing.id)]);
        assert_eq!(read(payloads[0].split(' ').skip(1)), News::Look, "a look at everything finds the flow too");
    }
}
